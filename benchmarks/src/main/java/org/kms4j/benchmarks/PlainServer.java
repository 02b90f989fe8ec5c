package org.kms4j.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Serial;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.catalina.LifecycleException;

/**
 * What the start of the server is held against: the least that encrypts on the same embedded
 * Tomcat. Keys lie in memory, everybody may call, Jackson binds the body, the JDK seals.
 *
 * <p>{@code java -cp benchmarks/target/benchmarks.jar org.kms4j.benchmarks.PlainServer PORT KEY_ID}
 */
public final class PlainServer {
  private PlainServer() {}

  private static final class Encrypt extends HttpServlet {
    @Serial private static final long serialVersionUID = 1L;
    private static final int IV_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private final transient ObjectMapper json = new ObjectMapper();
    private final transient SecureRandom random = new SecureRandom();
    private final transient Map<UUID, SecretKey> keys = new ConcurrentHashMap<>();

    Encrypt(UUID keyId) {
      byte[] material = new byte[32];
      random.nextBytes(material);
      keys.put(keyId, new SecretKeySpec(material, "AES"));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      String[] path = request.getRequestURI().split("/", -1);
      SecretKey key = keys.get(UUID.fromString(path[path.length - 2]));
      if (key == null) {
        response.sendError(HttpServletResponse.SC_NOT_FOUND);
        return;
      }
      byte[] plaintext =
          json.readTree(request.getInputStream()).required("plaintext").binaryValue();
      byte[] body = json.writeValueAsBytes(Map.of("ciphertext", sealed(key, plaintext)));
      response.setContentType("application/json; charset=utf-8");
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }

    private byte[] sealed(SecretKey key, byte[] plaintext) {
      byte[] message = new byte[IV_BYTES + plaintext.length + TAG_BYTES];
      byte[] iv = new byte[IV_BYTES];
      random.nextBytes(iv);
      System.arraycopy(iv, 0, message, 0, IV_BYTES);
      try {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, iv));
        cipher.doFinal(plaintext, 0, plaintext.length, message, IV_BYTES);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("AES-GCM is there, and the array is large enough", e);
      }
      return message;
    }
  }

  public static void main(String[] args) throws IOException, LifecycleException {
    BareTomcat.serve(Integer.parseInt(args[0]), new Encrypt(UUID.fromString(args[1])));
  }
}
