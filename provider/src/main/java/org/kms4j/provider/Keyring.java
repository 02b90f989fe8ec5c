package org.kms4j.provider;

import java.security.InvalidKeyException;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kms4j.aead.Engine;
import org.kms4j.aead.IvSource;
import org.kms4j.key.KeyAlgorithm;
import org.kms4j.key.KeyMetadata;
import org.kms4j.key.KeyNameTakenException;
import org.kms4j.key.KeyNotExportableException;
import org.kms4j.key.KeyNotFoundException;
import org.kms4j.key.KeyPage;
import org.kms4j.key.KeyQuery;
import org.kms4j.key.KeyState;
import org.kms4j.key.KeyStateException;
import org.kms4j.key.KeyUsage;
import org.kms4j.key.KeyUsageException;
import org.kms4j.root.RootKey;
import org.kms4j.root.RootKeyException;
import org.kms4j.store.EpochWatch;
import org.kms4j.store.StoreException;
import org.kms4j.store.WrappedKeyStore;

/**
 * All keys that this process may use: a store, a root key, and a cache of what is in use.
 *
 * <p>Every change is durable when its call returns. Revoked means revoked: after {@link #disable},
 * {@link #delete} or {@link #rotate} has returned, no process that shares the store begins an
 * operation with what the key was before: each has confirmed that it has dropped it, or has lost
 * the lease under which it acts from memory. An operation begins with {@code init}, or with what
 * follows it later than a moment after; what is under way may finish. A store that does not answer
 * is a {@link StoreException} where it must be asked, and where the lease has run out. A key {@link
 * NewKeySpec#withStrict that is not strict} outlives the lease: who cannot reach the store goes on
 * with it, revoked or not.
 *
 * <p>Threats: material in the wrong place. It leaves this package by {@link #export} alone; what is
 * revoked, rotated or unused is wiped from memory. More seals under one key version than {@link
 * SealLimit} allows: each is counted before it is made, and the key rotates, or {@code init}
 * refuses.
 *
 * <p>Safe for use by many threads. {@link #close} wipes all material and closes store and root key.
 */
public final class Keyring implements AutoCloseable {
  /** How long a process acts on what it remembers without a word from the store: 30 s. */
  public static final Duration DEFAULT_LEASE = NodeLease.DEFAULT;

  /** For {@code within}: as long as it takes, which is a lease and a little at most. */
  private static final Duration TO_THE_END = ChronoUnit.FOREVER.getDuration();

  private static final int SEED_BYTES = 32;

  private final WrappedKeyStore store;
  private final RootKey rootKey;
  private final Engine engine;
  private final IvSource ivs;
  private final SecureRandom random = new SecureRandom();
  private final KeyLoader loader;
  private final KeyMaterialCache cache;
  private final Rotation rotation;
  private final Changes changes;
  private final KeyTransfer transfer;
  private final Memory memory;

  /** Held here, since others hold it weakly. */
  private final SnapshotHook hook;

  private Keyring(
      WrappedKeyStore store,
      RootKey rootKey,
      Engine engine,
      SealLimit limit,
      Pace pace,
      Clock clock,
      IvSource ivs) {
    this.store = store;
    this.rootKey = rootKey;
    this.engine = engine;
    this.ivs = ivs;
    this.loader = new KeyLoader(rootKey, engine, new SealBudgets(store, limit, System::nanoTime));
    this.cache = new KeyMaterialCache(pace.age());
    this.rotation = new Rotation(store, rootKey, clock, random, cache, limit.rotates());
    this.transfer = new KeyTransfer(store, rotation, cache);
    this.memory = new Memory(store, pace, cache, id -> loader.loadMissed(store, id), ivs::freshen);
    this.changes = new Changes(store, cache, rotation, memory.confirmation());
    this.hook = SnapshotHook.register(this::reseed);
  }

  /**
   * Opens the keys of a store; a store that has none yet is bound to this root key for good.
   *
   * @throws RootKeyException if the store's keys are wrapped by another root key; names both
   */
  public static Keyring open(WrappedKeyStore store, RootKey rootKey) {
    return open(store, rootKey, AesEngine.SUN_JCE, SealLimit.DEFAULT);
  }

  /**
   * The same with another engine for AES-GCM, and another limit than {@link SealLimit#DEFAULT}.
   *
   * @throws ProviderException if the engine is not on the path, or does not work here; says why
   */
  public static Keyring open(
      WrappedKeyStore store, RootKey rootKey, AesEngine engine, SealLimit limit) {
    return open(store, rootKey, engine, limit, DEFAULT_LEASE);
  }

  /**
   * The same with another lease than {@link #DEFAULT_LEASE}.
   *
   * @param lease for how long this process acts on what it remembers while it cannot reach the
   *     store, and others wait for it who revoke; from 2 s to 1 h
   */
  public static Keyring open(
      WrappedKeyStore store, RootKey rootKey, AesEngine engine, SealLimit limit, Duration lease) {
    Pace pace = new Pace(EpochWatch.INTERVAL, lease);
    return open(store, rootKey, engine, limit, pace, Clock.systemUTC(), new IvSource());
  }

