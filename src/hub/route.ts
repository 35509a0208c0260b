import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import type { Right } from '../protocol/rights.ts';
import { authorize } from './access/authorizer.ts';
import type { Principal } from './access/principal.ts';
import type { Refusal } from './access/refusal.ts';

/** The named groups in a route's path. */
export type Params = Readonly<Record<string, string>>;

/** A request that may go to its route. */
export interface Call {
  who: Principal;
  params: Params;
  request: IncomingMessage;
  response: ServerResponse;
  /** Aborted, with the reason, when `who` may do nothing any more. */
  until: AbortSignal;
}

/** An upgrade that may go to its route. */
export interface UpgradeCall extends Omit<Call, 'response' | 'until'> {
  socket: Duplex;
  /** What the peer has already sent after its request. */
  head: Buffer;
}

export interface Target {
  /** Matched against the URL as sent, including the query. A group named `repo` matches only names of repositories. */
  path: RegExp;
  /** Any one of these rights is enough; an empty list only requires a valid login. */
  rights: readonly Right[];
}

/** A request that the hub answers. */
export interface Route extends Target {
  method: 'GET' | 'POST';
  serve(call: Call): Promise<void> | void;
}

/** An upgrade that the hub completes. */
export interface UpgradeRoute extends Target {
  accept(call: UpgradeCall): void;
}

export interface Match<T> {
  route: T;
  params: Params;
}

/** Finds the route of a request. Refuses with 404, 403 or 405, checked in this order. */
export function routeFor<T extends Target & { method: string }>(
  routes: readonly T[],
  method: string,
  url: string,
  who: Principal,
): Match<T> | Refusal {
  const there = matchesOf(routes, url);
  const match = there.find(({ route }) => route.method === method) ?? there[0];
  if (!match) return { status: 404, message: 'not found' };
  const forbidden = forbids(who, match);
  if (forbidden) return forbidden;
  if (match.route.method === method) return match;
  const allowed = there.map(({ route }) => route.method).join(', ');
  return { status: 405, message: 'method not allowed', headers: { Allow: allowed } };
}

/** Finds the route of an upgrade. Refuses with 404 or 403, checked in this order. */
export function upgradeRouteFor<T extends Target>(
  routes: readonly T[],
  url: string,
  who: Principal,
): Match<T> | Refusal {
  const [match] = matchesOf(routes, url);
  if (!match) return { status: 404, message: 'this hub speaks version 1 of the protocol only' };
  return forbids(who, match) ?? match;
}

function matchesOf<T extends Target>(routes: readonly T[], url: string): Match<T>[] {
  return routes.flatMap((route) => {
    const match = route.path.exec(url);
    const params: Params = { ...match?.groups };
    const { repo } = params;
    return match && (repo === undefined || isName(repo)) ? [{ route, params }] : [];
  });
}

function forbids(who: Principal, { route, params }: Match<Target>): Refusal | null {
  try {
    authorize(who, { rights: route.rights, repo: params['repo'] });
    return null;
  } catch (error) {
    return { status: 403, message: messageOf(error) };
  }
}
