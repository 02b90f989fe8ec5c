package org.kms4j.store;

import java.sql.SQLException;

/**
 * What differs between the databases that {@link Database} knows; all other SQL is the same for
 * each.
 *
 * <p>Implementations are safe for use by many threads.
 */
interface Dialect extends AutoCloseable {

  /** In the names of the schema scripts that are for this database alone. */
  String name();

  /** A connection of one's own, in no transaction. */
  Session borrow() throws SQLException;

  /**
   * Takes it back.
   *
   * @param good false if its work failed; what was not committed is then rolled back
   */
  void release(Session session, boolean good);

  /** Whether the writers of this process had better wait for one another before they begin. */
  boolean oneWriter();

  /** Keeps other processes from changing the schema until the transaction ends, if it can. */
  void lockSchema(Session session) throws SQLException;

  /**
   * Prepares the transaction that has just begun to read for minutes, all of one moment. Where the
   * database cannot show an old moment, nobody else writes until it ends.
   */
  void hold(Session session) throws SQLException;

  /** Whether a row, table or column is there already. */
  boolean isDuplicate(SQLException e);

  /** Whether the transaction lost against another, and may succeed if it is run again. */
  boolean isConflict(SQLException e);

  /** Whether the transaction waited in vain for a connection or a lock, and was rolled back. */
  boolean isBusy(SQLException e);

  /** From now on runs {@code wake} soon after other processes have changed something, if it can. */
  void listen(Runnable wake);

  /** Ends what {@link #listen} began. */
  void unlisten(Runnable wake);

  @Override
  void close();
}
