/** An instance has answered what is not HTTP/1.1 (RFC 9112), or could be read in two ways. */
export class BadAnswer extends Error {}

/** The beginning of an answer, or of information before it. */
export interface AnswerHead {
  status: number;
  reason: string;
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
  /** What its `Connection` says, in lower case. */
  connection: string;
}

/** How a body is read: `size` is that of the first chunk, and `idle` if there is nothing to read. */
export type HowRead = 'idle' | 'length' | 'size' | 'until close';

interface Beginning {
  head: AnswerHead;
  body: HowRead;
  /** Of the body, if it says so. */
  length: number;
  /** True if the instance leaves the connection open. */
  isReusable: boolean;
}

/** Reads the beginning of an answer, without the line at its end. Throws BadAnswer. */
export function headOf(text: string, method: string): Beginning {
  const lines = text.split('\r\n');
  const [, minor, digits, reason = ''] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/.exec(lines[0] ?? '') ?? [];
  if (digits === undefined) throw new BadAnswer('that is not HTTP/1.1');
  const rawHeaders: string[] = [];
  const framing = { length: '', coding: '', connection: '' };
  for (let at = 1; at < lines.length; at++) {
    const [name, value] = fieldOf(lines[at] as string);
    rawHeaders.push(name, value);
    note(framing, name, value);
  }
  const { coding, connection } = framing;
  const status = Number(digits);
  if (status === 101) throw new BadAnswer('it changes to a protocol that nobody has asked for');
  const isLast = minor === '1' ? /\bclose\b/.test(connection) : !/\bkeep-alive\b/.test(connection);
  const head = { status, reason, rawHeaders, connection };
  const length = lengthOf(framing.length, coding, minor === '1');
  const isBare = method === 'HEAD' || status === 204 || status === 304 || status < 200;
  const body = isBare ? 'idle' : coding !== '' ? 'size' : framing.length !== '' ? 'length' : 'until close';
  return { head, body, length, isReusable: !isLast };
}

/** Returns name and value of a line. Throws BadAnswer. */
export function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  // A line that begins with a space would belong to the one before.
  if (colon < 1 || line.charCodeAt(0) <= 0x20) throw new BadAnswer('a line is not a header');
  let [begin, end] = [colon + 1, line.length];
  while (begin < end && isBlank(line.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(line.charCodeAt(end - 1))) end--;
  return [line.slice(0, colon), line.slice(begin, end)];
}

const isBlank = (code: number) => code === 0x20 || code === 0x09;

/** Takes down what frames the body, and what is said of the connection. */
function note(
  framing: { length: string; coding: string; connection: string },
  name: string,
  value: string,
): void {
  if (name.length !== 14 && name.length !== 17 && name.length !== 10) return;
  const lower = name.toLowerCase();
  if (lower === 'content-length') framing.length += framing.length === '' ? value || '-' : `,${value}`;
  else if (lower === 'transfer-encoding')
    framing.coding += framing.coding === '' ? value || '-' : `,${value}`;
  else if (lower === 'connection') framing.connection += `${value.toLowerCase()},`;
}

/** Returns the length that a body says it has; 0 if none. */
function lengthOf(length: string, coding: string, mayBeChunked: boolean): number {
  if (coding !== '' && (length !== '' || !mayBeChunked || coding.toLowerCase() !== 'chunked'))
    throw new BadAnswer('its body can be read in two ways');
  if (length === '') return 0;
  if (!/^\d{1,15}$/.test(length)) throw new BadAnswer('its length is not a number');
  return Number(length);
}
