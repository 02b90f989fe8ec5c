package org.kms4j.servlet.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
  private static Networks networks(String... texts) {
    return Networks.parse(List.of(texts)).orElseThrow();
  }

  @Nested
  class AnAddress {
    @ParameterizedTest
    @CsvSource({
      "0.0.0.0, ::ffff:0:0",
      "10.1.2.3, ::ffff:a01:203",
      "255.255.255.255, ::ffff:ffff:ffff",
      "10.1.2.3, ::FFFF:10.1.2.3",
      "10.1.2.3, 0:0:0:0:0:ffff:10.1.2.3",
      "::, 0:0:0:0:0:0:0:0",
      "::1, 0:0:0:0:0:0:0:1",
      "1::, 1:0:0:0:0:0:0:0",
      "2001:db8::8:800:200c:417a, 2001:0DB8:0:0:8:800:200C:417A",
      "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
      "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8"
    })
    void hasSeveralSpellings(String one, String other) {
      assertEquals(IpAddress.parse(one).orElseThrow(), IpAddress.parse(other).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          " ",
          "localhost",
          "example.org",
          "1",
          "127.1",
          "1.2.3",
          "1.2.3.4.5",
          "1.2.3.4.",
          ".1.2.3.4",
          "1..2.3",
          "256.0.0.1",
          "01.2.3.4",
          "1.2.3.04",
          "0x7f.0.0.1",
          "2130706433",
          "1.2.3.4 ",
          " 1.2.3.4",
          "1.2.3.-4",
          "+1.2.3.4",
          "1.2.3.4\n",
          "\u0661.2.3.4",
          "1.2.3.4/8",
          ":",
          ":::",
          "1",
          "1:",
          ":1",
          "1:2",
          "1:2:3:4:5:6:7",
          "1:2:3:4:5:6:7:8:9",
          "1::2::3",
          "1:::2",
          "::1:",
          ":1::",
          "12345::",
          "g::",
          "::1%eth0",
          "fe80::1%1",
          "[::1]",
          "::1/128",
          "1:2:3:4:5:6:7:8::",
          "::1:2:3:4:5:6:7:8",
          "1:2:3:4::5:6:7:8:9",
          "1.2.3.4::",
          "::1.2.3",
          "::1.2.3.4.5",
          "::1.2.3.256",
          "::1.2.3.4:5",
          "1:2:3:4:5:6:7:1.2.3.4",
          "::ffff:10.1.2.3.4",
          "0000:0000:0000:0000:0000:ffff:255.255.255.2555"
        })
    void hasNoOther(String text) {
      assertEquals(Optional.empty(), IpAddress.parse(text));
      assertFalse(Networks.isAddress(text));
    }

    @Test
    void isReadAsTheJdkReadsIt() throws Exception {
      Random random = new Random(5);
      for (int i = 0; i < 10_000; i++) {
        byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
        random.nextBytes(bytes);
        // Zeros, so that there is something to leave out.
        for (int zero = random.nextInt(bytes.length); zero > 0; zero--) {
          bytes[random.nextInt(bytes.length)] = 0;
        }
        InetAddress jdk = InetAddress.getByAddress(bytes);

        IpAddress read = IpAddress.parse(jdk.getHostAddress()).orElseThrow();

        BigInteger bits =
            bytes.length == 4
                ? new BigInteger(1, bytes).or(BigInteger.valueOf(0xffff).shiftLeft(32))
                : new BigInteger(1, bytes);
        assertEquals(bits.shiftRight(64).longValue(), read.high(), jdk::getHostAddress);
        assertEquals(bits.longValue(), read.low(), jdk::getHostAddress);
      }
    }
  }

  @Nested
  class ANetwork {
    @ParameterizedTest
    @CsvSource({
      "10.0.0.0/8, 10.0.0.0",
      "10.0.0.0/8, 10.255.255.255",
      "10.1.2.3/8, 10.9.9.9",
      "10.1.2.3, 10.1.2.3",
      "10.1.2.3/32, 10.1.2.3",
      "10.1.2.2/31, 10.1.2.3",
      "0.0.0.0/0, 198.51.100.1",
      "10.0.0.0/8, ::ffff:10.1.1.1",
      "::ffff:10.0.0.0/104, 10.1.1.1",
      "2001:db8::/32, 2001:db8:ffff::1",
      "2001:db8::/33, 2001:db8:7fff::1",
      "2001:db8:0:1::/64, 2001:db8:0:1:ffff::",
      "2001:db8::/127, 2001:db8::1",
      "2001:db8::1, 2001:db8::1",
      "::/0, 2001:db8::1",
      "fe80::/10, fe80::1%eth0"
    })
    void hasWhatBeginsAlike(String network, String address) {
      assertTrue(networks(network).contain(address));
    }

    @ParameterizedTest
    @CsvSource({
      "10.0.0.0/8, 11.0.0.0",
      "10.0.0.0/8, 9.255.255.255",
      "10.1.2.3, 10.1.2.2",
      "10.1.2.2/31, 10.1.2.4",
      "0.0.0.0/0, ::1",
      "::/0, 10.1.1.1",
      "::/0, ::ffff:10.1.1.1",
      "::/1, 10.1.1.1",
      "2001:db8::/32, 2001:db9::1",
      "2001:db8::/33, 2001:db8:8000::1",
      "2001:db8:0:1::/64, 2001:db8:0:2::",
      "2001:db8::1, 2001:db8::2",
      "10.0.0.0/8, localhost",
      "10.0.0.0/8, ''"
    })
    void hasNothingElse(String network, String address) {
      assertFalse(networks(network).contain(address));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/ 8",
          "10.0.0.0/+8", "10.0.0.0/255.0.0.0", "/8", "::/129", "::/1000", "::/99999999999999",
          "example.org/8", "10/8", "*", "10.0.0.*"
        })
    void thatIsWrittenWrongIsNone(String text) {
      assertEquals(Optional.empty(), Networks.parse(List.of("10.0.0.0/8", text)));
    }
  }

  @Test
  void anyOfSeveralIsEnough() {
    Networks several = networks("10.0.0.0/8", "2001:db8::/32");

    assertTrue(several.contain("10.1.1.1"));
    assertTrue(several.contain("2001:db8::1"));
    assertFalse(several.contain("192.0.2.1"));
    assertThrows(AuthException.class, () -> several.require("192.0.2.1"));
  }

  @Test
  void everythingIsWelcomeWhereAllIs() {
    assertTrue(Networks.ANYWHERE.contain("10.1.1.1"));
    assertTrue(Networks.ANYWHERE.contain("::1"));
    assertTrue(Networks.ANYWHERE.contain("a socket of the file system"));
  }

  @Test
  void whatIsKeptIsWhatWasGiven() {
    Networks given = networks("10.1.2.3/8", "192.0.2.1", "2001:DB8::/32");

    Networks kept = Networks.stored(given.text());

    assertEquals(given.list(), kept.list());
    assertEquals("10.1.2.3/8 192.0.2.1 2001:DB8::/32", kept.text());
  }
}
