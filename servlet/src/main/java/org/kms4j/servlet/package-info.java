/**
 * The provider KMS as a REST API that clients of Infisical KMS can call. Start reading at {@link
 * org.kms4j.servlet.KmsServlet}, the straight line of every request, and at {@code Routes}, the API
 * on one page.
 */
@org.jspecify.annotations.NullMarked
package org.kms4j.servlet;
