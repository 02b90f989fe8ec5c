/** From JMH's JSON to tables, charts, and which of the project's targets are met. */
@org.jspecify.annotations.NullMarked
package org.kms4j.benchmarks.report;
