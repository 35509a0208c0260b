import { Transform, type TransformCallback } from 'node:stream';
import { FleetError } from '../protocol/errors.ts';

/** A change of one ref that a push asks for; forty zeros stand for a ref that is not there. */
export interface PushCommand {
  ref: string;
  before: string;
  after: string;
}

/** What a push asks for. */
export interface PushHead {
  commands: PushCommand[];
  capabilities: string;
  /** True if the client is a shallow clone. */
  isShallow: boolean;
}

const ZERO = '0'.repeat(40);
const COMMAND = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\n ]{1,1000})\n?$/;
/** Bytes of the commands of one push, before its pack. */
const MAX_COMMANDS = 4 * 1024 * 1024;

const FLUSH = Buffer.from('0000');
/** Bytes in one packet of a side band, at most. */
const BAND = 60_000;

const broken = (why: string) => new FleetError('EPROTOCOL', `this is no push: ${why}`);

/**
 * The commands at the head of a push (gitprotocol-pack(5)): packets up to a flush, the first with capabilities behind
 * a NUL. Undefined while there is more to come; EPROTOCOL where it is something else.
 */
export function parseCommands(head: Buffer): PushHead | undefined {
  const commands: PushCommand[] = [];
  let capabilities = '';
  let isShallow = false;
  for (let at = 0; at + 4 <= head.length; ) {
    const digits = head.toString('latin1', at, at + 4);
    const length = /^[0-9a-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (length === 0) return { commands, capabilities, isShallow };
    if (length < 5) throw broken('its length is wrong');
    if (at + length > head.length) return undefined;
    const [line = '', given = ''] = head.toString('utf8', at + 4, at + length).split('\0', 2);
    capabilities ||= given;
    at += length;
    if (line.startsWith('shallow ')) {
      isShallow = true;
      continue;
    }
    const [, before, after, ref] = COMMAND.exec(line) ?? [];
    if (!before || !after || !ref) throw broken('it does not say which refs');
    commands.push({ ref, before, after });
  }
  return undefined;
}

/** Why a push may not do this; null where git shall decide. */
export function refusalOf({ ref, after }: PushCommand): string | null {
  if (/^refs\/(heads|tags)\/./.test(ref)) return null;
  const [, commit] = /^refs\/fleet\/([0-9a-f]{40})$/.exec(ref) ?? [];
  if (!commit) return 'only branches and tags are kept here';
  if (after === ZERO) return 'a commit that was deployed stays';
  return after === commit ? null : 'it must be set to the commit that it is named after';
}

/** Text as one packet, its length in front (gitprotocol-common(5)). */
function packet(...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));
  return Buffer.concat([Buffer.from((4 + body.length).toString(16).padStart(4, '0')), body]);
}

/** What a refused push is answered: every ref with the reason. */
export function refusalReport(head: PushHead): Buffer {
  const another = 'another ref of this push was refused';
  return report(head, (command) => `ng ${command.ref} ${refusalOf(command) ?? another}\n`);
}

/** What a push is answered that finds all as it wants it. */
export function successReport(head: PushHead): Buffer {
  return report(head, ({ ref }) => `ok ${ref}\n`);
}

/** In the form that the client asked for (gitprotocol-pack(5), report-status). */
function report({ commands, capabilities }: PushHead, line: (command: PushCommand) => string): Buffer {
  if (!/\breport-status\b/.test(capabilities)) return Buffer.alloc(0);
  const lines = commands.map((command) => packet(line(command)));
  const report = Buffer.concat([packet('unpack ok\n'), ...lines, FLUSH]);
  if (!/\bside-band-64k\b/.test(capabilities)) return report;
  const bands: Buffer[] = [];
  for (let at = 0; at < report.length; at += BAND) bands.push(packet('\x01', report.subarray(at, at + BAND)));
  return Buffer.concat([...bands, FLUSH]);
}

/**
 * Reads a push on its way to git, which sees nothing of it before `pass` is called. After `swallow`, or when it turns
 * out to be no push, the rest is read and thrown away: its client listens only when it has said all.
 */
export class CommandReader extends Transform {
  /** Rejects with EPROTOCOL where it is no push, and with whatever cut it off. */
  readonly commands: Promise<PushHead>;
  private head: Buffer = Buffer.alloc(0);
  private state: 'reading' | 'waiting' | 'passing' | 'swallowing' = 'reading';
  private goOn: TransformCallback | undefined;
  private settle!: { resolve(head: PushHead): void; reject(error: unknown): void };

  constructor() {
    super();
    this.commands = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.commands.catch(() => {}); // Whoever waits for it sees it.
  }

  pass(): void {
    this.state = 'passing';
    // node-git-server looks for refs in the first chunk, with an expression that takes for ever on some input: it
    // gets nothing to look at.
    this.push(this.head.subarray(0, 1));
    this.push(this.head.subarray(1));
    this.goOn?.();
  }

  swallow(): void {
    this.state = 'swallowing';
    this.resume();
    this.goOn?.();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.state !== 'reading') return done(null, this.state === 'passing' ? chunk : undefined);
    this.head = Buffer.concat([this.head, chunk]);
    try {
      const parsed = parseCommands(this.head);
      if (!parsed && this.head.length > MAX_COMMANDS) throw broken('it changes too many refs');
      if (!parsed) return done();
      this.state = 'waiting';
      this.goOn = done;
      this.settle.resolve(parsed);
    } catch (error) {
      this.settle.reject(error);
      this.goOn = done;
      this.swallow();
    }
  }

  override _flush(done: TransformCallback): void {
    this.settle.reject(broken('it ends too early'));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.settle.reject(error ?? broken('it was cut off'));
    done(error);
  }
}
