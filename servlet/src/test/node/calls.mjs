// What the scripts of all SDKs need: calls that are counted, so that a method which nobody called is
// found out, and errors that are looked at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export const { version } = JSON.parse(
  readFileSync("node_modules/@infisical/sdk/package.json", "utf8"),
);
export const base64 = (bytes) => Buffer.from(bytes).toString("base64");

export class Calls {
  #made = new Map();

  /** The same methods, counted. */
  of(group, methods) {
    const counted = {};
    for (const [name, method] of Object.entries(methods)) {
      const full = `${group}.${name}`;
      this.#made.set(full, this.#made.get(full) ?? 0);
      counted[name] = (...values) => {
        this.#made.set(full, this.#made.get(full) + 1);
        return method(...values);
      };
    }
    return counted;
  }

  /** Prints the sum, unless a method went without a call. */
  finish() {
    const idle = [...this.#made].filter(([, calls]) => calls === 0).map(([name]) => name);
    assert.deepEqual(idle, [], "methods that nobody called");
    const sum = [...this.#made.values()].reduce((a, b) => a + b, 0);
    console.log(`@infisical/sdk ${version}: ${this.#made.size} methods, ${sum} calls`);
  }
}

/** The error that a call must end with; fails if it does not. */
export async function errorOf(call) {
  return call.then(
    () => assert.fail("the call succeeds"),
    (error) => error,
  );
}
