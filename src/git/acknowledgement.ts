import type { Readable } from 'node:stream';
import type { Elsewhere } from './elsewhere.ts';
import { refusalReport } from './push-commands.ts';
import type { PushCommand, PushHead } from './push-head.ts';
import { remoteLine, SideBands } from './side-band.ts';

/** What git has answered to a push, as far as whoever pushes takes it for its outcome. */
export class WithheldReport {
  private readonly bands: SideBands | null;
  private readonly plain: Buffer[] = [];

  constructor(private readonly head: PushHead) {
    this.bands = /\bside-band-64k\b/.test(head.capabilities) ? new SideBands() : null;
  }

  /** Reads git's answer to its end, and passes on what is not the report. */
  read(answer: Readable, write: (bytes: Buffer) => void): void {
    answer.on('data', (piece: Buffer) => {
      if (this.bands) write(this.bands.add(piece));
      else this.plain.push(piece);
    });
  }

  /** Returns git's report; with a line before it, if the client takes one. */
  with(line: string | null): Buffer {
    if (!this.bands) return Buffer.concat(this.plain);
    return Buffer.concat([...(line === null ? [] : [remoteLine(line)]), this.bands.report]);
  }

  /** Returns a report that all was refused. */
  refusal(why: string): Buffer {
    return refusalReport(this.head, why);
  }
}

/** Returns what has become of the refs that git has changed, once another hub has followed, if one can. */
export async function shared(elsewhere: Elsewhere, repo: string, done: readonly PushCommand[]) {
  const [own] = done.filter(({ ref }) => ref.startsWith('refs/fleet/'));
  if (own) return { refused: null, line: await elsewhere.keep(repo, own.after) };
  const moves = done.filter(({ before, after }) => before !== after);
  return moves.length === 0 ? { refused: null, line: null } : elsewhere.move({ repo, moves });
}
