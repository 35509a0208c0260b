import type { ClientCalls } from '../../protocol/client-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { DroneKeys } from './drone-keys.ts';
import type { Principal } from './principal.ts';
import type { Secrets } from './secrets.ts';
import type { Tokens } from './tokens.ts';

export interface AccessServiceParts {
  secrets: Secrets;
  tokens: Tokens;
  keys: DroneKeys;
  directory: Pick<DroneDirectory, 'reserve'>;
}

type AccessCall = 'secret.rotate' | 'token.create' | 'token.list' | 'token.remove';

/** Returns the handlers of calls about who is let in. */
export function accessHandlers(
  { secrets, tokens, keys, directory }: AccessServiceParts,
  who: Principal,
): Pick<Handlers<ClientCalls>, AccessCall> {
  return {
    'secret.rotate': async ({ hash, grace }) => ({ until: await secrets.rotate(who, hash, grace) }),
    'token.create': async (params) => {
      const token = await tokens.create(who, params);
      if (params.drone && !params.invitation) directory.reserve(params.drone, params.name);
      return { token };
    },
    'token.list': () => ({ tokens: [...tokens.list(), ...keys.list()] }),
    'token.remove': async ({ name }) => {
      if (!(await keys.remove(name))) await tokens.remove(name);
    },
  };
}
