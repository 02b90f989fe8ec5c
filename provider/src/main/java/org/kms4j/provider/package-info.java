/**
 * The provider. Start reading here.
 *
 * <p><b>What is it?</b> A key management system in the JVM. {@link org.kms4j.provider.KmsProvider}
 * offers {@code Cipher.getInstance("KMS/GCM/NoPadding")}, whose keys are names ({@link
 * org.kms4j.provider.KmsKey}). A {@link org.kms4j.provider.Keyring} resolves the name: it reads the
 * wrapped key from the store ({@code org.kms4j.store}), unwraps it under the root key ({@code
 * org.kms4j.root}) and keeps it in memory for as long as it is in use.
 *
 * <p><b>How do I use it?</b>
 *
 * <pre>{@code
 * Keyring keyring = KeyringConfig.load(Path.of("kms4j-home")).open();
 * Provider kms = new KmsProvider(keyring);
 * KmsKey key = KmsKey.of(keyring.create("orders", KeyAlgorithm.XAES_256_GCM).id());
 *
 * Cipher cipher = Cipher.getInstance("KMS/GCM/NoPadding", kms);
 * cipher.init(Cipher.ENCRYPT_MODE, key);
 * byte[] message = cipher.doFinal(plaintext);
 * cipher.init(Cipher.DECRYPT_MODE, key);
 * byte[] same = cipher.doFinal(message);
 * }</pre>
 *
 * <p>Signatures likewise, by a {@link org.kms4j.provider.KmsPrivateKey}; the public key is an
 * ordinary one:
 *
 * <pre>{@code
 * UUID id = keyring.create("invoices", KeyAlgorithm.ECC_NIST_P256).id();
 * Signature signature = Signature.getInstance("SHA256withECDSA", kms);
 * signature.initSign(keyring.privateKey(id));
 * signature.update(text);
 * byte[] signed = signature.sign();
 * PublicKey forEverybody = keyring.publicKey(id);
 * }</pre>
 *
 * <p>The provider has more services than {@code Cipher}: {@code KeyGenerator}, {@code
 * KeyPairGenerator}, {@code SecretKeyFactory} and {@code KeyStore} are named {@code KMS}; {@code
 * Signature} and {@code Mac} have the JDK's names and take handles of ours. A private key is a
 * {@link org.kms4j.provider.KmsPrivateKey}; its public key is an ordinary one of the JDK's.
 *
 * <p><b>How are keys handled?</b> Material is in this package alone, behind package-private types;
 * one public method returns it, {@link org.kms4j.provider.Keyring#export}, of keys that were made
 * to be exported. It is wiped when a key is revoked, rotated or no longer used. A process that
 * cannot reach the store serves what it remembers for the time of its lease, and keys that were
 * made not {@link org.kms4j.provider.NewKeySpec#withStrict strict} until it can. IVs are drawn
 * here; a caller cannot give one. Seals are counted by key version, and a key rotates before random
 * IVs could repeat ({@link org.kms4j.provider.SealLimit}).
 *
 * <p><b>What will still open in five years?</b> Every message that any version of this package
 * sealed: FORMAT.md freezes each format, and a rotated key keeps its old versions.
 *
 * <p>The path of a call: {@code KmsCipher} → {@link org.kms4j.provider.Keyring} → {@code
 * KeyMaterialCache} → {@code ResolvedKey} → {@code KeyMaterial}, and {@code SealedMessage} lays the
 * bytes out. {@code KmsSignature} and {@code KmsMac} take the same path; {@code SigningEngine} is
 * the one place that asks the JDK for key pairs and signatures.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.provider;
