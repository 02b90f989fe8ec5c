/** What each route does, one file a resource. Nothing here knows of servlets. */
@org.jspecify.annotations.NullMarked
package org.kms4j.servlet.route;
