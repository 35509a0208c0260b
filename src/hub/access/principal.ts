import type { TokenLimits } from '../../protocol/answers.ts';
import type { ClientCallRow } from '../../protocol/call-table.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Right } from '../../protocol/rights.ts';

/** Whoever comes with a secret that was replaced. */
export const OLD_SECRET = 'old-secret';

/** What the audit trail calls those who have no token: they cannot be the names of tokens. */
export const OWN_NAMES: readonly string[] = ['secret', OLD_SECRET, 'anyone', 'hub', 'unknown'];

/** Who makes a request, and what they may do. */
export interface Principal {
  /** The token's name, or `secret`, or `anyone` at a hub without a secret. */
  name: string;
  /** The hash of the hub's secret, for whoever came with it. */
  secret?: string;
  /** Of the token: tells tokens apart that have had the same name. */
  accessor?: string;
  address: string;
  rights: ReadonlySet<Right>;
  /** The only repository that this one may touch; null for all. */
  repo: string | null;
  /** The only name that a drone of this one gets; null or left out for any. */
  drone?: string | null;
  /** What else it is limited to; left out for nothing. */
  limits?: TokenLimits;
  /** True for a drone that has proven its key. */
  hasKey?: boolean;
  /** When its token ends, in milliseconds since 1970; null for never. */
  expires: number | null;
  /** False once the token was removed or has expired, also while its connection is open. */
  isValid(): boolean;
}

/** Returns an address as people write it: `127.0.0.1`, which a socket for both families calls `::ffff:127.0.0.1`. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') ?? 'unknown';
}

/** Returns how events and the audit trail name somebody. */
export function doerOf({ name, accessor, address }: Pick<Principal, 'name' | 'accessor' | 'address'>) {
  return { who: name, ...(accessor === undefined ? {} : { accessor }), address };
}

/** True if `who` may see things of this repository. */
export function sees(who: Principal, repo: string): boolean {
  return who.repo === null || who.repo === repo;
}

/** Returns the error for whose token, key or secret has ended. */
export function noLongerValid({ name, secret }: Pick<Principal, 'name' | 'secret'>): FleetError {
  if (secret !== undefined) return new FleetError('EAUTH', REPLACED);
  return new FleetError('EAUTH', `the token '${name}' has expired or was removed`);
}

/** What whoever comes with an old secret is told. */
export const REPLACED = 'the secret of this hub was replaced: ask for the new one';

/** Throws EFORBIDDEN, naming what is missing, unless `who` has the right; EAUTH if its token is no longer valid. */
export function demandRight(who: Principal, right: Right): void {
  if (!who.isValid()) throw noLongerValid(who);
  if (who.rights.has(right)) return;
  throw new FleetError(
    'EFORBIDDEN',
    `the token '${who.name}' lacks the right '${right}'; ask for one made with --can=${right}`,
  );
}

/** Throws as `demandRight` does unless `who` has the right that a call takes, or the other one that is enough. */
export function demandCall(
  who: Principal,
  { right, orRight }: Pick<ClientCallRow, 'right' | 'orRight'>,
): void {
  demandRight(who, orRight && who.rights.has(orRight) ? orRight : right);
}

/** Throws EFORBIDDEN unless `who` may touch this repository. */
export function demandRepo(who: Principal, repo: string): void {
  if (sees(who, repo)) return;
  throw new FleetError(
    'EFORBIDDEN',
    `the token '${who.name}' is for the repository '${who.repo}' only, not for '${repo}'`,
  );
}

/** Throws EFORBIDDEN if `who` may touch a single repository only. */
export function demandEverything({ name, repo }: Principal): void {
  if (repo === null) return;
  throw new FleetError(
    'EFORBIDDEN',
    `the token '${name}' is for the repository '${repo}' only, and this is about all of them`,
  );
}
