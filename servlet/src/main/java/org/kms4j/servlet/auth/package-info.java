/**
 * Who calls, and what they may: a bearer string goes in, a {@link org.kms4j.servlet.auth.Caller}
 * comes out. Ground of the servlet; nothing here knows of HTTP.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.servlet.auth;
