package org.kms4j.provider;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.KeyStoreSpi;
import java.security.UnrecoverableEntryException;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyUsage;

/**
 * {@code KeyStore.getInstance("KMS")}: the keys of one project, as aliases and handles.
 *
 * <p>It is a view: nothing is read at {@code load}, nothing is left to write at {@code store};
 * every change is durable when its call returns, and {@code deleteEntry} removes the key for good.
 * An alias is the name of a key, letter case and all. Where no key has that name, a key id serves
 * as well. Passwords are ignored, since keytool has to give one: what protects a key is the root
 * key.
 *
 * <p>Threat: material that leaves by {@code getKey}. It gives handles alone; a disabled key is
 * shown, and refused where its handle is used.
 *
 * <p>Safe for use by many threads. A store that does not answer is a {@link
 * org.kms4j.store.StoreException}.
 */
final class KmsKeyStore extends KeyStoreSpi {
  /** How many keys {@code aliases} reads at once. */
  private static final int PAGE_KEYS = 10_000;

  private final Keyring keyring;
  private volatile String project = KeyMetadata.DEFAULT_PROJECT;

  KmsKeyStore(Keyring keyring) {
    this.keyring = keyring;
  }

  @Override
  public void engineLoad(@Nullable InputStream stream, char @Nullable [] ignored)
      throws IOException {
    if (stream != null) {
      throw new IOException("a KMS key store has no file: give load a null stream");
    }
    project = KeyMetadata.DEFAULT_PROJECT;
  }

  /** A parameter that is not ours comes from {@code KeyStore.Builder}, and holds a password. */
  @Override
  public void engineLoad(KeyStore.@Nullable LoadStoreParameter parameter) {
    project =
        parameter instanceof ProjectParameter ours ? ours.project() : KeyMetadata.DEFAULT_PROJECT;
  }

  /** With no stream there is nothing to do: every change is durable already. */
  @Override
  public void engineStore(@Nullable OutputStream stream, char @Nullable [] ignored)
      throws IOException {
    if (stream != null) {
      throw new IOException("keys of KMS are not written to a stream: their material stays within");
    }
  }

  @Override
  public void engineStore(KeyStore.@Nullable LoadStoreParameter ignored) {
    // Every change is durable already.
  }

  private Optional<KeyMetadata> find(String alias) {
    Optional<KeyMetadata> named =
        keyring.findByName(project, Objects.requireNonNull(alias, "alias"));
    return named.isPresent() ? named : keyId(alias).flatMap(this::describe);
  }

  private Optional<KeyMetadata> describe(UUID keyId) {
    try {
      return Optional.of(keyring.describe(keyId)).filter(key -> key.project().equals(project));
    } catch (KeyNotFoundException e) {
      return Optional.empty();
    }
  }

