package org.kms4j.servlet.audit;

import java.io.Serial;
import java.security.ProviderException;

/** The audit log cannot take a record, so that nothing may be answered that wants one. */
public final class AuditException extends ProviderException {
  @Serial private static final long serialVersionUID = 1L;

  AuditException(String message) {
    super(message);
  }

  AuditException(String message, Throwable cause) {
    super(message, cause);
  }
}
