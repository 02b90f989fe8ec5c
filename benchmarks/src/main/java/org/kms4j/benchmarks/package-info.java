/** What the hot path costs, beside its peers. How to run it: benchmarks/README.md. */
@org.jspecify.annotations.NullMarked
package org.kms4j.benchmarks;
