package org.kms4j.servlet.route;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.kms4j.servlet.http.Call;
import org.kms4j.servlet.http.Fields;
import org.kms4j.servlet.http.Input;
import org.kms4j.servlet.http.Page;
import org.kms4j.servlet.http.RefusedException;
import org.kms4j.servlet.http.Reply;
import org.kms4j.servlet.http.ValidationException;

/**
 * The API's own description: the OpenAPI document, and Swagger UI, which shows it without a
 * network.
 *
 * <p>Threat: a path that leads to another file. Files are found by an exact name, in a list of
 * three; nothing of a request becomes part of a path.
 *
 * <p>Safe for use by many threads.
 */
public final class DocsRoutes {
  private static final String JSON = "application/json; charset=utf-8";
  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private static final String SWAGGER = "META-INF/maven/org.webjars/swagger-ui/pom.properties";
  private static final String SWAGGER_FILES = "META-INF/resources/webjars/swagger-ui/";

  private static final Map<String, String> FILES =
      Map.of(
          "swagger-ui.css", STYLE,
          "swagger-ui-bundle.js", SCRIPT,
          "docs.js", SCRIPT);

  /** A file of the page: its name. */
  public static String file(Input input) throws ValidationException {
    Fields params = input.params();
    String name = params.text("file");
    params.end();
    return name;
  }

  /** The OpenAPI document. */
  public Reply document(Call<StatusRoutes.Nothing> call) {
    return new Page(JSON, own("openapi.json"));
  }

  /** The page that shows it. */
  public Reply page(Call<StatusRoutes.Nothing> call) {
    return new Page(HTML, own("docs.html"));
  }

  /** What the page is made of. */
  public Reply part(Call<String> call) throws RefusedException {
    String name = call.input();
    String type = FILES.get(name);
    if (type == null) {
      throw RefusedException.notFound("There is no file \"" + name + "\"");
    }
    return new Page(type, name.equals("docs.js") ? own(name) : ofSwagger(name));
  }

  private static byte[] own(String name) {
    return read(DocsRoutes.class.getResourceAsStream(name), name);
  }

  private static byte[] ofSwagger(String name) {
    ClassLoader loader = DocsRoutes.class.getClassLoader();
    Properties about = new Properties();
    try (InputStream in = loader.getResourceAsStream(SWAGGER)) {
      about.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String path = SWAGGER_FILES + about.getProperty("version") + "/" + name;
    return read(loader.getResourceAsStream(path), path);
  }

  private static byte[] read(@Nullable InputStream file, String name) {
    if (file == null) {
      throw new AssertionError(name + " is not packaged");
    }
    try (file) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
