import type { Socket } from 'node:net';
import { addressUrl, type HubAddress } from '../protocol/address.ts';
import { FleetError } from '../protocol/errors.ts';
import { randomBytes } from '../system/random.ts';
import { acceptOf } from './accept-key.ts';
import { type HttpAnswer, parseAnswer } from './http-answer.ts';

/** A connection on which both ends speak websocket from now on. */
export interface Upgraded {
  stream: Socket;
  headers: Record<string, string>;
  /** The first bytes that the server sent after its answer. */
  head: Buffer;
}

/** Enough of a refusal to show. */
const MAX_REFUSAL_CHARACTERS = 500;
/** RFC 9112, 7.1 */
const LAST_CHUNK = '0\r\n\r\n';

/**
 * Asks the server at the other end of `stream`, which is connected or about to be, to speak websocket (RFC 6455, 4.1), and
 * calls `take` in the turn in which it agrees: its first frame may arrive in the same one. Resolves to what `take`
 * returns. Rejects with EAUTH, EFORBIDDEN, ELIMIT or EPROTOCOL if the server refuses, and with errors of the connection.
 *
 * node:http could do this, too; to load and set it up takes half as long as node itself.
 */
export function upgrade<T>(
  stream: Socket,
  { address, path, headers }: { address: HubAddress; path: string; headers: Record<string, string> },
  take: (upgraded: Upgraded) => T,
): Promise<T> {
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const fail = (error: Error) => {
      done();
      stream.on('error', () => {}).destroy();
      reject(error);
    };
    const ask = () => void stream.write(requestOf(address, path, { ...headers, 'sec-websocket-key': key }));
    const read = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const answer = parseAnswer(bytes);
        if (answer?.status === 101) {
          checkAnswer(answer, key);
          done();
          resolve(take({ stream, headers: answer.headers, head: answer.rest }));
        } else if (answer && isWhole(answer)) fail(refusalIn(answer));
      } catch (error) {
        fail(error as Error);
      }
    };
    const close = () => {
      const answer = parseAnswer(bytes);
      fail(answer ? refusalIn(answer) : hungUp());
    };
    const done = () => {
      stream.off('data', read).off('error', fail).off('close', close);
      stream.off('connect', ask).off('secureConnect', ask);
    };
    stream.on('data', read).on('error', fail).on('close', close);
    if (stream.connecting) stream.once(address.secure ? 'secureConnect' : 'connect', ask);
    else ask();
  });
}

function requestOf(address: HubAddress, path: string, headers: Record<string, string>): string {
  const all = {
    host: addressUrl(address).replace(/^https?:\/\//, ''),
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Throws if the server agrees to something that nobody asked for. */
function checkAnswer({ headers }: HttpAnswer, key: string): void {
  if (headers['upgrade']?.toLowerCase() !== 'websocket') throw new Error('Invalid Upgrade header');
  if (headers['sec-websocket-accept'] !== acceptOf(key))
    throw new Error('Invalid Sec-WebSocket-Accept header');
  if (headers['sec-websocket-extensions'] !== undefined || headers['sec-websocket-protocol'] !== undefined)
    throw new Error('it chose an extension or a subprotocol, and none was offered');
}

function isWhole({ headers, rest }: HttpAnswer): boolean {
  const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  return (
    rest.length >= Math.min(length, MAX_REFUSAL_CHARACTERS) ||
    (isChunked(headers) && rest.includes(LAST_CHUNK))
  );
}

const isChunked = (headers: HttpAnswer['headers']) => headers['transfer-encoding'] === 'chunked';

/** Translates a refused upgrade. */
function refusalIn({ status, headers, rest }: HttpAnswer): FleetError {
  const sent = isChunked(headers) ? rest.subarray(rest.indexOf('\n') + 1) : rest;
  return refusal(status, sent.toString());
}

/** Returns the error for what a hub refuses with: a status, and a text of which the first line counts. */
export function refusal(status: number, text: string): FleetError {
  const [line = ''] = text.trim().split(/\r?\n/, 1);
  const message = line.slice(0, MAX_REFUSAL_CHARACTERS) || `HTTP ${status}`;
  if (status === 401) return new FleetError('EAUTH', message);
  if (status === 403) return new FleetError('EFORBIDDEN', message);
  if (status === 429 || status === 503) return new FleetError('ELIMIT', message);
  return new FleetError('EPROTOCOL', `this is not a fleet hub's control port (it answered: ${message})`);
}

function hungUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}
