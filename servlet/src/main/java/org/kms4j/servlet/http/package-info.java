/**
 * What a route is made of: a table entry, what came in, checked, what goes out, and the one table
 * of errors. No servlet type is named here, so all of it is tested without a server.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.servlet.http;
