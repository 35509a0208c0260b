import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeptCode } from './compiled-files.ts';

/** Writable by the group or by others. */
const BY_OTHERS = 0o022;
/** V8 copies code that is not aligned to the size of a pointer. */
const ALIGNED_BYTES = 8;

/** What a file of the cache begins with, as JSON: the length of each part that follows. */
type Head = [name: string, textBytes: number, codeBytes: number][];

/**
 * Returns the file in the user's cache for what is compiled to run a command; null if the place that it would be in is not
 * the user's alone: whoever can change what is kept decides what runs. Null also if the user wants none, as Node is told.
 */
export function cacheFileOf(command: string, env: NodeJS.ProcessEnv): string | null {
  const { XDG_CACHE_HOME, HOME, NODE_DISABLE_COMPILE_CACHE } = env;
  if (NODE_DISABLE_COMPILE_CACHE) return null;
  const place = XDG_CACHE_HOME || HOME;
  if (!place) return null;
  const stats = statSync(place, { throwIfNoEntry: false });
  if (!stats || stats.uid !== process.geteuid?.() || (stats.mode & BY_OTHERS) !== 0) return null;
  const cache = XDG_CACHE_HOME ? place : join(place, '.cache');
  return join(cache, 'fleet', `${process.version}-${process.arch}`, command);
}

/** Returns what a file of the cache holds: nothing, if it cannot be read, is damaged, or others can write to it. */
export function readKept(path: string): KeptCode {
  try {
    return parse(readOwn(path));
  } catch {
    return new Map();
  }
}

/** Replaces a file of the cache, as a whole also after a power failure. Does nothing if it cannot. */
export function keep(path: string, code: KeptCode): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, format(code));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch {
    discard(temporary);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was never made.
  }
}

function readOwn(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { uid, mode } = fstatSync(file);
    if (uid !== process.geteuid?.() || (mode & BY_OTHERS) !== 0) throw new Error('others can write to it');
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function format(code: KeptCode): Buffer {
  const head: Head = [...code].map(([name, { text, code }]) => [name, text.length, code.length]);
  const json = Buffer.from(`${JSON.stringify(head)}\n`);
  return Buffer.concat([json, ...[...code.values()].flatMap(({ text, code }) => [text, code])].map(aligned));
}

function parse(bytes: Buffer): KeptCode {
  let at = 0;
  const take = (length: number) => {
    const part = bytes.subarray(at, at + length);
    if (part.length < length) throw new Error('it is cut off');
    at += length + padding(length);
    return part;
  };
  const head = JSON.parse(take(bytes.indexOf('\n') + 1).toString()) as Head;
  return new Map(head.map(([name, text, code]) => [name, { text: take(text), code: take(code) }]));
}

const padding = (length: number) => (ALIGNED_BYTES - (length % ALIGNED_BYTES)) % ALIGNED_BYTES;
const aligned = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(padding(bytes.length))]);
