package org.kms4j.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Statements on one connection of a {@link Database}. Values always travel as parameters, never in
 * the text.
 *
 * <p>For use by the thread that was given it, within the work that it was given to.
 */
public final class Session {
  private final Connection connection;
  private final String announcement;

  /**
   * @param announcement the statement that tells other processes of a change; empty if there is
   *     none
   */
  Session(Connection connection, String announcement) {
    this.connection = connection;
    this.announcement = announcement;
  }

  /** Reads one row, columns from 1. */
  @FunctionalInterface
  public interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** The first row, if there is one. */
  public <T> Optional<T> one(String sql, Row<T> reader, Object... values) throws SQLException {
    return all(sql, reader, values).stream().findFirst();
  }

  /** All rows. */
  public <T> List<T> all(String sql, Row<T> reader, Object... values) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      bind(select, values);
      try (ResultSet row = select.executeQuery()) {
        List<T> rows = new ArrayList<>();
        while (row.next()) {
          rows.add(reader.read(row));
        }
        return rows;
      }
    }
  }

  /** Changes rows and says how many. */
  public int update(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      return statement.executeUpdate();
    }
  }

  /** Takes back what this transaction has done so far; it goes on, with nothing done. */
  public void undo() throws SQLException {
    connection.rollback();
  }

  /**
   * Calls other processes once this transaction is committed, where the database can. They ask by
   * themselves in any case.
   */
  public void announce() throws SQLException {
    if (!announcement.isEmpty()) {
      update(announcement);
    }
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  void begin() throws SQLException {
    connection.setAutoCommit(false);
  }

  void commit() throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
  }

  /** Ends the connection; what was not committed is rolled back. */
  void close() {
    try (connection) {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    } catch (SQLException e) {
      System.getLogger(Session.class.getName())
          .log(System.Logger.Level.DEBUG, "a connection did not close cleanly", e);
    }
  }
}
