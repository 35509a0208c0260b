import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import type { Challenge } from '../../protocol/certificates.ts';
import { messageOf } from '../../protocol/errors.ts';
import { CHALLENGE_PATH } from '../challenge-path.ts';

const ARRIVE_WITHIN_MS = 10_000;
const MAX_ANSWER_BYTES = 1_000;
/** What an authority comes to (RFC 8555, 8.3). */
const HTTP = 80;

/** How everybody comes to a host. */
export interface Way {
  /** Returns its addresses. Rejects if it has none. */
  addressesOf(host: string): Promise<string[]>;
  port: number;
}

export const PUBLIC_WAY: Way = {
  addressesOf: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  port: HTTP,
};

/** What came back from one address: the answer, or why there is none. */
export type Arrival = { address: string } & ({ status: number; body: string } | { error: Error });

/** Asks for a challenge's answer as an authority would, at each address of a host. Returns why one would not get it, or null. */
export async function whyNotArriving(host: string, challenge: Challenge, way: Way): Promise<string | null> {
  let addresses: string[];
  try {
    addresses = await way.addressesOf(host);
  } catch {
    return `DNS has no address for ${host}`;
  }
  const arrivals = await Promise.all(addresses.map((address) => ask(host, address, challenge, way)));
  return verdict(host, arrivals, challenge.answer);
}

/** This machine itself has no way there, perhaps because it has no IPv6; that says nothing of others. */
const NO_WAY = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL']);

/** Decides by what came back whether an authority would get the answer: null, or why it would not. */
export function verdict(host: string, arrivals: readonly Arrival[], answer: string): string | null {
  const told = arrivals.filter(
    (one) => !('error' in one && NO_WAY.has((one.error as NodeJS.ErrnoException).code ?? '')),
  );
  const wrong = told.find((one) => 'error' in one || one.status !== 200 || one.body.trim() !== answer);
  if (told.length > 0 && !wrong) return null;
  const [first] = wrong ? [wrong] : arrivals;
  if (!first) return `DNS has no address for ${host}`;
  return `http://${host}${CHALLENGE_PATH} does not lead here: ${first.address}: ${whatCame(first)}`;
}

function whatCame(one: Arrival): string {
  if ('error' in one) return messageOf(one.error);
  return one.status === 200 ? 'another answer' : `status ${one.status}`;
}

function ask(
  host: string,
  address: string,
  { token }: Challenge,
  { port }: Pick<Way, 'port'>,
): Promise<Arrival> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ address, error });
    const options = {
      host: address,
      port,
      path: `${CHALLENGE_PATH}${token}`,
      headers: { host },
      agent: false,
    };
    const signal = AbortSignal.timeout(ARRIVE_WITHIN_MS);
    signal.addEventListener('abort', () => failed(new Error(`no answer in ${ARRIVE_WITHIN_MS / 1000} s`)));
    const sent = request({ ...options, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        if (body.length < MAX_ANSWER_BYTES) body += piece;
      });
      response.once('end', () => resolve({ address, status: response.statusCode ?? 0, body }));
      response.once('error', failed);
    });
    sent.once('error', failed).end();
  });
}
