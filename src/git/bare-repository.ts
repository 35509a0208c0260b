import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What every repository of fleet's says of itself; `settings` of its own follow. gitrepository-layout(5) */
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

/**
 * Makes a bare repository: the few files that git asks for, without a template's. `head` is the ref that HEAD names. It
 * is a repository once HEAD, the last of them, is there. Rejects with what the file system says.
 */
export async function makeBareRepository(path: string, head: string, settings: string): Promise<void> {
  for (const part of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    await mkdir(join(path, part), { recursive: true });
  await writeFile(join(path, 'config'), `${CONFIG}${settings}`);
  await writeFile(join(path, 'HEAD'), `ref: ${head}\n`);
}
