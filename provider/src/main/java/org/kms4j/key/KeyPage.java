package org.kms4j.key;

import java.util.List;

/**
 * One answer to a {@link KeyQuery}.
 *
 * @param keys those within offset and limit
 * @param total how many there are without offset and limit
 */
public record KeyPage(List<KeyMetadata> keys, long total) {
  public KeyPage {
    keys = List.copyOf(keys);
  }
}
