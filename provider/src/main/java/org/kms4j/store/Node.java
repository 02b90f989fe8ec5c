package org.kms4j.store;

import java.time.Duration;
import java.util.UUID;

/**
 * A keyring that acts on what it remembers of the store, for a time that it must have renewed.
 *
 * <p>There is no date in it: clocks of two machines are never compared. Whoever has seen one number
 * of renewals stand for a whole lease, by its own clock, knows that the lease has run out.
 *
 * @param id another one each time that the node joins
 * @param confirmed all that changed up to this epoch the node has dropped from memory
 * @param renewals how often its lease was renewed
 * @param lease how long each renewal lets it act, to the millisecond
 */
public record Node(UUID id, long confirmed, long renewals, Duration lease) {}
