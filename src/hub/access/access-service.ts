import type { ClientCalls } from '../../protocol/client-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { DroneKeys } from './drone-keys.ts';
import type { Principal } from './principal.ts';
import type { Secrets } from './secrets.ts';
import type { Tokens } from './tokens.ts';

export interface AccessServiceParts {
  secrets: Secrets;
  tokens: Tokens;
  keys: DroneKeys;
}

type AccessCall = 'secret.rotate' | 'token.create' | 'token.list' | 'token.remove';

/** Returns the handlers of calls about who is let in. */
export function accessHandlers(
  { secrets, tokens, keys }: AccessServiceParts,
  who: Principal,
): Pick<Handlers<ClientCalls>, AccessCall> {
  return {
    'secret.rotate': async ({ hash, grace }) => ({ until: await secrets.rotate(who, hash, grace) }),
    'token.create': async (params) => ({ token: await tokens.create(who, params) }),
    'token.list': () => ({ tokens: [...tokens.list(), ...keys.list()] }),
    'token.remove': async ({ name }) => {
      if (!(await keys.remove(name))) await tokens.remove(name);
    },
  };
}
