import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { refuse, refuseUpgrade } from '../system/http-refusal.ts';
import type { Principal } from './access/principal.ts';
import { isRefusal, type Refusal } from './access/refusal.ts';
import {
  type Match,
  type Route,
  routeFor,
  type Target,
  type UpgradeRoute,
  upgradeRouteFor,
} from './route.ts';

export interface RouterParts {
  /** Checks the headers of each request before authentication. Returns null for one that may go on. */
  screen(headers: IncomingHttpHeaders): Refusal | null;
  authenticator: { authenticate(request: IncomingMessage): Promise<Principal | Refusal> };
  /** Returns where a request comes from. */
  addressOf(request: IncomingMessage): string;
  /** Calls `end` once `who` is no longer valid. Returns what ends that. */
  hold(who: Principal, end: (why: FleetError) => void): () => void;
  routes: readonly Route[];
  upgrades: readonly UpgradeRoute[];
  /** Is told who was refused what. */
  forbidden(who: Principal, url: string, why: string): void;
  /** Takes a line for each request that is screened out, or that lacks a right. */
  refusals: { add(line: string): void };
  /** Takes a line for each request that failed. */
  log: (line: string) => void;
}

/** The front of a hub, for all of its routes: finds out who asks, then for what, then whether they may. */
export class Router {
  /** Upgrades that were not answered yet. */
  private readonly waiting = new Set<Duplex>();

  constructor(private readonly parts: RouterParts) {}

  /** Answers a request. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => {});
    this.answer(request, response).catch((error: unknown) => {
      this.parts.log(`${request.method} ${(request.url ?? '').slice(0, 200)}: ${messageOf(error)}`);
      refuse(response, statusOf(error), messageOf(error));
    });
  };

  /** Answers an upgrade request. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    this.waiting.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.waiting.delete(socket));
    this.accept(request, socket, head)
      .catch(() => socket.destroy())
      .finally(() => this.waiting.delete(socket));
  };

  /** Closes upgrades that were not answered yet, whose sockets no HTTP server tracks any more. */
  close(): void {
    for (const socket of this.waiting) socket.destroy();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const found = await this.find(request, (who) => routeFor(this.parts.routes, method, url, who));
    if (!isRefusal(found)) return this.serve(found, request, response);
    for (const [name, value] of Object.entries(found.headers ?? {})) response.setHeader(name, value);
    refuse(response, found.status, found.message);
  }

  /** Serves a request for as long as whoever makes it may: also one whose body, or answer, takes long. */
  private async serve(
    found: Match<Route> & { who: Principal },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const ending = new AbortController();
    const release = this.parts.hold(found.who, (why) => {
      ending.abort(why);
      response.destroy();
    });
    try {
      await found.route.serve({ ...found, request, response, until: ending.signal });
    } finally {
      // What was answered may still be on its way to a slow reader.
      if (response.closed || response.destroyed) release();
      else response.once('close', release);
    }
  }

  private async accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { url = '' } = request;
    const found = await this.find(request, (who) => upgradeRouteFor(this.parts.upgrades, url, who));
    if (!isRefusal(found)) return found.route.accept({ ...found, request, socket, head });
    refuseUpgrade(socket, found.status, found.message);
  }

  private async find<T extends Target>(
    request: IncomingMessage,
    among: (who: Principal) => Match<T> | Refusal,
  ): Promise<(Match<T> & { who: Principal }) | Refusal> {
    const { screen, authenticator, refusals } = this.parts;
    const address = this.parts.addressOf(request);
    const screened = screen(request.headers);
    if (screened) {
      refusals.add(`refused ${address}: ${screened.message}`);
      return screened;
    }
    const who = await authenticator.authenticate(request);
    if (isRefusal(who)) return who;
    const found = among(who);
    if (!isRefusal(found)) return { ...found, who };
    if (found.status === 403) {
      refusals.add(`refused ${address}: ${found.message}`);
      this.parts.forbidden(who, request.url ?? '', found.message);
    }
    return found;
  }
}

/** Returns the HTTP status for an error. */
function statusOf(error: unknown): number {
  const status: Record<string, number> = { EPROTOCOL: 400, ELIMIT: 413, EIO: 507, ENOREPO: 404 };
  return (error instanceof FleetError && status[error.code]) || 500;
}
