import { read } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { isAuditEntry } from '../../protocol/admin-calls.ts';
import type { AuditEntry, AuditVerdict } from '../../protocol/answers.ts';
import { LineBuffer, linesOf } from '../../system/lines.ts';
import { ChainCheck, type Fault, type Link, linkOf } from './chain.ts';
import type { Ends } from './trail.ts';
import type { OpenFile } from './trail-files.ts';

/** The characters of one answer's entries. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** Returns the newest `count` entries before the one of number `before`, oldest first, as far as they fit one answer. */
export async function newestIn(
  files: readonly OpenFile[],
  count: number,
  before: number,
): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let characters = 0;
  for (const file of files.toReversed()) {
    if (entries.length >= count) break;
    for (const line of (await pieceOf(file, 0, file.bytes)).toString('utf8').split('\n').reverse()) {
      if (entries.length >= count) return entries.reverse();
      const entry = entryOf(line);
      if (entry === null || (linkOf(line)?.n ?? 0) >= before) continue;
      characters += line.length;
      if (characters > MAX_CHARACTERS) return entries.reverse();
      entries.push(entry);
    }
  }
  return entries.reverse();
}

const PIECE_BYTES = 256 * 1024;

/** Checks a trail that begins and ends as `ends` says, and has the entry `expected` unless that was too old to be kept. */
export async function verdictOn(
  files: readonly OpenFile[],
  ends: Ends,
  expected: Link | null,
): Promise<AuditVerdict> {
  const checked = files.filter(({ path }) => !path.endsWith('.1'));
  const begin = await firstNumber(checked);
  // A file that should have been removed may still be there: then the first entry is taken as it is.
  const check = new ChainCheck(begin !== null && begin <= ends.first.n ? null : ends.first, expected);
  const begins: { name: string; line: number }[] = [];
  for (const file of checked) {
    begins.push({ name: basename(file.path), line: check.lines });
    for await (const line of linesIn(file)) check.add(line);
  }
  const { entries, unchained, last } = check;
  const fault = check.end(ends.last);
  return { entries, unchained, last: last ?? ends.last, fault: fault && located(fault, begins) };
}

/** Returns a fault with the file that it is in, and its line there. */
function located({ line, n, why }: Fault, begins: readonly { name: string; line: number }[]) {
  const file = begins.findLast((one) => one.line < line);
  return { file: file?.name ?? '', line: line - (file?.line ?? 0), n, why };
}

async function firstNumber(files: readonly OpenFile[]): Promise<number | null> {
  for (const file of files)
    for await (const line of linesIn(file)) {
      const link = linkOf(line);
      if (link) return link.n;
    }
  return null;
}

async function* linesIn(file: OpenFile): AsyncGenerator<string> {
  const buffer = new LineBuffer();
  for (let at = 0; at < file.bytes; at += PIECE_BYTES)
    yield* textLines(buffer.push(await pieceOf(file, at, Math.min(PIECE_BYTES, file.bytes - at))));
  yield* textLines(buffer.end());
}

const textLines = (bytes: Buffer) => linesOf(bytes.toString('utf8'));

async function pieceOf({ fd }: OpenFile, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await promisify(read)(fd, buffer, 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}

/** Returns an entry; null for a line that was cut off or damaged. */
function entryOf(line: string): AuditEntry | null {
  try {
    const entry: unknown = line === '' ? null : JSON.parse(line);
    return isAuditEntry(entry) ? entry : null;
  } catch {
    return null;
  }
}