  /** The alias as a key id, if it is one written in full: {@code UUID} itself reads "1-1-1-1-1". */
  private static Optional<UUID> keyId(String alias) {
    try {
      return Optional.of(UUID.fromString(alias))
          .filter(id -> id.toString().equalsIgnoreCase(alias));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The one place that chooses the kind of handle: by the key's usage. */
  private Key handle(KeyMetadata key) throws UnrecoverableKeyException {
    if (key.usage() != KeyUsage.SIGN_VERIFY) {
      return KmsKey.of(key.id());
    }
    try {
      return keyring.privateKey(key.id());
    } catch (InvalidKeyException e) {
      UnrecoverableKeyException refused = new UnrecoverableKeyException(e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }

  @Override
  public @Nullable Key engineGetKey(String alias, char @Nullable [] ignored)
      throws UnrecoverableKeyException {
    Optional<KeyMetadata> key = find(alias);
    return key.isPresent() ? handle(key.get()) : null;
  }

  @Override
  public KeyStore.@Nullable Entry engineGetEntry(
      String alias, KeyStore.@Nullable ProtectionParameter ignored)
      throws UnrecoverableEntryException {
    Key key = engineGetKey(alias, null);
    if (key == null) {
      return null;
    }
    if (!(key instanceof SecretKey secret)) {
      throw new UnrecoverableEntryException(
          "key '" + alias + "' has no certificate and so is no entry: use getKey");
    }
    return new KeyStore.SecretKeyEntry(secret);
  }

  /** A key pair has no certificate, so it is no {@code PrivateKeyEntry}. */
  @Override
  public boolean engineEntryInstanceOf(String alias, Class<? extends KeyStore.Entry> kind) {
    return kind == KeyStore.SecretKeyEntry.class
        && find(alias).filter(key -> key.usage() != KeyUsage.SIGN_VERIFY).isPresent();
  }

  @Override
  public @Nullable Date engineGetCreationDate(String alias) {
    return find(alias).map(key -> Date.from(key.createdAt())).orElse(null);
  }

  /** The names as they were when this was called; keys that come and go meanwhile may be missed. */
  @Override
  public Enumeration<String> engineAliases() {
    Set<String> names = new LinkedHashSet<>();
    int offset = 0;
    List<KeyMetadata> page;
    do {
      page = keyring.list(new KeyQuery(project, "", false, offset, PAGE_KEYS)).keys();
      page.forEach(key -> names.add(key.name()));
      offset += PAGE_KEYS;
    } while (page.size() == PAGE_KEYS);
    return Collections.enumeration(names);
  }

  @Override
  public boolean engineContainsAlias(String alias) {
    return find(alias).isPresent();
  }

  @Override
  public int engineSize() {
    return Math.toIntExact(keyring.list(KeyQuery.first(project, 1)).total());
  }

  @Override
  public boolean engineIsKeyEntry(String alias) {
    return engineContainsAlias(alias);
  }

  @Override
  public void engineDeleteEntry(String alias) throws KeyStoreException {
    try {
      keyring.delete(find(alias).orElseThrow(() -> notFound(alias)).id());
    } catch (KeyNotFoundException e) {
      throw notFound(alias);
    }
  }

  private KeyStoreException notFound(String alias) {
    return new KeyStoreException("there is no key '" + alias + "' in project " + project);
  }

  /** Without the password that the JDK's own version of this method wants. */
  @Override
  public void engineSetEntry(
      String alias, KeyStore.Entry entry, KeyStore.@Nullable ProtectionParameter ignored)
      throws KeyStoreException {
    if (!(entry instanceof KeyStore.SecretKeyEntry secret)) {
      throw new KeyStoreException(
          "'%s' is not set: KMS takes a SecretKeyEntry, given is a %s"
              .formatted(alias, entry.getClass().getName()));
    }
    engineSetKeyEntry(alias, secret.getSecretKey(), null, null);
  }

  @Override
  public void engineSetKeyEntry(
      String alias, @Nullable Key key, char @Nullable [] ignored, Certificate @Nullable [] chain)
      throws KeyStoreException {
    if (chain != null && chain.length > 0) {
      throw noCertificates(alias);
    }
    try {
      importKey(Objects.requireNonNull(alias, "alias"), key);
    } catch (InvalidKeyException | KeyNameTakenException | IllegalArgumentException e) {
      throw new KeyStoreException("'" + alias + "' is not set: " + e.getMessage(), e);
    }
  }

  /** An alias that is a key id becomes that, and the name as well. */
  private void importKey(String alias, @Nullable Key key)
      throws InvalidKeyException, KeyNameTakenException {
    if (alias.isEmpty()) {
      throw new IllegalArgumentException("the alias is empty");
    }
    if (find(alias).isPresent()) {
      throw new KeyNameTakenException(project, alias);
    }
    Optional<UUID> asked = keyId(alias);
    try (ForeignKey foreign = ForeignKey.of(key)) {
      NewKeySpec spec = NewKeySpec.of(asked.isPresent() ? "" : alias, foreign.algorithm());
      keyring.importKey(
          asked.orElseGet(UUID::randomUUID), spec.inProject(project), foreign.material());
    }
  }

  @Override
  public void engineSetKeyEntry(
      String alias, byte @Nullable [] ignored, Certificate @Nullable [] chain)
      throws KeyStoreException {
    throw new KeyStoreException("'" + alias + "' is not set: KMS takes no key protected elsewhere");
  }

  @Override
  public void engineSetCertificateEntry(String alias, @Nullable Certificate ignored)
      throws KeyStoreException {
    throw noCertificates(alias);
  }

  private static KeyStoreException noCertificates(String alias) {
    return new KeyStoreException("'" + alias + "' is not set: KMS keeps no certificates");
  }

  @Override
  public boolean engineIsCertificateEntry(String alias) {
    return false;
  }

  @Override
  public @Nullable Certificate engineGetCertificate(String alias) {
    return null;
  }

  @Override
  public Certificate @Nullable [] engineGetCertificateChain(String alias) {
    return null;
  }

  @Override
  public @Nullable String engineGetCertificateAlias(@Nullable Certificate certificate) {
    return null;
  }
}