  static Keyring open(
      WrappedKeyStore store,
      RootKey rootKey,
      AesEngine choice,
      SealLimit limit,
      Pace pace,
      Clock clock,
      IvSource ivs) {
    Engine engine = choice.load();
    KeyLoader.requireRootKey(store.claim(rootKey.id()), rootKey);
    Keyring keyring = new Keyring(store, rootKey, engine, limit, pace, clock, ivs);
    // The root key's, whatever the engine of the keyring.
    Engine.sunJce().start(keyring);
    engine.start(keyring);
    return keyring;
  }

  /** Makes a key of the default project that may not be exported. */
  public KeyMetadata create(String name, KeyAlgorithm algorithm) throws KeyNameTakenException {
    return create(NewKeySpec.of(name, algorithm));
  }

  /** Makes a key with new random material; an RSA pair takes seconds. */
  public KeyMetadata create(NewKeySpec spec) throws KeyNameTakenException {
    return transfer.create(spec, random);
  }

  /**
   * Makes a key of given material, for those who move here.
   *
   * @param keyId the id that it shall have
   * @param material copied; the caller wipes its own: 16 or 32 bytes for AES as the algorithm
   *     wants, 16 to 1,024 for HMAC, the private key in PKCS#8 DER for a pair
   * @throws InvalidKeyException if the algorithm does not take the material
   */
  public KeyMetadata importKey(UUID keyId, NewKeySpec spec, byte[] material)
      throws InvalidKeyException, KeyNameTakenException {
    return importKey(keyId, spec, KeyState.ENABLED, List.of(material));
  }

  /** The same of a key that moves here whole: in a state, with all its versions, oldest first. */
  public KeyMetadata importKey(UUID keyId, NewKeySpec spec, KeyState state, List<byte[]> versions)
      throws InvalidKeyException, KeyNameTakenException {
    return transfer.importKey(keyId, spec, state, versions);
  }

  /**
   * Hands out the material of the primary version, in the form that {@link #importKey} takes; older
   * versions stay. The one way by which material leaves: whoever can call it has the key for good,
   * whatever becomes of it here, and each call is an event ({@code EVENTS.md}).
   *
   * @return the caller's to wipe
   * @throws KeyNotExportableException if the key was made not to be exported
   * @throws KeyStateException if it is disabled
   */
  public byte[] export(UUID keyId) throws InvalidKeyException {
    // What was revoked is not given away for good, whether the key is strict or not.
    memory.confirm();
    return transfer.export(memory.find(keyId));
  }

  /**
   * Whether a version of the key is of this material, which is given as to {@link #importKey}. It
   * tells who has the material alone, so it asks for no permission to export.
   *
   * @throws InvalidKeyException if there is no such key, or its algorithm does not take the
   *     material
   */
  public boolean holds(UUID keyId, byte[] material) throws InvalidKeyException {
    return transfer.holds(memory.find(keyId), material);
  }

  /**
   * Whether another store, of the same root key, has this key as this keyring's has it: the same
   * facts but for the seals, and each version of the same material. What one seals, signs or
   * authenticates the other has to open, verify or repeat. No material stays in memory, and no seal
   * is counted, since nobody sees what was sealed.
   *
   * @throws KeyNotFoundException if one of them has no such key
   * @throws RootKeyException if a version does not open under the root key
   */
  public boolean agrees(WrappedKeyStore other, UUID keyId) throws KeyNotFoundException {
    return new KeyComparison(ivs).of(loader.load(store, keyId), loader.load(other, keyId));
  }

  /**
   * What is known of the key; from memory if it is in use.
   *
   * <p>Its {@code seals} are what the store has leased of the primary version: to this process up
   * to now, to others up to the last time that this one read the key or leased, five minutes ago at
   * most while the store answers. A lease counts in full, used up or not. {@link #findByName} and
   * {@link #list} always ask the store.
   */
  public KeyMetadata describe(UUID keyId) throws KeyNotFoundException {
    return memory.find(keyId).counted();
  }

  /** The key of this name. */
  public Optional<KeyMetadata> findByName(String project, String name) {
    return store.findByName(project, name);
  }

  /** The keys that the query asks for, in order of their names. */
  public KeyPage list(KeyQuery query) {
    return store.list(query);
  }

