package org.kms4j.servlet.errand;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.kms4j.store.Session;
import org.kms4j.store.StoreException;

/**
 * Copies the rows of one table from one database into another with the same schema.
 *
 * <p>A row that is there and equal is left; one that differs, or another one in its place, is a
 * fault. Nothing is overwritten, but a count of seals that is too low is raised. Memory holds
 * {@link #BATCH} rows at a time.
 *
 * <p>For use by one thread, once.
 */
final class TableCopy {
  static final int BATCH = 500;

  /** Who has so many faults learns nothing from more. */
  private static final int MAX_FAULTS = 100;

  private final MovedTable table;
  private final Session from;
  private final Session to;
  private final Faults faults;
  private boolean empty;
  private long copied;
  private long there;

  TableCopy(MovedTable table, Session from, Session to, Faults faults) {
    this.table = table;
    this.from = from;
    this.to = to;
    this.faults = faults;
  }

  long copied() {
    return copied;
  }

  long there() {
    return there;
  }

  /** Does it, as far as there is no fault. */
  void run() throws SQLException {
    String name = table.table();
    empty = to.one("SELECT 1 FROM " + name + " LIMIT 1", row -> true).isEmpty();
    String keys = String.join(", ", table.key());
    String order = " ORDER BY " + keys + " LIMIT " + BATCH;
    String first = "SELECT * FROM " + name + order;
    String next =
        "SELECT * FROM %s WHERE (%s) > %s".formatted(name, keys, marks(table.key().size()));
    List<Map<String, Object>> batch = from.all(first, TableCopy::row);
    while (!batch.isEmpty() && faults.lines().size() < MAX_FAULTS) {
      copy(batch);
      Map<String, Object> last = batch.get(batch.size() - 1);
      batch = from.all(next + order, TableCopy::row, values(last, table.key()).toArray());
    }
  }

  private static Map<String, Object> row(ResultSet row) throws SQLException {
    ResultSetMetaData columns = row.getMetaData();
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String column = columns.getColumnName(i).toLowerCase(Locale.ROOT);
      Object value =
          Optional.ofNullable(row.getObject(i))
              .orElseThrow(() -> new StoreException("a row has no value in " + column));
      // SQLite chooses the type by the number, PostgreSQL by the column.
      values.put(column, value instanceof Number number ? number.longValue() : value);
    }
    return values;
  }

  private void copy(List<Map<String, Object>> batch) throws SQLException {
    List<Map<String, Object>> missing = empty ? batch : missing(batch);
    if (!missing.isEmpty() && faults.lines().isEmpty()) {
      insert(missing);
      copied += missing.size();
    }
  }

  private List<Map<String, Object>> missing(List<Map<String, Object>> batch) throws SQLException {
    // By the first column alone: a list of values finds its index in every database.
    List<String> first = table.key().subList(0, 1);
    Map<List<Object>, Map<String, Object>> found = new HashMap<>();
    for (Map<String, Object> row : found(batch, first)) {
      found.put(values(row, table.key()), row);
    }
    List<Map<String, Object>> missing = new ArrayList<>();
    for (Map<String, Object> row : batch) {
      Optional<Map<String, Object>> other =
          Optional.ofNullable(found.get(values(row, table.key())));
      if (other.isPresent()) {
        compare(row, other.get());
      } else {
        missing.add(row);
      }
    }
    requireRoom(missing);
    return missing;
  }

  private void compare(Map<String, Object> row, Map<String, Object> other) throws SQLException {
    String differing =
        row.keySet().stream()
            .filter(column -> !column.equals(MovedTable.SEALS))
            .filter(column -> !Objects.deepEquals(row.get(column), other.get(column)))
            .collect(Collectors.joining(", "));
    if (!differing.isEmpty()) {
      faults.add(place(row), "is there already, with another " + differing);
      return;
    }
    there++;
    if (row.get(MovedTable.SEALS) instanceof Long seals
        && other.get(MovedTable.SEALS) instanceof Long less
        && less < seals) {
      raise(row, seals);
    }
  }

  private void raise(Map<String, Object> row, long seals) throws SQLException {
    List<Object> values = new ArrayList<>(List.of(seals));
    values.addAll(values(row, table.key()));
    String key = String.join(" = ? AND ", table.key()) + " = ?";
    to.update(
        "UPDATE %s SET %s = ? WHERE %s".formatted(table.table(), MovedTable.SEALS, key),
        values.toArray());
  }

  /** Whether rows that are to come would find their names taken. */
  private void requireRoom(List<Map<String, Object>> missing) throws SQLException {
    if (table.unique().isEmpty() || missing.isEmpty()) {
      return;
    }
    Map<List<Object>, Map<String, Object>> taken = new HashMap<>();
    for (Map<String, Object> row : found(missing, table.unique())) {
      taken.put(values(row, table.unique()), row);
    }
    for (Map<String, Object> row : missing) {
      Optional.ofNullable(taken.get(values(row, table.unique())))
          .ifPresent(
              other ->
                  faults.add(
                      place(row),
                      "its %s is taken there by %s %s"
                          .formatted(
                              String.join(" and ", table.unique()), table.noun(), id(other))));
    }
  }

  private List<Map<String, Object>> found(List<Map<String, Object>> rows, List<String> columns)
      throws SQLException {
    List<Object> values =
        rows.stream().map(row -> values(row, columns)).distinct().flatMap(List::stream).toList();
    int count = values.size() / columns.size();
    String list =
        columns.size() == 1
            ? marks(count)
            : "(VALUES " + repeated(marks(columns.size()), count) + ")";
    return to.all(
        "SELECT * FROM %s WHERE (%s) IN %s"
            .formatted(table.table(), String.join(", ", columns), list),
        TableCopy::row,
        values.toArray());
  }

  private void insert(List<Map<String, Object>> rows) throws SQLException {
    List<String> columns = List.copyOf(rows.get(0).keySet());
    List<Object> values = rows.stream().flatMap(row -> values(row, columns).stream()).toList();
    to.update(
        "INSERT INTO %s (%s) VALUES %s"
            .formatted(
                table.table(),
                String.join(", ", columns),
                repeated(marks(columns.size()), rows.size())),
        values.toArray());
  }

  private static List<Object> values(Map<String, Object> row, List<String> columns) {
    return columns.stream().map(column -> Objects.requireNonNull(row.get(column), column)).toList();
  }

  private String id(Map<String, Object> row) {
    return values(row, table.key()).stream().map(Object::toString).collect(Collectors.joining(" "));
  }

  private String place(Map<String, Object> row) {
    return Faults.place(
        table.noun() + " " + id(row), Objects.toString(row.getOrDefault("name", ""), ""));
  }

  private static String marks(int count) {
    return "(" + repeated("?", count) + ")";
  }

  private static String repeated(String text, int count) {
    return String.join(", ", Collections.nCopies(count, text));
  }
}
