package org.kms4j.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A database that knows each statement that the thread which made this has run, and how many rows
 * it got; what other threads do, such as those that poll, is not counted.
 */
final class CountingDialect extends DelegatingDialect {
  private final Thread thread = Thread.currentThread();
  private final String url;
  private final List<Asked> asked = new ArrayList<>();
  private long rows;

  /** A statement that was run, and its values. */
  record Asked(String sql, List<Object> values) {
    Asked {
      values = List.copyOf(values);
    }
  }

  private CountingDialect(String url, Dialect real) {
    super(real);
    this.url = url;
  }

  static CountingDialect open(String url) {
    return new CountingDialect(
        url, url.startsWith(Sqlite.PREFIX) ? Sqlite.open(url) : PostgreSql.open(url));
  }

  /** What was run since {@link #reset}. */
  List<String> statements() {
    return asked.stream().map(Asked::sql).toList();
  }

  /** The same, with the values of each. */
  List<Asked> asked() {
    return List.copyOf(asked);
  }

  long rows() {
    return rows;
  }

  void reset() {
    asked.clear();
    rows = 0;
  }

  @Override
  public Session borrow() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    boolean counts = Thread.currentThread().equals(thread);
    return new Session(counts ? counted(connection) : connection, "");
  }

  @Override
  public void release(Session session, boolean good) {
    session.close();
  }

  private Connection counted(Connection real) {
    return proxy(
        Connection.class,
        real,
        (method, args, result) ->
            result instanceof PreparedStatement statement
                ? counted(statement, (String) args[0])
                : result);
  }

  private PreparedStatement counted(PreparedStatement real, String sql) {
    List<Object> values = new ArrayList<>();
    return proxy(
        PreparedStatement.class,
        real,
        (method, args, result) -> {
          if (method.getName().equals("setObject")) {
            values.add(args[1]);
          }
          if (method.getName().startsWith("execute")) {
            asked.add(new Asked(sql, values));
          }
          return result instanceof ResultSet found ? counted(found) : result;
        });
  }

  private ResultSet counted(ResultSet real) {
    return proxy(
        ResultSet.class,
        real,
        (method, args, result) -> {
          if (method.getName().equals("next") && Boolean.TRUE.equals(result)) {
            rows++;
          }
          return result;
        });
  }

  /** What to make of the result of a call. */
  @FunctionalInterface
  private interface After {
    Object of(Method method, Object[] args, Object result);
  }

  private static <T> T proxy(Class<T> type, T real, After after) {
    return type.cast(
        Proxy.newProxyInstance(
            CountingDialect.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, args) -> {
              try {
                return after.of(method, args, method.invoke(real, args));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
