import type { IncomingMessage } from 'node:http';
import type { GitAccess, GitVerdict } from '../../git/server.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { Verdict } from '../../rpc/server.ts';
import type { Authenticator } from './authenticator.ts';
import { demandRepo, demandRight, type Principal } from './principal.ts';
import type { RefusalLog } from './refusal-log.ts';

/** A websocket that was let in. */
export interface Entrant {
  principal: Principal;
  role: 'client' | 'drone';
}

/** What each kind of request must be allowed to do, once the authenticator knows who makes it. */
export class Authorizer {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly refusals: RefusalLog,
  ) {}

  /** A websocket comes in as a drone or as a client; each needs its own right for that. */
  async peer(request: IncomingMessage): Promise<Verdict<Entrant>> {
    const verdict = await this.authenticator.admit(request);
    if (!verdict.ok) return verdict;
    const role = /^\/v1\/(client|drone)$/.exec(request.url ?? '')?.[1] as Entrant['role'] | undefined;
    if (!role) return { ok: false, status: 404, message: 'this hub speaks version 1 of the protocol only' };
    const refusal = this.forbids(verdict.who, () => role === 'drone' && demandRight(verdict.who, 'drone'));
    return refusal ?? { ok: true, who: { principal: verdict.who, role } };
  }

  /** A push takes the right to deploy; a fetch that of a drone, a reader or a deployer. */
  async git(request: IncomingMessage, access: GitAccess | null): Promise<GitVerdict> {
    const verdict = await this.authenticator.admit(request);
    if (!verdict.ok)
      return { ok: false, status: verdict.status === 429 ? 429 : 401, message: verdict.message };
    const { who } = verdict;
    const refusal = this.forbids(who, () => {
      if (!access) return;
      if (access.write) demandRight(who, 'deploy');
      else if (!who.rights.has('drone') && !who.rights.has('deploy')) demandRight(who, 'read');
      demandRepo(who, access.repo);
    });
    return refusal ?? { ok: true, who: who.name };
  }

  private forbids(who: Principal, demand: () => unknown): { ok: false; status: 403; message: string } | null {
    try {
      demand();
      return null;
    } catch (error) {
      const message = messageOf(error);
      this.refusals.add(`refused ${who.address}: ${message}`);
      return { ok: false, status: 403, message };
    }
  }
}
