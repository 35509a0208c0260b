import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../system/write-whole.ts';

/** What a bare repository's own files should contain. */
export interface RepositorySettings {
  config: string;
  /** The ref for a HEAD that names none. */
  head: string;
}

/** The content of a loose ref, and of HEAD. */
const REF = /^(ref: refs\/\S+|[0-9a-f]{40})\n?$/;
/** A line of packed-refs (git-pack-refs(1)): a comment, a ref, or the target of the tag before it. */
const PACKED_REF = /^(#.*|[0-9a-f]{40} refs\/\S+|\^[0-9a-f]{40})$/;

/**
 * Rewrites the few files of a bare repository that git cannot read, and removes refs without content. Returns the number
 * of files. Throws EIO.
 */
export function mendFiles(repository: string, { config, head }: RepositorySettings): number {
  for (const folder of ['objects/pack', 'refs/heads', 'refs/tags'])
    mkdirSync(join(repository, folder), { recursive: true });
  const mended = [
    rewrite(join(repository, 'config'), (text) => (/^\[core\]/m.test(text) ? text : config)),
    rewrite(join(repository, 'HEAD'), (text) => (REF.test(text) ? text : `ref: ${head}\n`)),
    rewrite(join(repository, 'packed-refs'), withoutBrokenLines),
  ];
  return mended.filter(Boolean).length + removeBrokenRefs(join(repository, 'refs'));
}

/** Returns true if something had to be changed. */
function rewrite(path: string, change: (text: string) => string): boolean {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const after = change(before);
  if (after !== before) writeWhole(path, after);
  return after !== before;
}

function withoutBrokenLines(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const whole = lines.filter((line) => PACKED_REF.test(line));
  return whole.length === lines.length ? text : `${whole.join('\n')}\n`;
}

function removeBrokenRefs(refs: string): number {
  const paths = readdirSync(refs, { recursive: true, encoding: 'utf8' }).map((name) => join(refs, name));
  const broken = paths.filter((path) => statSync(path).isFile() && !REF.test(readFileSync(path, 'utf8')));
  for (const path of broken) rmSync(path);
  return broken.length;
}
