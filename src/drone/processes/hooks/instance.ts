import { realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { FleetError } from '../../../protocol/errors.ts';
import { demandFree } from '../../../system/listening.ts';
import { insteadOfOurs } from '../environment.ts';
import { accountEnvironment, accountFor, commandAs } from '../user.ts';
import type { ProcessHook } from './hook.ts';

/**
 * Gives an instance what makes it one: its port, which nobody else may have, its directory, its user, and the variables
 * that say which instance it is: the app's own win over all of these. `shared` returns the folder of an app's shared files.
 */
export function instanceHook(shared: (app: string) => string): ProcessHook {
  return {
    beforeStart: async ({ instance, command, env: given }, { cwd: checkout }) => {
      if (!instance) return {};
      const { app, service, slot, release, port, dir, user } = instance;
      if (port !== null) await demandFree(port);
      const account = await accountFor(user);
      const cwd = dir === null ? checkout : directoryInside(checkout, dir);
      return {
        cwd,
        command: commandAs(account, command),
        env: {
          ...unlessGiven(given, {
            ...accountEnvironment(account),
            ...{ PWD: cwd, APP: app, SERVICE: service, INSTANCE: String(slot), RELEASE: String(release) },
            SHARED: shared(app),
            ...(port === null ? {} : { PORT: String(port) }),
          }),
          ...insteadOfOurs(given),
        },
      };
    },
  };
}

/** Returns the variables that the app does not set itself. */
function unlessGiven(
  given: Readonly<Record<string, string>>,
  variables: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !Object.hasOwn(given, name)));
}

/** Returns a directory of a checkout. Throws ESPAWN if it is not there, or if a link leads out of the checkout. */
function directoryInside(checkout: string, dir: string): string {
  const path = join(checkout, dir);
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new FleetError('ESPAWN', `there is no directory ${dir} in the commit`, { cause });
  }
  const root = realpathSync(checkout);
  if (real !== root && !real.startsWith(root + sep))
    throw new FleetError('ESPAWN', `${dir} leads out of the checkout`);
  return resolve(path);
}
