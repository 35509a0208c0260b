import { visible } from '../system/visible.ts';

/** Bytes of a packet's length, in hexadecimal (gitprotocol-common(5)). */
const LENGTH_BYTES = 4;
/** Bytes in one packet of a side band, at most. */
const MAX_BAND_BYTES = 60_000;

/** The bands of a push (gitprotocol-pack(5)). */
const REPORT = 1;
const PROGRESS = 2;
const FATAL = 3;

export const FLUSH = Buffer.from('0000');
/** Ends a section (gitprotocol-v2(5)). */
export const DELIMITER = Buffer.from('0001');

/** Returns a packet: its length, then what is in it. */
export function packet(...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));
  return Buffer.concat([Buffer.from((LENGTH_BYTES + body.length).toString(16).padStart(4, '0')), body]);
}

/**
 * Returns a line for whoever pushes, which their git prints as `remote: …`, as it is; an empty one only shows life.
 */
export function remoteLine(text: string): Buffer {
  return packet(Buffer.from([PROGRESS]), text === '' ? '' : `${visible(text)}\n`);
}

/** Returns a report in packets of the band that is for it. */
export function reportBand(report: Buffer): Buffer {
  const bands: Buffer[] = [];
  for (let at = 0; at < report.length; at += MAX_BAND_BYTES)
    bands.push(packet(Buffer.from([REPORT]), report.subarray(at, at + MAX_BAND_BYTES)));
  return Buffer.concat([...bands, FLUSH]);
}

/** Takes packets apart, in whatever pieces they come. */
class Packets {
  /** True once there is something that is not a packet; nothing behind it is read. */
  isBroken = false;
  private rest: Buffer = Buffer.alloc(0);

  /** Returns the packets that are whole now, with their lengths. */
  add(piece: Buffer): Buffer[] {
    let bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const packets: Buffer[] = [];
    while (bytes.length >= LENGTH_BYTES && !this.isBroken) {
      const length = Number.parseInt(bytes.toString('latin1', 0, LENGTH_BYTES), 16);
      this.isBroken = Number.isNaN(length);
      const size = Math.max(length, LENGTH_BYTES);
      if (this.isBroken || bytes.length < size) break;
      packets.push(bytes.subarray(0, size));
      bytes = bytes.subarray(size);
    }
    this.rest = bytes;
    return packets;
  }
}

/** Takes git's answer to a push apart: the report, and the packets of other bands as they are. */
export class SideBands {
  private readonly packets = new Packets();
  private readonly reports: Buffer[] = [];

  /** Returns the packets in this piece of the answer that are not part of the report. */
  add(piece: Buffer): Buffer {
    const others: Buffer[] = [];
    for (const whole of this.packets.add(piece))
      if (whole[LENGTH_BYTES] === REPORT) this.reports.push(whole.subarray(LENGTH_BYTES + 1));
      else if (whole.length > LENGTH_BYTES) others.push(whole);
    return Buffer.concat(others);
  }

  /** The report, to send as it is. */
  get report(): Buffer {
    return reportBand(Buffer.concat(this.reports));
  }

  /** Why git has refused the push: `unpack` and `ng` lines of its report; null if it has not, or has said nothing. */
  get refusal(): string | null {
    const report = Buffer.concat(this.reports).toString();
    const why =
      /^[0-9a-f]{4}ng \S+ (.*)$/m.exec(report)?.[1] ?? /^[0-9a-f]{4}unpack (?!ok)(.*)$/m.exec(report)?.[1];
    return why ?? null;
  }
}

/**
 * Returns what is in the first band of an answer, packet by packet, in whatever pieces the answer comes. Throws what the
 * other end says if it fails, and if the answer is cut off.
 */
export async function* bandOne(answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  const packets = new Packets();
  for await (const piece of answer) {
    for (const whole of packets.add(piece)) {
      const band = whole[LENGTH_BYTES];
      if (whole.equals(FLUSH)) return undefined;
      const content = whole.subarray(LENGTH_BYTES + 1);
      if (band === REPORT) yield content;
      else if (band !== undefined && band !== PROGRESS) throw new Error(failureIn(band, content));
    }
    if (packets.isBroken) throw new Error('the answer is not in bands');
  }
  throw new Error('the answer is cut off');
}

function failureIn(band: number, content: Buffer): string {
  return band === FATAL ? content.toString() : 'the answer is not in bands';
}
