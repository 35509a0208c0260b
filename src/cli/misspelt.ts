import { closest } from '../system/closest.ts';
import { type FleetFile, REMOTE_KEYS } from './fleet-json.ts';

type Keys = Pick<FleetFile, 'path' | 'content' | 'remotes'>;

/**
 * Returns what to add to an error about a remote if a fleet.json has a key that was probably mistyped, as `remotes`; empty
 * if there is none. Other keys belong to the user, and are right anywhere else.
 */
export function misspelt(files: readonly Keys[]): string {
  for (const { path, content, remotes } of files) {
    const hint = misspeltIn(content, ['remote']) ?? Object.values(remotes).map(inRemote).find(Boolean);
    if (hint) return `${path} has ${hint}`;
  }
  return '';
}

const inRemote = (remote: object) => misspeltIn(remote, REMOTE_KEYS);

function misspeltIn(has: object, known: readonly string[]): string | undefined {
  const keys = Object.keys(has);
  const missing = known.filter((key) => !keys.includes(key));
  for (const key of keys.filter((one) => !known.includes(one))) {
    const meant = closest(key.toLowerCase(), missing);
    if (meant !== undefined) return `"${key}"; did you mean "${meant}"?`;
  }
  return undefined;
}
