import { FleetError } from '../protocol/errors.ts';

/** Stands for a missing ref. */
export const ZERO = '0'.repeat(40);

/** A change of one ref that a push requests; {@link ZERO} stands for a missing ref. */
export interface PushCommand {
  ref: string;
  before: string;
  after: string;
}

/** What a push requests. */
export interface PushHead {
  commands: PushCommand[];
  capabilities: string;
  /** True if the client is a shallow clone. */
  isShallow: boolean;
  /** How long the head is. */
  bytes: number;
}

const COMMAND = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\n ]{1,1000})\n?$/;
/** The maximum bytes of all commands of a push, before its pack. */
const MAX_HEAD_BYTES = 4 * 1024 * 1024;
/** The digits of the length in front of a packet. */
const LENGTH_BYTES = 4;

export const notAPush = (why: string) => new FleetError('EPROTOCOL', `this is not a push: ${why}`);

/**
 * Reads the commands at the head of a push (gitprotocol-pack(5)): packets up to a flush, the first with capabilities
 * behind a NUL. Each byte is read once, however small the chunks are.
 */
export class PushHeadParser {
  private readonly head: PushHead = { commands: [], capabilities: '', isShallow: false, bytes: 0 };
  /** The bytes of an incomplete packet, and the packet's length as far as it is known. */
  private rest: Buffer[] = [];
  private restBytes = 0;
  private neededBytes = LENGTH_BYTES;
  private readBytes = 0;

  /** Returns the head once it is complete; undefined before. Throws EPROTOCOL if it is not a push. */
  add(piece: Buffer): PushHead | undefined {
    this.rest.push(piece);
    this.restBytes += piece.length;
    if (this.restBytes < this.neededBytes) return undefined;
    const bytes = Buffer.concat(this.rest, this.restBytes);
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = lengthAt(bytes, at);
      if (length === 0) {
        this.head.bytes = this.readBytes + at + LENGTH_BYTES;
        return this.head;
      }
      if (bytes.length - at < length) break;
      this.take(bytes.toString('utf8', at + LENGTH_BYTES, at + length));
      at += length;
    }
    this.keep(bytes.subarray(at));
    this.readBytes += at;
    if (this.readBytes > MAX_HEAD_BYTES) throw notAPush('it changes too many refs');
    return undefined;
  }

  private keep(rest: Buffer): void {
    this.rest = [rest];
    this.restBytes = rest.length;
    this.neededBytes = rest.length < LENGTH_BYTES ? LENGTH_BYTES : lengthAt(rest, 0);
  }

  private take(packet: string): void {
    const [line = '', capabilities = ''] = packet.split('\0', 2);
    this.head.capabilities ||= capabilities;
    if (line.startsWith('shallow ')) {
      this.head.isShallow = true;
      return;
    }
    const [, before, after, ref] = COMMAND.exec(line) ?? [];
    if (!before || !after || !ref) throw notAPush('it does not say which refs');
    this.head.commands.push({ ref, before, after });
  }
}

/** Returns the length of a packet with its length in front (gitprotocol-common(5)); 0 for a flush. Throws EPROTOCOL. */
function lengthAt(bytes: Buffer, at: number): number {
  const digits = bytes.toString('latin1', at, at + LENGTH_BYTES);
  const length = /^[0-9a-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  if (length !== 0 && length <= LENGTH_BYTES) throw notAPush('its length is wrong');
  return length;
}
