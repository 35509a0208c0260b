import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { axios, Client, crypto, setLogger } from 'acme-client';
import type { Challenge } from '../../protocol/certificates.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';

/** How often an authority is asked whether it has looked, and how soon. */
const LOOK = { backoffAttempts: 12, backoffMin: 250, backoffMax: 15_000 };
const ANSWER_WITHIN_MS = 30_000;

export interface Wanted {
  host: string;
  /** The key of the account (PEM). */
  account: string;
  /** Has the challenge answered for the host; resolves when that is so. */
  answer(challenge: Challenge): Promise<void>;
}

/** What issues certificates. */
export interface Authority {
  /** The URL of its directory. */
  readonly directory: string;
  /** Rejects if it cannot be reached; nothing is asked of it. */
  reach(): Promise<void>;
  /** Returns a certificate for a host, with its chain, and its key. Rejects with the authority's own words. */
  issue(wanted: Wanted): Promise<{ chain: string; privateKey: string }>;
}

export interface AuthorityOptions {
  directory: string;
  email: string;
  /** A PEM file with the certificate authority that its own server is trusted by, instead of the system's. */
  ca?: string | undefined;
}

/** Returns an authority that speaks ACME (RFC 8555), whose terms are agreed to. Throws ECONFIG if `ca` cannot be read. */
export function acmeAuthority({ directory, email, ca }: AuthorityOptions): Authority {
  // Its own tries would hold up an order, and the hub knows how often an authority may be asked.
  Object.assign(axios.defaults, { acmeSettings: { retryMaxAttempts: 0, retryDefaultDelay: 1 } });
  axios.defaults.timeout = ANSWER_WITHIN_MS;
  if (ca !== undefined) axios.defaults.httpsAgent = new Agent({ ca: read(ca) });
  setLogger(() => {});
  const client = (account: string) => new Client({ directoryUrl: directory, accountKey: account, ...LOOK });
  return {
    directory,
    async reach() {
      const { status } = await axios.get(directory);
      if (status !== 200) throw new Error(`${directory} answered ${status}`);
    },
    async issue({ host, account, answer }) {
      const acme = client(account);
      await acme.createAccount({ termsOfServiceAgreed: true, contact: [`mailto:${email}`] });
      const order = await acme.createOrder({ identifiers: [{ type: 'dns', value: host }] });
      for (const authorization of await acme.getAuthorizations(order)) {
        if (authorization.status === 'valid') continue;
        const challenge = authorization.challenges.find(({ type }) => type === 'http-01');
        if (!challenge) throw new Error('it offers no HTTP-01');
        await answer({ token: challenge.token, answer: await acme.getChallengeKeyAuthorization(challenge) });
        await acme.completeChallenge(challenge);
        await acme.waitForValidStatus(challenge);
      }
      const privateKey = await crypto.createPrivateEcdsaKey();
      const [, request] = await crypto.createCsr({ altNames: [host] }, privateKey);
      const final = await acme.finalizeOrder(order, request);
      return { chain: await acme.getCertificate(final), privateKey: privateKey.toString() };
    },
  };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
