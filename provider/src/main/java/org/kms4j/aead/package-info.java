/**
 * The one place that touches AES. {@link org.kms4j.aead.AesGcm} and {@link org.kms4j.aead.Xaes}
 * seal under an IV that only {@link org.kms4j.aead.IvSource} can draw, each for one message; there
 * is no way to hand in another. Knows neither key ids nor message formats.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.aead;
