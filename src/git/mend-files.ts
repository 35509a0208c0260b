import { existsSync, mkdirSync, readFileSync, rmSync, type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { putAsideUnlessFile, putAsideUnlessFolder } from '../system/put-aside.ts';
import { targetOf } from '../system/regular-file.ts';
import { findPathsBelow, pathsBelow } from '../system/tree.ts';
import { writeWhole } from '../system/write-whole.ts';
import { restoreAccess } from './mend-access.ts';

/** What a bare repository's own files should contain. */
export interface RepositorySettings {
  config: string;
  /** The ref for a HEAD that names none. */
  head: string;
}

/** The content of a loose ref, and of HEAD. */
const REF = /^(ref: refs\/\S+|[0-9a-f]{40})\n?$/;
/** The folders of a bare repository, and the repository itself. */
const FOLDERS = ['.', 'objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads', 'refs/tags'];
/** A line of packed-refs (git-pack-refs(1)): a comment, a ref, or the target of the tag before it. */
const PACKED_REF = /^(#.*|[0-9a-f]{40} refs\/\S+|\^[0-9a-f]{40})$/;
/** A line of a configuration (git-config(1)): a section, a key, a comment, any of them or none. */
const CONFIG_LINE = /^\s*(\[[\w.-]+( ".*")?\]\s*)?([A-Za-z][\w-]*\s*(=.*)?)?([#;].*)?$/;

/**
 * Returns what keeps git from opening a repository that exists; null if nothing does. Asked before each git: it does not go
 * through the threads of Node's file system, which would take ten turns.
 */
export function whyUnopenable(repository: string): string | null {
  for (const folder of ['.', 'objects', 'refs'])
    if (!statsOf(join(repository, folder))?.isDirectory())
      return `${folder === '.' ? 'it' : folder} is not a directory`;
  for (const [file, isWhole] of Object.entries({ HEAD: isRef, config: isConfig })) {
    const path = join(repository, file);
    const found = statsOf(path);
    if (found === null) return `${file} is missing`;
    if (!found.isFile()) return `${file} is not a file`;
    if (!isWhole(readFileSync(path, 'utf8'))) return `${file} is garbage`;
  }
  return statsOf(join(repository, 'packed-refs'))?.isFile() === false ? 'packed-refs is not a file' : null;
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Returns what is among the refs and would hold up a git that reads it, as a FIFO does; null if nothing is. */
export async function whyUnreadable(repository: string): Promise<string | null> {
  const paths = await findPathsBelow(join(repository, 'refs')).catch(() => []);
  for (const path of paths) {
    const found = await statOf(path);
    if (found && !found.isFile() && !found.isDirectory())
      return `${relative(repository, path)} is not a file`;
  }
  return null;
}

const statOf = (path: string) => stat(path).catch(() => null);

/** Returns true if git takes it for a loose ref, or for HEAD. */
const isRef = (text: string): boolean => REF.test(text);

/** Returns true if it is a configuration that git can read, and that of a repository. */
export function isConfig(text: string): boolean {
  // A value may go on in the next line.
  const lines = text.replace(/\\\n/g, '').split('\n');
  return /^\[core\]/m.test(text) && lines.every((line) => CONFIG_LINE.test(line));
}

/**
 * Rewrites the few files of a bare repository that git cannot read, removes refs without content, and lets this user open
 * again what is theirs. What is not of the kind that belongs there is put aside. Returns the number of files. Throws EIO.
 */
export function mendFiles(repository: string, { config, head }: RepositorySettings): number {
  const unlocked = restoreAccess(repository);
  const aside = FOLDERS.map((folder) => makeFolder(join(repository, folder)));
  const mended = [
    ...aside,
    rewrite(join(repository, 'config'), (text) => (isConfig(text) ? text : config)),
    rewrite(join(repository, 'HEAD'), (text) => (isRef(text) ? text : `ref: ${head}\n`)),
    rewrite(join(repository, 'packed-refs'), withoutBrokenLines),
  ];
  return unlocked + mended.filter(Boolean).length + removeBrokenRefs(join(repository, 'refs'));
}

/** Returns true if something else was there. */
function makeFolder(path: string): boolean {
  const aside = putAsideUnlessFolder(path);
  mkdirSync(path, { recursive: true });
  return aside !== null;
}

/** Returns true if something had to be changed. */
function rewrite(path: string, change: (text: string) => string): boolean {
  const aside = putAsideUnlessFile(path);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const after = change(before);
  if (after !== before) writeWhole(path, after);
  return aside !== null || after !== before;
}

function withoutBrokenLines(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const whole = lines.filter((line) => PACKED_REF.test(line));
  return whole.length === lines.length ? text : `${whole.join('\n')}\n`;
}

function removeBrokenRefs(refs: string): number {
  const broken = pathsBelow(refs).filter((path) => !belongsThere(path));
  for (const path of broken) rmSync(path, { force: true });
  return broken.length;
}

/** Returns true for a folder, a ref, and a link to one. Throws errors of the file system. */
function belongsThere(path: string): boolean {
  const found = targetOf(path);
  return found?.isDirectory() || (found?.isFile() === true && isRef(readFileSync(path, 'utf8')));
}
