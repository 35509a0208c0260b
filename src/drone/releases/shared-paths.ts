import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FleetError } from '../../protocol/errors.ts';

/** Returns the folder of an app's shared files in the drone's directory `dir`. */
export function sharedFolder(dir: string, app: string): string {
  return join(dir, 'shared', app);
}

/** Normalizes a path of fleet.toml. Throws EUSAGE if it is not inside the checkout. */
export function pathInside(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.length === 0 || parts.includes('..') || parts[0] === '.git')
    throw new FleetError('EUSAGE', `${path} is not a path inside the checkout`);
  return parts.join('/');
}

/**
 * Returns the full path of `path` below `root`. Throws EUSAGE if a directory on the way is a link, which could lead
 * anywhere, or a file.
 */
export function wayTo(root: string, path: string): string {
  let way = root;
  for (const part of pathInside(path).split('/').slice(0, -1)) {
    way = join(way, part);
    const found = lstatSync(way, { throwIfNoEntry: false });
    if (found && !found.isDirectory())
      throw new FleetError('EUSAGE', `${path} leads through ${part}, which is not a directory`);
  }
  return join(root, pathInside(path));
}

/** Returns the message about a missing shared file, with the command that puts it there. */
export function missingFileText(drone: string, path: string): string {
  const inside = pathInside(path);
  const target = shellQuoted(`cat > "$SHARED/${inside.replace(/["$`\\]/g, '\\$&')}"`);
  return `${drone} lacks ${inside}; put it there: fleet run --drone=${drone} -- sh -c ${target} < ${basename(inside)}`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
