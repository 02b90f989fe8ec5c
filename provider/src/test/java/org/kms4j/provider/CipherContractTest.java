package org.kms4j.provider;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.kms4j.key.KeyAlgorithm;

/** Each message format keeps the whole contract of {@link CipherContract}, over each engine. */
@ParameterizedClass
@EnumSource(AesEngine.class)
class CipherContractTest {
  private final AesEngine engine;

  CipherContractTest(AesEngine engine) {
    this.engine = engine;
  }

  @BeforeEach
  void compute() {
    KmsFixture.compute(engine);
  }

  @AfterEach
  void computeAsEver() {
    KmsFixture.compute(AesEngine.SUN_JCE);
  }

  @Nested
  class Aes128Gcm extends CipherContract {
    Aes128Gcm() {
      super(KeyAlgorithm.AES_128_GCM, 1, 12, 12 + 16 + 3);
    }
  }

  @Nested
  class Aes256Gcm extends CipherContract {
    Aes256Gcm() {
      super(KeyAlgorithm.AES_256_GCM, 1, 12, 12 + 16 + 3);
    }
  }

  @Nested
  class Aes256GcmRotated extends CipherContract {
    Aes256GcmRotated() {
      super(KeyAlgorithm.AES_256_GCM, 2, 12, 12 + 16 + 4 + 3);
    }
  }

  @Nested
  class Xaes256Gcm extends CipherContract {
    Xaes256Gcm() {
      super(KeyAlgorithm.XAES_256_GCM, 1, 24, 77);
    }
  }

  @Nested
  class Xaes256GcmRotated extends CipherContract {
    Xaes256GcmRotated() {
      super(KeyAlgorithm.XAES_256_GCM, 3, 24, 77);
    }
  }
}
