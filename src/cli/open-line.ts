import { fstatSync } from 'node:fs';
import type { OutputStream } from './io.ts';

/** Whose unfinished line stands last on a terminal, or in a pipe or file, if there is one. */
export class OpenLine {
  private owner: object | null = null;

  isOf(owner: object): boolean {
    return this.owner === owner;
  }

  /** Notes that `owner` has printed a part of a line. */
  open(owner: object): void {
    this.owner = owner;
  }

  /** Returns what ends the line, so that something else can be printed; empty if there is none. */
  close(): string {
    const end = this.owner === null ? '' : '\n';
    this.owner = null;
    return end;
  }
}

/** Returns true if what is written to one stream shows up between what is written to the other. */
export function isSameTarget(one: OutputStream, other: OutputStream): boolean {
  if (one.isTTY || other.isTTY) return one.isTTY === other.isTTY;
  try {
    const [a, b] = [one, other].map((stream) => fstatSync((stream as { fd?: number }).fd ?? -1));
    return a?.dev === b?.dev && a?.ino === b?.ino;
  } catch {
    return false;
  }
}
