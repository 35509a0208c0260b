import { constants } from 'node:fs';
import { copyFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';

// In a checkout, whatever runs there can write beside these files, so nothing that it has put there is opened.

/** Replaces a whole file, or the link in its place. Only one such call may be under way for it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await replace(path, (temporary) => writeFile(temporary, text, { flag: 'wx' }));
}

/** The same, by a copy that has the time of the original. */
export async function replaceByCopy(from: string, path: string): Promise<void> {
  const { atime, mtime } = await stat(from);
  await replace(path, async (temporary) => {
    await copyFile(from, temporary, constants.COPYFILE_EXCL);
    await utimes(temporary, atime, mtime);
  });
}

async function replace(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { recursive: true, force: true });
  await write(temporary);
  await rename(temporary, path);
}
