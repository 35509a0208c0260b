import { DroneKeys } from './drone-keys.ts';
import { FetchPasses } from './fetch-passes.ts';
import { Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';

/** Whom a hub lets in beside those who have its secret, and what goes on for them. */
export class Access {
  readonly tokens: Tokens;
  readonly keys: DroneKeys;
  readonly passes = new FetchPasses();
  readonly sessions: Sessions;

  /** Throws ECONFIG if a file in the directory is not one that a hub wrote. */
  constructor(dir: string) {
    this.tokens = new Tokens(dir);
    this.keys = new DroneKeys(dir);
    this.sessions = new Sessions(this.tokens, this.keys);
  }
}
