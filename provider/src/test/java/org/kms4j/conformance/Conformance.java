package org.kms4j.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * The points of the JCA conformance list that a test holds; {@link ConformanceTest} counts them.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Tag("conformance")
public @interface Conformance {
  /** The numbers, as {@code C-27}. */
  String[] value();
}
