package org.kms4j.store;

import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.kms4j.key.KeyNotFoundException;

/**
 * How many seals of each key version of a {@link JdbcStore} are leased ({@code kms-2.sql}).
 *
 * <p>A lease is one statement, but for the last seals of a version. The epoch does not move: what
 * others remember is still right.
 *
 * <p>Threat: two processes that are given the same seals. Count and limit are compared and changed
 * under the lock of the row.
 *
 * <p>Safe for use by many threads and processes.
 */
final class SealCounts {
  private final Database database;

  SealCounts(Database database) {
    this.database = database;
  }

  SealLease lease(UUID keyId, int version, long wanted, long limit) throws KeyNotFoundException {
    Optional<SealLease> lease =
        database.writeDistinct(session -> lease(session, keyId.toString(), version, wanted, limit));
    return lease.orElseThrow(() -> new KeyNotFoundException(keyId, version));
  }

  private static Optional<SealLease> lease(
      Session session, String keyId, int version, long wanted, long limit) throws SQLException {
    Optional<Long> leased =
        session.one(
            "UPDATE kms_key_version SET seals = seals + ?"
                + " WHERE key_id = ? AND version = ? AND seals <= ? RETURNING seals",
            row -> row.getLong(1),
            wanted,
            keyId,
            version,
            limit - wanted);
    return leased.isPresent()
        ? leased.map(after -> SealLease.of(after - wanted, wanted, limit))
        : leaseRest(session, keyId, version, wanted, limit);
  }

  private static Optional<SealLease> leaseRest(
      Session session, String keyId, int version, long wanted, long limit) throws SQLException {
    String row = " WHERE key_id = ? AND version = ?";
    // Changes nothing but locks the row: else two callers on PostgreSQL could read the same count.
    if (session.update("UPDATE kms_key_version SET seals = seals" + row, keyId, version) == 0) {
      return Optional.empty();
    }
    long before =
        session
            .one("SELECT seals FROM kms_key_version" + row, r -> r.getLong(1), keyId, version)
            .orElseThrow();
    SealLease lease = SealLease.of(before, wanted, limit);
    session.update("UPDATE kms_key_version SET seals = ?" + row, lease.leased(), keyId, version);
    return Optional.of(lease);
  }
}
