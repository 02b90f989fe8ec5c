/**
 * Wraps and unwraps key material under a root key, a KEK. Knows no key id: what binds a wrap comes
 * in as AAD.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.root;
