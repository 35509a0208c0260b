import type { EnvironmentChange } from '../../protocol/apps.ts';
import type { AppRecord } from './app-record.ts';
import type { Vault } from './vault.ts';

/** Returns the sealed values of an app's environment, by name. */
export function sealedEnvironment({ env }: AppRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, { sealed }]) => [name, sealed]));
}

/** Returns how one environment differs from another; `open` returns a value. A value is sealed anew each time. */
export function environmentChange(
  before: Record<string, string>,
  after: Record<string, string>,
  open: (sealed: string) => string,
): EnvironmentChange {
  const differs = (name: string, sealed: string) => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    return old === undefined || (old !== sealed && open(old) !== open(sealed));
  };
  const set = Object.keys(after).filter((name) => differs(name, after[name] ?? ''));
  return {
    set,
    changed: set.filter((name) => Object.hasOwn(before, name)),
    unset: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
  };
}

/** Returns the values of an environment, opened. Throws ECONFIG. */
export function openedEnvironment(
  env: Record<string, string>,
  vault: Pick<Vault, 'open'>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, sealed]) => [name, vault.open(sealed)]));
}
