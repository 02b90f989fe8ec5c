package org.kms4j.servlet.errand;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.kms4j.servlet.PostgresServer;
import org.kms4j.store.Database;

/** A database as an Infisical server would have left it, as far as its keys are concerned. */
public final class InfisicalTables implements AutoCloseable {
  public static final UUID PROJECT = UUID.fromString("33333333-3333-4333-8333-333333333333");
  private static final UUID ORGANISATION = UUID.fromString("44444444-4444-4444-8444-444444444444");
  private static final String IN_FORCE = "00000000-0000-0000-0000-000000000000";

  private static final List<String> OLDER =
      List.of(
          "CREATE TABLE projects (id varchar(36) PRIMARY KEY, name varchar NOT NULL,"
              + " slug varchar NOT NULL, \"orgId\" uuid NOT NULL)",
          "CREATE TABLE kms_root_config (id uuid PRIMARY KEY, \"encryptedRootKey\" bytea NOT NULL)",
          "CREATE TABLE kms_keys (id uuid PRIMARY KEY, description varchar,"
              + " \"isDisabled\" boolean DEFAULT false, \"isReserved\" boolean DEFAULT true,"
              + " \"orgId\" uuid NOT NULL, name varchar(32) NOT NULL,"
              + " \"createdAt\" timestamptz DEFAULT now(), \"updatedAt\" timestamptz DEFAULT now(),"
              + " \"projectId\" varchar(36) REFERENCES projects (id))",
          "CREATE TABLE internal_kms (id uuid PRIMARY KEY, \"encryptedKey\" bytea NOT NULL,"
              + " \"encryptionAlgorithm\" varchar NOT NULL, version integer DEFAULT 1 NOT NULL,"
              + " \"kmsKeyId\" uuid NOT NULL UNIQUE REFERENCES kms_keys (id))",
          "CREATE TABLE internal_kms_key_version (id uuid PRIMARY KEY,"
              + " \"encryptedKey\" bytea NOT NULL, version integer NOT NULL,"
              + " \"internalKmsId\" uuid NOT NULL REFERENCES internal_kms (id))");

  private static final List<String> LATER =
      List.of(
          "ALTER TABLE kms_keys ADD COLUMN \"keyUsage\" varchar DEFAULT 'encrypt-decrypt' NOT NULL",
          "ALTER TABLE kms_keys ADD COLUMN \"isExportable\" boolean DEFAULT true NOT NULL",
          "ALTER TABLE kms_keys ADD COLUMN \"kmipMetadata\" jsonb",
          "ALTER TABLE kms_root_config ADD COLUMN \"encryptionStrategy\" varchar"
              + " DEFAULT 'SOFTWARE'");

  private final String url;
  private final Database database;
  private final byte[] rootKey;

  private InfisicalTables(String url, byte[] rootKey) {
    this.url = url;
    this.database = Database.open(url);
    this.rootKey = rootKey;
  }

  /** Of a release of 2026, with one project. */
  public static InfisicalTables open(byte[] rootKey) {
    InfisicalTables tables = older(rootKey);
    LATER.forEach(tables::execute);
    return tables;
  }

  /** Of a release of 2024, with one project. */
  static InfisicalTables older(byte[] rootKey) {
    InfisicalTables tables = new InfisicalTables(PostgresServer.emptySchema(), rootKey);
    OLDER.forEach(tables::execute);
    tables.project(PROJECT.toString(), "payments");
    return tables;
  }

  public String url() {
    return url;
  }

  void execute(String sql, Object... values) {
    database.writeDistinct(session -> session.update(sql, values));
  }

  void project(String id, String name) {
    execute("INSERT INTO projects VALUES (?, ?, ?, ?)", id, name, name + "-x", ORGANISATION);
  }

  /** The root key, wrapped by the one that is in force. */
  public void root(byte[] wrap) {
    root(IN_FORCE, wrap);
  }

  void root(String id, byte[] wrap) {
    execute(
        "INSERT INTO kms_root_config (id, \"encryptedRootKey\") VALUES (CAST(? AS uuid), ?)",
        id,
        wrap);
  }

  /**
   * A key with all its versions, oldest first, which stand where a release of mid-2026 puts them.
   */
  public void key(UUID keyId, String name, String algorithm, byte[]... versions) throws Exception {
    List<byte[]> wraps = new ArrayList<>();
    for (byte[] version : versions) {
      wraps.add(wrap(rootKey, version));
    }
    wrapped(keyId, name, algorithm, wraps);
  }

  void wrapped(UUID keyId, String name, String algorithm, List<byte[]> wraps) {
    bare(keyId, name, PROJECT.toString(), false);
    int current = wraps.size();
    execute(
        "INSERT INTO internal_kms (id, \"encryptedKey\", \"encryptionAlgorithm\", version,"
            + " \"kmsKeyId\") VALUES (?, ?, ?, ?, ?)",
        keyId,
        wraps.get(current - 1),
        algorithm,
        current,
        keyId);
    for (int version = 1; version < current; version++) {
      version(keyId, version, wraps.get(version - 1));
    }
  }

  void version(UUID keyId, int version, byte[] wrap) {
    execute(
        "INSERT INTO internal_kms_key_version VALUES (?, ?, ?, ?)",
        UUID.randomUUID(),
        wrap,
        version,
        keyId);
  }

  /** A key without material. */
  void bare(UUID keyId, String name, String project, boolean reserved) {
    execute(
        "INSERT INTO kms_keys (id, \"isReserved\", \"orgId\", name, \"projectId\")"
            + " VALUES (?, ?, ?, ?, ?)",
        keyId,
        reserved,
        ORGANISATION,
        name,
        project);
  }

  /** As Infisical wraps: IV, ciphertext, tag. */
  public static byte[] wrap(byte[] key, byte[] content) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    byte[] iv = new byte[12];
    Arrays.fill(iv, (byte) content.length);
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
    byte[] sealed = cipher.doFinal(content);
    byte[] wrap = Arrays.copyOf(iv, iv.length + sealed.length);
    System.arraycopy(sealed, 0, wrap, iv.length, sealed.length);
    return wrap;
  }

  @Override
  public void close() {
    database.close();
  }
}
