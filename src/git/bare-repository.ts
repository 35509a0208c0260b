import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns the configuration of a bare repository, with `settings` at its end. */
export function bareConfig(settings: string): string {
  return `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n${settings}`;
}

/** An empty one after a power cut would be no repository. Node before 20.10 does not know the option. */
const SYNCED = { flush: true };

/**
 * Makes a bare repository from the few files that git requires (gitrepository-layout(5)), without a template. `head` is the
 * ref that HEAD points to; `settings` are added to its configuration. HEAD is written last: without it, it is not a
 * repository. Rejects with errors of the file system.
 */
export async function makeBareRepository(path: string, head: string, settings: string): Promise<void> {
  for (const part of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    await mkdir(join(path, part), { recursive: true });
  await writeFile(join(path, 'config'), bareConfig(settings), SYNCED);
  await writeFile(join(path, 'HEAD'), `ref: ${head}\n`, SYNCED);
}