  /**
   * Gives the key new material: the next version, which becomes the primary. Earlier versions go on
   * opening what they sealed, and seal for who names them alone. Of several rotations at once each
   * adds a version of its own.
   */
  public KeyMetadata rotate(UUID keyId)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    return rotate(keyId, TO_THE_END).whole();
  }

  /** The same, which tells how far it has come by then; the key is rotated in any case. */
  public Revocation rotate(UUID keyId, Duration within)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    return changes.rotate(keyId, within);
  }

  /** Takes one seal from the budget of this version of the key. */
  void spend(KmsKey handle, ResolvedKey key, KeyMaterial.Sealing material)
      throws InvalidKeyException {
    if (!material.seals().spend()) {
      rotation.spent(handle, key, material);
    }
  }

  /** Lets a disabled key serve again. */
  public KeyMetadata enable(UUID keyId) throws KeyNotFoundException {
    return changes.setState(keyId, KeyState.ENABLED, TO_THE_END).whole();
  }

  /** Revokes the key until it is enabled again. */
  public KeyMetadata disable(UUID keyId) throws KeyNotFoundException {
    return disable(keyId, TO_THE_END).whole();
  }

  /** The same, which tells how far it has come by then; the key is disabled in any case. */
  public Revocation disable(UUID keyId, Duration within) throws KeyNotFoundException {
    return changes.setState(keyId, KeyState.DISABLED, within);
  }

  /**
   * Changes name, description and state in one step: {@code keyring.update(id, key ->
   * key.withName("b").withDescription("…"))}. What else {@code change} does is of no effect.
   *
   * @param change may run more than once
   */
  public KeyMetadata update(UUID keyId, UnaryOperator<KeyMetadata> change)
      throws KeyNotFoundException, KeyNameTakenException {
    return update(keyId, change, TO_THE_END).whole();
  }

  /** The same, which tells how far it has come by then; a key that is enabled waits for nobody. */
  public Revocation update(UUID keyId, UnaryOperator<KeyMetadata> change, Duration within)
      throws KeyNotFoundException, KeyNameTakenException {
    return changes.update(keyId, change, within);
  }

  /** Removes the key and all its versions, for good: nothing sealed under it opens again. */
  public KeyMetadata delete(UUID keyId) throws KeyNotFoundException {
    return delete(keyId, TO_THE_END).whole();
  }

  /** The same, which tells how far it has come by then; the key is removed in any case. */
  public Revocation delete(UUID keyId, Duration within) throws KeyNotFoundException {
    return changes.delete(keyId, within);
  }

  /**
   * Forgets all randomness that was read ahead, so that two copies of this process do not draw the
   * same IVs, and the lease, so that none lives on that of the other. To be called in each process
   * that was restored from a snapshot of its memory, before it encrypts; where {@code org.crac} is
   * present, a restored process calls it by itself.
   *
   * <p>A {@code Cipher} that was initialised to encrypt before this call refuses with an {@link
   * IllegalStateException} and wants {@code init}; decryption is of no concern.
   */
  public void reseed() {
    memory.copied();
    ivs.reseed();
    random.setSeed(ivs.draw(SEED_BYTES).bytes());
  }

  /** The public key of a pair, an ordinary one of the JDK's, to be given to everybody. */
  public PublicKey publicKey(UUID keyId)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    return signing(keyId).publicKey();
  }

  /** A handle of the private key of a pair, for {@code Signature.initSign}. */
  public KmsPrivateKey privateKey(UUID keyId)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    KeyMaterial.Signing pair = signing(keyId);
    return KmsPrivateKey.of(keyId, pair.algorithm(), pair.publicKey());
  }

  KeyMaterial.Signing signing(UUID keyId)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    return (KeyMaterial.Signing) memory.primary(keyId, KeyUsage.SIGN_VERIFY);
  }

  /** The key, if it may serve for this. */
  ResolvedKey resolve(UUID keyId, KeyUsage usage)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    return resolve(keyId, usage, null);
  }

  /** The same; {@code known}, of whatever key, saves the look-up until the cache has wiped it. */
  ResolvedKey resolve(UUID keyId, KeyUsage usage, @Nullable ResolvedKey known)
      throws KeyNotFoundException, KeyStateException, KeyUsageException {
    return memory.resolve(keyId, usage, known);
  }

  /** Whether the store answered when it was last asked, a moment ago; asks nothing by itself. */
  public boolean storeAnswers() {
    return memory.storeAnswers();
  }

  /**
   * What was revoked by this keyring and is not confirmed by all nodes yet, whether its caller
   * still waits or not, in the order in which it was made; of each key the last. Asks nothing by
   * itself.
   */
  public List<Revocation> pending() {
    return memory.pending();
  }

  /** The id under which others wait for this keyring; may change. */
  public UUID node() {
    return memory.node();
  }

  /** What may be acted on. */
  Memory memory() {
    return memory;
  }

  IvSource ivs() {
    return ivs;
  }

  Engine engine() {
    return engine;
  }

  /** For tests of what is wiped when. */
  KeyMaterialCache cache() {
    return cache;
  }

  @Override
  public void close() {
    hook.close();
    Engine.sunJce().stop(this);
    engine.stop(this);
    memory.close();
    store.close();
    rootKey.close();
  }
}
