package org.kms4j.aead;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * One who uses an {@link Aead} message after message, and is then kept an engine of its own, so
 * that a message does without the exchange with {@link Slots}.
 *
 * <p>Threat: an engine remembers its last key. It is held weakly here, so that what lies idle for a
 * long time keeps no key that was revoked: the {@link Slots} of the key alone keep the engine, and
 * {@link Aead#destroy} clears them.
 *
 * <p>For use by one thread.
 */
public final class AeadUser {
  /** A new engine costs as much as ten messages: little beside so many. */
  static final int OFTEN = 256;

  private @Nullable Slots<?> slots;
  private int times;
  private @Nullable WeakReference<Object> own;

  /** What these slots keep for this user, if they do. */
  @Nullable Object own(Slots<?> here) {
    if (!hasOwn(here) || own == null) {
      return null;
    }
    Object found = own.get();
    if (found == null) {
      own = null;
    }
    return found;
  }

  /** Whether that was something when it was last asked for. */
  @SuppressWarnings("ReferenceEquality") // these slots, and no others
  boolean hasOwn(Slots<?> here) {
    return slots == here && own != null;
  }

  /** Counts a message; says whether it came often, always here, and is to be kept its engine. */
  @SuppressWarnings("ReferenceEquality") // these slots, and no others
  boolean comesOften(Slots<?> here) {
    if (slots != here) {
      slots = here;
      own = null;
      times = 0;
    }
    return ++times >= OFTEN;
  }

  /** The slots that it came to last keep this from now on. */
  void keep(Object used) {
    own = new WeakReference<>(used);
    times = 0;
  }
}
