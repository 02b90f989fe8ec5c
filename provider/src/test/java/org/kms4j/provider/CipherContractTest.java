package org.kms4j.provider;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each message format keeps the whole contract of {@link CipherContract}, over each engine. */
@ParameterizedClass(name = "{0}, {1}")
@MethodSource("all")
class CipherContractTest {
  private final AesEngine engine;
  private final MessageFormat format;

  CipherContractTest(AesEngine engine, MessageFormat format) {
    this.engine = engine;
    this.format = format;
  }

  static Stream<Arguments> all() {
    return Arrays.stream(AesEngine.values())
        .flatMap(
            engine ->
                Arrays.stream(MessageFormat.values()).map(format -> Arguments.of(engine, format)));
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
  class Init extends CipherInitContract {
    Init() {
      super(format);
    }
  }

  @Nested
  class Data extends CipherDataContract {
    Data() {
      super(format);
    }
  }

  @Nested
  class Buffers extends CipherBufferContract {
    Buffers() {
      super(format);
    }
  }

  @Nested
  class Failures extends CipherFailureContract {
    Failures() {
      super(format);
    }
  }
}
