import type { Store } from '../store/store.ts';
import { DroneKeys } from './drone-keys.ts';
import { FetchPasses } from './fetch-passes.ts';
import { Secrets } from './secrets.ts';
import { Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';

/** Whom a hub lets in, and what goes on for them. */
export interface Access {
  tokens: Tokens;
  secrets: Secrets;
  keys: DroneKeys;
  passes: FetchPasses;
  sessions: Sessions;
}

/** `secret`: undefined for none. Throws ECONFIG if something that is stored is not what a hub wrote. */
export async function openAccess(store: Store, secret: string | undefined): Promise<Access> {
  const secrets = await Secrets.open(store, secret);
  const [tokens, keys] = [await Tokens.open(store), await DroneKeys.open(store)];
  return { secrets, tokens, keys, passes: new FetchPasses(), sessions: new Sessions(secrets, tokens, keys) };
}
