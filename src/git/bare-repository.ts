import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What every repository of fleet's says of itself, followed by `settings` of its own. gitrepository-layout(5) */
export function bareConfig(settings: string): string {
  return `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n${settings}`;
}

/**
 * Makes a bare repository: the few files that git asks for, without a template's. `head` is the ref that HEAD names. It
 * is a repository once HEAD, the last of them, is there. Rejects with what the file system says.
 */
export async function makeBareRepository(path: string, head: string, settings: string): Promise<void> {
  for (const part of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    await mkdir(join(path, part), { recursive: true });
  await writeFile(join(path, 'config'), bareConfig(settings));
  await writeFile(join(path, 'HEAD'), `ref: ${head}\n`);
}
