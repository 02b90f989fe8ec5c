/**
 * What was asked, by whom, of which key, and how it was answered: one record a request, kept before
 * the answer goes out. Knows callers, and nothing of HTTP.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.servlet.audit;
