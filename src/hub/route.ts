import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import type { Right } from '../protocol/rights.ts';
import { authorize } from './access/authorizer.ts';
import type { Principal } from './access/principal.ts';
import type { Refusal } from './access/refusal.ts';

/** The named groups of a route's path. */
export type Params = Readonly<Record<string, string>>;

/** A request that was let through to its route. */
export interface Call {
  who: Principal;
  params: Params;
  request: IncomingMessage;
  response: ServerResponse;
}

/** An upgrade that was let through to its route. */
export interface UpgradeCall extends Omit<Call, 'response'> {
  socket: Duplex;
  /** What the peer has sent already behind its request. */
  head: Buffer;
}

export interface Target {
  /** Matched against the URL as it was sent, query and all. A group named `repo` matches names of repositories only. */
  path: RegExp;
  /** Any one of these rights will do; if there are none, to be let in is enough. */
  rights: readonly Right[];
}

/** Requests that the hub answers. */
export interface Route extends Target {
  method: 'GET' | 'POST';
  serve(call: Call): Promise<void> | void;
}

/** Upgrades that the hub completes. */
export interface UpgradeRoute extends Target {
  accept(call: UpgradeCall): void;
}

export interface Match<T> {
  route: T;
  params: Params;
}

/** Finds the route of a request. Refused with 404, 403 or 405, in this order. */
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

/** Finds the route of an upgrade. Refused with 404 or 403, in this order. */
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
