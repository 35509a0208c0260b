import { createHash, type Hash } from 'node:crypto';

/** An entry's place in the chain: its number, and the hash of it and of everything before it. */
export interface Link {
  n: number;
  hash: string;
}

/** What the first entry follows. */
export const START: Link = { n: 0, hash: '0'.repeat(64) };

/** The entry by which a hub takes lines into the chain that are not part of it. */
export const CHAIN_CALL = 'chain';

const LINE = /^\{"n":(\d{1,15})(?=,).*(,"hash":"([0-9a-f]{64})"\})$/s;

/** Returns the line for an entry, and its link. The hash is that of the hash before it and of the line without its own. */
export function sealed(entry: object, before: Link): { line: string; link: Link } {
  const { n: _, hash: __, ...content } = entry as Record<string, unknown>;
  const n = before.n + 1;
  const rest = JSON.stringify(content).slice(1);
  const body = `{"n":${n}${rest === '}' ? '' : ','}${rest}`;
  const hash = hashOf(before.hash, body);
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, link: { n, hash } };
}

/** Returns the link of a line; null if it is not part of a chain. */
export function linkOf(line: string): Link | null {
  const [, n, , hash] = LINE.exec(line) ?? [];
  return n === undefined || hash === undefined ? null : { n: Number(n), hash };
}

/** Returns true if a line has the hash that it must have after `before`. */
function follows(line: string, before: Link): boolean {
  const [, , end = '', hash] = LINE.exec(line) ?? [];
  return hash === hashOf(before.hash, `${line.slice(0, -end.length)}}`);
}

function hashOf(before: string, body: string): string {
  return createHash('sha256').update(before).update(body).digest('hex');
}

/** Lines that are not part of the chain. */
export class Unchained {
  lines = 0;
  private readonly hash: Hash = createHash('sha256');

  add(line: string): void {
    this.lines++;
    this.hash.update(`${line}\n`);
  }

  /** Returns what an entry says of them: their number, and their hash. */
  summary(): { lines: number; sha256: string } {
    return { lines: this.lines, sha256: this.hash.copy().digest('hex') };
  }
}

/** The first thing that is wrong with a trail. `line` counts from 1, in the order in which lines were checked. */
export interface Fault {
  line: number;
  /** The number of the entry; null for a line that has none. */
  n: number | null;
  why: string;
}

/**
 * Checks the lines of a trail, one by one, from `before` on: null takes the first entry as it is. What was not chained, such
 * as the lines of an older fleet, is right if the entry after it says so, with their hash. `expected` is an entry that was
 * seen before: whoever has written the whole trail anew could not keep its hash.
 */
export class ChainCheck {
  /** The first entry that was checked, and the last one. */
  first: Link | null = null;
  last: Link | null;
  entries = 0;
  /** Lines that an entry has taken into the chain later. */
  unchained = 0;
  fault: Fault | null = null;
  /** Lines that were added. */
  lines = 0;
  private run = new Unchained();
  private runBegan = 0;

  constructor(
    before: Link | null,
    private readonly expected: Link | null = null,
  ) {
    this.last = before;
  }

  /** Does nothing after the first fault. */
  add(line: string): void {
    this.lines++;
    if (this.fault !== null || line === '') return;
    const link = linkOf(line);
    if (link === null) return this.addUnchained(line);
    this.fault = this.faultOf(line, link);
    if (this.fault !== null) return;
    this.first ??= link;
    this.last = link;
    this.entries++;
    this.unchained += this.run.lines;
    this.run = new Unchained();
  }

  /** Returns the first fault once all lines were added; `ending` is what the trail must end with, if that is known. */
  end(ending: Link | null): Fault | null {
    const last = (ending?.n ?? 0) < (this.expected?.n ?? 0) ? this.expected : ending;
    if (this.fault !== null) return this.fault;
    if (this.run.lines > 0) return { line: this.runBegan, n: null, why: UNHASHED };
    if (last === null || last.n === 0) return null;
    const { n, hash } = this.last ?? START;
    const line = this.lines + 1;
    if (n < last.n) return { line, n: n + 1, why: missing(n + 1, last.n) };
    return n === last.n && hash !== last.hash ? { line: this.lines, n, why: CHANGED } : null;
  }

  private addUnchained(line: string): void {
    if (this.run.lines === 0) this.runBegan = this.lines;
    this.run.add(line);
  }

  private isUnexpected({ n, hash }: Link): boolean {
    return n === this.expected?.n && hash !== this.expected.hash;
  }

  private faultOf(line: string, link: Link): Fault | null {
    const { n } = link;
    const { last } = this;
    const said = saidOf(line);
    const { lines, sha256 } = this.run.summary();
    if (lines > 0 && said?.sha256 !== sha256) return { line: this.runBegan, n: null, why: UNHASHED };
    const fault = (why: string, of = n) => ({ line: this.lines, n: of, why });
    if (last === null) return this.isUnexpected(link) ? fault(CHANGED) : null;
    if (n > last.n + 1) return fault(missing(last.n + 1, n - 1), last.n + 1);
    if (n <= last.n) return fault(`it comes after entry ${last.n}`);
    if (!follows(line, last) || this.isUnexpected(link)) return fault(CHANGED);
    return lines === 0 && said ? fault(`${said.lines} lines before it are missing`) : null;
  }
}

const UNHASHED = 'it has no hash: it was changed, cut off, or not written by this hub';
const CHANGED = 'it, or the one before it, was changed';

function missing(from: number, to: number): string {
  return from === to ? 'it is missing' : `the entries ${from} to ${to} are missing`;
}

/** Returns what an entry says of the lines before it; null if it says nothing. */
function saidOf(line: string): { lines: number; sha256: string } | null {
  if (!line.includes(`"call":"${CHAIN_CALL}"`)) return null;
  try {
    const { call, unchained } = JSON.parse(line) as Record<string, unknown>;
    return call === CHAIN_CALL && unchained ? (unchained as { lines: number; sha256: string }) : null;
  } catch {
    return null; // It was changed, which its hash will tell.
  }
}
