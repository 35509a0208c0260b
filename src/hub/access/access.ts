import { DroneKeys } from './drone-keys.ts';
import { FetchPasses } from './fetch-passes.ts';
import { Secrets } from './secrets.ts';
import { Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';

/** Whom a hub lets in, and what goes on for them. */
export class Access {
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly keys: DroneKeys;
  readonly passes = new FetchPasses();
  readonly sessions: Sessions;

  /** `secret`: undefined for none. Throws ECONFIG if a file in the directory is not one that a hub wrote. */
  constructor(dir: string, secret: string | undefined) {
    this.secrets = new Secrets(dir, secret);
    this.tokens = new Tokens(dir);
    this.keys = new DroneKeys(dir);
    this.sessions = new Sessions(this.secrets, this.tokens, this.keys);
  }
}
