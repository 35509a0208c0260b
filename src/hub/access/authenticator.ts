import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { secretOf } from '../../protocol/authorization.ts';
import { RIGHTS, type Right } from '../../protocol/rights.ts';
import type { FetchPasses } from './fetch-passes.ts';
import type { PendingConnections } from './pending-connections.ts';
import { type Principal, REPLACED } from './principal.ts';
import type { NotProven, Proofs } from './proofs.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { Secrets } from './secrets.ts';
import { Throttle } from './throttle.ts';
import { sha256, type Tokens } from './tokens.ts';

/** Refusals that may wait at the same time; beyond that, a wrong secret is refused without waiting. */
const MAX_WAITING = 1_000;

const unknown = (message: string): Refusal => ({
  status: 401,
  message,
  headers: { 'WWW-Authenticate': 'Basic realm="fleet"' },
});

export interface AuthenticatorParts {
  secrets: Pick<Secrets, 'find' | 'isNeeded'>;
  tokens: Tokens;
  proofs: Pick<Proofs, 'check'>;
  passes: Pick<FetchPasses, 'find'>;
  pending: PendingConnections;
  refusals: RefusalLog;
  /** Returns where a request comes from. */
  addressOf(request: IncomingMessage): string;
  /** Is told where a wrong secret came from. */
  wrongSecret(address: string): void;
}

/** Finds out who makes a request, before any of its content is read. */
export class Authenticator {
  private readonly throttle = new Throttle();
  private waiting = 0;

  constructor(private readonly parts: AuthenticatorParts) {}

  /** Finds out who makes a request. A wrong secret waits for its 401, longer each time; the right one never does. */
  async authenticate(request: IncomingMessage): Promise<Principal | Refusal> {
    const address = this.parts.addressOf(request);
    const judged = this.parts.proofs.check(request, address);
    const outcome = judged ? await judged : this.bySecret(request, address);
    if ('isGuess' in outcome)
      return outcome.isGuess ? this.refuseGuess(outcome.refusal, address) : outcome.refusal;
    if (!isRefusal(outcome)) this.parts.pending.remove(request.socket);
    return outcome;
  }

  private async refuseGuess(refusal: Refusal, address: string): Promise<Refusal> {
    const delay = this.throttle.failed(address);
    this.parts.refusals.add(`refused ${address}: wrong secret`);
    this.parts.wrongSecret(address);
    if (this.waiting >= MAX_WAITING) return { status: 429, message: 'too many wrong secrets; try later' };
    this.waiting++;
    try {
      await sleep(delay, undefined, { ref: false });
    } finally {
      this.waiting--;
    }
    return refusal;
  }

  private bySecret({ headers }: IncomingMessage, address: string): Principal | NotProven | Refusal {
    const given = secretOf(headers.authorization);
    const who = this.whoIs(given, address, headers.upgrade === undefined);
    if (who === 'invitation')
      return unknown('this is an invitation, with which a drone joins: fleet drone --join=INVITATION');
    if (who?.isValid()) return who;
    // Neither of these is a guess, so nobody waits.
    if (who?.secret !== undefined) return unknown(REPLACED);
    if (who) return unknown(`the token '${who.name}' has expired; ask for a new one`);
    if (given === undefined) return unknown('this hub wants its secret: give --secret');
    return { refusal: unknown('wrong secret'), isGuess: true };
  }

  /** Who has this secret. A token may have expired by now. */
  private whoIs(
    given: string | undefined,
    address: string,
    isRequest: boolean,
  ): Principal | 'invitation' | undefined {
    const { secrets, tokens, passes } = this.parts;
    const all = { address, repo: null, rights: new Set<Right>(RIGHTS) };
    if (!secrets.isNeeded) return { name: 'anyone', expires: null, isValid: () => true, ...all };
    if (given === undefined) return undefined;
    const hash = sha256(given);
    const known = secrets.find(hash);
    if (known) return { ...known, ...all };
    const token = tokens.find(hash);
    // A drone connects by its key.
    if (!token) return isRequest ? passes.find(hash, address) : undefined;
    if (token.invitation) return 'invitation';
    const { name, accessor, can, repo, drone = null, limits, expires } = token;
    return {
      name,
      ...(accessor === undefined ? {} : { accessor }),
      address,
      rights: new Set(can),
      repo,
      drone,
      ...(limits === undefined ? {} : { limits }),
      expires,
      isValid: () => tokens.isValid(token),
    };
  }
}
