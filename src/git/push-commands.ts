import { Transform, type TransformCallback } from 'node:stream';
import { visibleLine } from '../system/visible.ts';
import { notAPush, type PushCommand, type PushHead, PushHeadParser, ZERO } from './push-head.ts';
import { FLUSH, packet, reportBand } from './side-band.ts';

/** Returns why a push may not do this; null if git decides. */
export function refusalOf({ ref, after }: PushCommand): string | null {
  if (/^refs\/(heads|tags)\/./.test(ref)) return null;
  const [, commit] = /^refs\/fleet\/([0-9a-f]{40})$/.exec(ref) ?? [];
  if (!commit) return 'only branches and tags are kept here';
  if (after === ZERO) return 'a commit that was deployed stays';
  return after === commit ? null : 'it must be set to the commit that it is named after';
}

/** Refs that one push may change. Git puts each of them on disk by itself, which takes half a minute for so many. */
const MAX_REFS = 5_000;

/** Returns why a push may not change so many refs; null if it may. */
export function tooMany({ length }: readonly PushCommand[]): string | null {
  return length <= MAX_REFS ? null : `a push changes at most ${MAX_REFS} refs, and this one ${length}`;
}

/** Returns the answer to a refused push: every ref with the reason, or with its own. */
export function refusalReport(head: PushHead, why: string | null = null): Buffer {
  const another = 'another ref of this push was refused';
  return report(
    head,
    (command) => `ng ${command.ref} ${visibleLine(why ?? refusalOf(command) ?? another)}\n`,
  );
}

/** Returns the answer to a push that would change nothing. */
export function successReport(head: PushHead): Buffer {
  return report(head, ({ ref }) => `ok ${ref}\n`);
}

/** Returns a report in the form that the client asked for (gitprotocol-pack(5), report-status). */
function report({ commands, capabilities }: PushHead, line: (command: PushCommand) => string): Buffer {
  if (!/\breport-status\b/.test(capabilities)) return Buffer.alloc(0);
  const lines = commands.map((command) => packet(line(command)));
  const report = Buffer.concat([packet('unpack ok\n'), ...lines, FLUSH]);
  return /\bside-band-64k\b/.test(capabilities) ? reportBand(report) : report;
}

/**
 * Reads a push on its way to git, which sees nothing of it before `pass` is called. After `swallow`, or if it is not a
 * push, the rest is read and discarded, because a client reads the answer only after it has sent everything.
 */
export class CommandReader extends Transform {
  /** Rejects with EPROTOCOL if it is not a push, and with the error that cut it off. */
  readonly commands: Promise<PushHead>;
  private readonly parser = new PushHeadParser();
  /** What has arrived so far, for git to read. */
  private seen: Buffer[] = [];
  private state: 'reading' | 'waiting' | 'passing' | 'swallowing' = 'reading';
  private goOn: TransformCallback | undefined;
  private settle!: { resolve(head: PushHead): void; reject(error: unknown): void };

  constructor() {
    super();
    this.commands = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.commands.catch(() => {}); // The caller that awaits it gets the error.
  }

  /** Lets git read it, as it came, or with another head in place of its own. */
  pass(instead: { head: Buffer; of: PushHead } | null = null): void {
    this.state = 'passing';
    // node-git-server searches the first chunk for refs, with a regular expression that takes forever on some input, so
    // it gets an empty one.
    const seen = Buffer.concat(this.seen.splice(0));
    const head = instead ? Buffer.concat([instead.head, seen.subarray(instead.of.bytes)]) : seen;
    this.push(head.subarray(0, 1));
    this.push(head.subarray(1));
    this.goOn?.();
  }

  swallow(): void {
    this.state = 'swallowing';
    this.seen = [];
    this.resume();
    this.goOn?.();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.state !== 'reading') return done(null, this.state === 'passing' ? chunk : undefined);
    this.seen.push(chunk);
    try {
      const head = this.parser.add(chunk);
      if (!head) return done();
      this.state = 'waiting';
      this.goOn = done;
      this.settle.resolve(head);
    } catch (error) {
      this.settle.reject(error);
      this.goOn = done;
      this.swallow();
    }
  }

  override _flush(done: TransformCallback): void {
    this.settle.reject(notAPush('it ends too early'));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.settle.reject(error ?? notAPush('it was cut off'));
    done(error);
  }
}
