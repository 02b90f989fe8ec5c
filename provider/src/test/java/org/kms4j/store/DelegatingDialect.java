package org.kms4j.store;

import java.sql.SQLException;

/** A database of which a test changes one property. */
class DelegatingDialect implements Dialect {
  private final Dialect real;

  DelegatingDialect(Dialect real) {
    this.real = real;
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public Session borrow() throws SQLException {
    return real.borrow();
  }

  @Override
  public void release(Session session, boolean good) {
    real.release(session, good);
  }

  @Override
  public boolean oneWriter() {
    return real.oneWriter();
  }

  @Override
  public void lockSchema(Session session) throws SQLException {
    real.lockSchema(session);
  }

  @Override
  public void hold(Session session) throws SQLException {
    real.hold(session);
  }

  @Override
  public boolean isDuplicate(SQLException e) {
    return real.isDuplicate(e);
  }

  @Override
  public boolean isConflict(SQLException e) {
    return real.isConflict(e);
  }

  @Override
  public boolean isBusy(SQLException e) {
    return real.isBusy(e);
  }

  @Override
  public void listen(Runnable wake) {
    real.listen(wake);
  }

  @Override
  public void unlisten(Runnable wake) {
    real.unlisten(wake);
  }

  @Override
  public void close() {
    real.close();
  }
}
