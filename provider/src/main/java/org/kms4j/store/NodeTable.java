package org.kms4j.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * The nodes of a {@link JdbcStore}, one row each ({@code kms-4.sql}).
 *
 * <p>Renewal and removal are one statement each on one row, and so in some order: a removal that
 * comes second finds another number of renewals, a renewal that comes second finds no row.
 *
 * <p>Safe for use by many threads and processes.
 */
final class NodeTable {
  private final Database database;

  NodeTable(Database database) {
    this.database = database;
  }

  void join(UUID node, long epoch, Duration lease) {
    database.writeDistinct(
        session ->
            session.update(
                "INSERT INTO kms_node (node_id, confirmed, renewals, lease_millis)"
                    + " VALUES (?, ?, 0, ?)",
                node.toString(),
                epoch,
                lease.toMillis()));
  }

  boolean renew(UUID node, long confirmed) {
    return database.writeDistinct(
            session ->
                session.update(
                    "UPDATE kms_node SET confirmed = ?, renewals = renewals + 1 WHERE node_id = ?",
                    confirmed,
                    node.toString()))
        == 1;
  }

  List<Node> all() {
    return database.read(
        session ->
            session.all(
                "SELECT node_id, confirmed, renewals, lease_millis FROM kms_node",
                NodeTable::node));
  }

  private static Node node(ResultSet row) throws SQLException {
    return new Node(
        UUID.fromString(row.getString(1)),
        row.getLong(2),
        row.getLong(3),
        Duration.ofMillis(row.getLong(4)));
  }

  boolean remove(Node seen) {
    return database.writeDistinct(
            session ->
                session.update(
                    "DELETE FROM kms_node WHERE node_id = ? AND renewals = ?",
                    seen.id().toString(),
                    seen.renewals()))
        == 1;
  }

  void leave(UUID node) {
    database.writeDistinct(
        session -> session.update("DELETE FROM kms_node WHERE node_id = ?", node.toString()));
  }
}
