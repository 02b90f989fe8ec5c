package org.kms4j.provider;

import org.kms4j.key.KeyMetadata;

/** An event of the flight recorder that is under way; its class may be absent, this is not. */
interface Timing {
  /** What nobody records. */
  Timing NONE =
      new Timing() {
        @Override
        public void about(KeyMetadata key, int version) {}

        @Override
        public void done() {}
      };

  /** Says what it is about, once that is known. */
  void about(KeyMetadata key, int version);

  /** Ends and records it. */
  void done();
}
