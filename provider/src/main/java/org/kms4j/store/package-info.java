/**
 * Keeps wrapped keys where several processes can share them. Cannot unwrap anything: there is no
 * root key here.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.store;
