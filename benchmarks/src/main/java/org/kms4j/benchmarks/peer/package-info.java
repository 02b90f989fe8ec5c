/** Every way to encrypt that is measured, behind one small interface. */
@org.jspecify.annotations.NullMarked
package org.kms4j.benchmarks.peer;
