import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where one row plays: a temporary directory, and all that has to end with it. */
export class Stage {
  dir = mkdtempSync(join(tmpdir(), 'fleet-bench-'));
  /** Rounds that a row takes, more where each is short. */
  rounds;
  quick;
  #ends = [];
  #say;

  constructor({ quick, say }) {
    this.quick = quick;
    this.#say = say;
    this.rounds = quick ? { short: 7, long: 2 } : { short: 21, long: 5 };
  }

  /** A new directory. */
  place(name) {
    const path = join(this.dir, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** What is done at the end, however it comes, the last first. */
  later(end) {
    this.#ends.push(end);
  }

  /** Says something beside the table, such as a peer that cannot be had. */
  say(text) {
    this.#say(text);
  }

  async end() {
    for (const end of this.#ends.reverse()) {
      await Promise.resolve()
        .then(end)
        .catch((error) => this.say(`cleaning up: ${error.message}`));
    }
    this.#ends = [];
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
