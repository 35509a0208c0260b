import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The stage of one row: a temporary directory, and everything that must end with it. */
export class Stage {
  dir = mkdtempSync(join(tmpdir(), 'fleet-bench-'));
  /** Returns the number of rounds for a row: more if they are short. */
  rounds;
  quick;
  /** How many drones whoever runs the bench wants; undefined for as many as the row has. */
  drones;
  #ends = [];
  #say;

  constructor({ quick, drones, say }) {
    this.quick = quick;
    this.drones = drones;
    this.#say = say;
    this.rounds = quick ? { short: 7, long: 2 } : { short: 21, long: 5 };
  }

  /** Creates a new directory. */
  place(name) {
    const path = join(this.dir, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Clean-up to run at the end, whatever happens, the latest first. */
  later(end) {
    this.#ends.push(end);
  }

  /** Prints something beside the table, such as a program that cannot be installed. */
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
