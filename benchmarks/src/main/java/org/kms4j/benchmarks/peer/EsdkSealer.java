package org.kms4j.benchmarks.peer;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import com.amazonaws.encryptionsdk.CryptoResult;
import com.amazonaws.encryptionsdk.caching.CachingCryptoMaterialsManager;
import com.amazonaws.encryptionsdk.caching.LocalCryptoMaterialsCache;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.MaterialProviders;
import software.amazon.cryptography.materialproviders.model.AesWrappingAlg;
import software.amazon.cryptography.materialproviders.model.CreateRawAesKeyringInput;
import software.amazon.cryptography.materialproviders.model.MaterialProvidersConfig;

/**
 * AWS Encryption SDK with a local wrapping key, committing and unsigned: the lightest that it has.
 *
 * <p>For each message it does more than the others: a data key, its wrapping, HKDF and framing. The
 * AAD travels as its "encryption context", in base64.
 */
final class EsdkSealer {
  private static final String NAMESPACE = "benchmarks";
  private static final String NAME = "wrapping-key";
  private static final int CACHED_MATERIALS = 10;
  private static final long MAX_AGE_MINUTES = 60;
  private static final AwsCrypto SDK =
      AwsCrypto.builder()
          .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
          .build();

  private EsdkSealer() {}

  /** A new data key for each message. */
  static Sealers keyring(byte[] key) {
    IKeyring keyring =
        MaterialProviders.builder()
            .MaterialProvidersConfig(MaterialProvidersConfig.builder().build())
            .build()
            .CreateRawAesKeyring(
                CreateRawAesKeyringInput.builder()
                    .keyNamespace(NAMESPACE)
                    .keyName(NAME)
                    .wrappingKey(ByteBuffer.wrap(key.clone()))
                    .wrappingAlg(AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16)
                    .build());
    return aad -> new OfKeyring(keyring, context(aad));
  }

  /** One data key for many messages. */
  static Sealers caching(byte[] key) {
    CryptoMaterialsManager materials =
        CachingCryptoMaterialsManager.newBuilder()
            .withMasterKeyProvider(
                JceMasterKey.getInstance(
                    new SecretKeySpec(key, "AES"), NAMESPACE, NAME, "AES/GCM/NoPadding"))
            .withCache(new LocalCryptoMaterialsCache(CACHED_MATERIALS))
            .withMaxAge(MAX_AGE_MINUTES, TimeUnit.MINUTES)
            .build();
    return aad -> new OfManager(materials, context(aad));
  }

  private static Map<String, String> context(byte[] aad) {
    return aad.length == 0 ? Map.of() : Map.of("aad", Base64.getEncoder().encodeToString(aad));
  }

  private record OfKeyring(IKeyring keyring, Map<String, String> context) implements Sealer {
    @Override
    public byte[] seal(byte[] plaintext) {
      return SDK.encryptData(keyring, plaintext, context).getResult();
    }

    @Override
    public byte[] open(byte[] message) {
      return SDK.decryptData(keyring, message, context).getResult();
    }
  }

  /** This interface takes no context to open with, so it is compared afterwards. */
  private record OfManager(CryptoMaterialsManager materials, Map<String, String> context)
      implements Sealer {
    @Override
    public byte[] seal(byte[] plaintext) {
      return SDK.encryptData(materials, plaintext, context).getResult();
    }

    @Override
    public byte[] open(byte[] message) throws AEADBadTagException {
      CryptoResult<byte[], ?> result = SDK.decryptData(materials, message);
      if (!result.getEncryptionContext().entrySet().containsAll(context.entrySet())) {
        throw new AEADBadTagException("another encryption context");
      }
      return result.getResult();
    }
  }
}
