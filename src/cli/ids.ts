import type { Client } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import type { DroneStatus } from '../protocol/process.ts';
import { note, type Output } from './io.ts';

/** A command that takes ids of processes. */
type Name = 'stop' | 'restart' | 'logs' | 'ps';

/**
 * Throws ENOPROCESS for a word that cannot be the id of a process. If it is the name of a drone or a repository, or the
 * beginning of a commit's hash, the error says how to write that.
 */
export async function checkIds(name: Name, words: string[], client: Pick<Client, 'ps'>): Promise<void> {
  const odd = words.find((word) => !/^(?:[^#]*#)?[0-9a-f]{6}$/.test(word));
  if (odd === undefined) return;
  // A token may lack the right to ask.
  const drones = await client.ps().catch(() => ({}));
  const processes = Object.values(drones).flatMap((drone) => Object.values(drone.processes));
  const all = name === 'logs' || name === 'ps' ? '' : ' --all';
  const kinds: [what: string, options: string, matches: boolean][] = [
    ['drone', `--drone=${odd}${all}`, Object.hasOwn(drones, odd)],
    ['repository', `--repo=${odd}`, processes.some(({ repo }) => repo === odd)],
    ['commit', `--commit=${odd}`, odd.length >= 4 && processes.some(({ commit }) => commit.startsWith(odd))],
  ];
  const [what, options] = kinds.find(([, , matches]) => matches) ?? [];
  throw new FleetError(
    'ENOPROCESS',
    what
      ? `'${odd}' is a ${what}, not a process; write: fleet ${name} ${options}`
      : `'${odd}' is not a process; write an id like web1#1e99f4; fleet ps lists what runs`,
  );
}

/** Returns the ids that no process has, as `ID` or `DRONE#ID`. */
export function missingIds(words: readonly string[], drones: Record<string, DroneStatus>): string[] {
  const isThere = (named: string) => {
    const at = named.lastIndexOf('#');
    const some =
      at < 0 ? Object.keys(drones) : [named.slice(0, at)].filter((name) => Object.hasOwn(drones, name));
    return some.some((name) => Object.hasOwn(drones[name]?.processes ?? {}, named.slice(at + 1)));
  };
  return words.map((word) => word.replace(/^(?:pid)?#/, '')).filter((id) => !isThere(id));
}

/** Says which ids no process has. */
export function noteMissing(ids: readonly string[], io: Output): void {
  for (const id of ids) note(io, `fleet: no process ${id}; fleet ps lists what runs`);
}
