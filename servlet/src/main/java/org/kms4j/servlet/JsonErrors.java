package org.kms4j.servlet;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.kms4j.servlet.http.ErrorReply;
import org.kms4j.servlet.http.Json;

/**
 * What Tomcat refuses by itself, such as a broken path, in the shape of every other error; it tells
 * neither Tomcat's name nor its version.
 */
final class JsonErrors extends ErrorReportValve {
  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    if (response.getStatus() < 400
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    ErrorReply reply = ErrorReply.ofStatus(response.getStatus());
    String requestId = RequestId.draw();
    response.setStatus(reply.status());
    response.setContentType(KmsServlet.CONTENT_TYPE);
    AnswerHead.write(response, requestId);
    try {
      PrintWriter out = response.getReporter();
      if (out != null) {
        out.write(text(reply, requestId));
        response.finishResponse();
      }
    } catch (IOException e) {
      System.getLogger(JsonErrors.class.getName())
          .log(System.Logger.Level.DEBUG, "the client is gone", e);
    }
  }

  private static String text(ErrorReply reply, String requestId) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = Json.generator(bytes)) {
      reply.write(json, requestId);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
