package org.kms4j.servlet.route;

import java.io.ByteArrayInputStream;
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
 * network. All is read once, as the server starts.
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

  private final Page document;
  private final Page page;
  private final Map<String, Page> parts;

  private DocsRoutes(ClassLoader loader) {
    String swagger = SWAGGER_FILES + version(loader) + "/";
    this.document = new Page(JSON, own("openapi.json"));
    this.page = new Page(HTML, own("docs.html"));
    this.parts =
        Map.of(
            "docs.js",
            new Page(SCRIPT, own("docs.js")),
            "swagger-ui.css",
            new Page(STYLE, read(loader, swagger + "swagger-ui.css")),
            "swagger-ui-bundle.js",
            new Page(SCRIPT, read(loader, swagger + "swagger-ui-bundle.js")));
  }

  /**
   * Reads the files that are packaged with this class.
   *
   * @throws IllegalStateException if one is missing; the message names it
   */
  public static DocsRoutes load() {
    return load(DocsRoutes.class.getClassLoader());
  }

  /** Likewise, with Swagger UI from elsewhere. */
  static DocsRoutes load(ClassLoader swagger) {
    return new DocsRoutes(swagger);
  }

  /** A file of the page: its name. */
  public static String file(Input input) throws ValidationException {
    Fields params = input.params();
    String name = params.text("file");
    params.end();
    return name;
  }

  /** The OpenAPI document. */
  public Reply document(Call<StatusRoutes.Nothing> call) {
    return document;
  }

  /** The page that shows it. */
  public Reply page(Call<StatusRoutes.Nothing> call) {
    return page;
  }

  /** What the page is made of. */
  public Reply part(Call<String> call) throws RefusedException {
    Page part = parts.get(call.input());
    if (part == null) {
      throw RefusedException.notFound("There is no file \"" + call.input() + "\"");
    }
    return part;
  }

  private static String version(ClassLoader loader) {
    Properties about = new Properties();
    try {
      about.load(new ByteArrayInputStream(read(loader, SWAGGER)));
    } catch (IOException e) {
      throw new UncheckedIOException(SWAGGER, e);
    }
    String version = about.getProperty("version");
    if (version == null) {
      throw new IllegalStateException(SWAGGER + " names no version");
    }
    return version;
  }

  private static byte[] own(String name) {
    return read(DocsRoutes.class.getResourceAsStream(name), name);
  }

  private static byte[] read(ClassLoader loader, String path) {
    return read(loader.getResourceAsStream(path), path);
  }

  private static byte[] read(@Nullable InputStream file, String name) {
    if (file == null) {
      throw new IllegalStateException(name + " is not packaged");
    }
    try (file) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
