package org.kms4j.store;

/** The store that other tests use keeps the promises of those that count. */
class MemoryStoreTest extends StoreContract {
  @Override
  WrappedKeyStore open() {
    return new MemoryStore();
  }
}
