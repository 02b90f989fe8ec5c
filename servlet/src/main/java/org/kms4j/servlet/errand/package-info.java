/**
 * What {@code java -jar kms4j.war VERB} does to a home folder besides serving it: keys move in and
 * out. A server may run on the same home meanwhile.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.servlet.errand;
