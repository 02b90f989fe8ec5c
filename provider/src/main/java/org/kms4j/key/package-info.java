/**
 * What a key <em>is</em>, as data: its metadata, its wrapped form, and the ways in which a caller
 * can be wrong about it. Nothing here holds key material.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.key;
