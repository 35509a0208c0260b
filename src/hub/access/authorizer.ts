import type { Right } from '../../protocol/rights.ts';
import { demandRepo, demandRight, type Principal } from './principal.ts';

/** What a request asks for. */
export interface Demand {
  /** Any one of these rights is enough; an empty list only requires a valid login. */
  rights: readonly Right[];
  /** The only repository that the request touches. */
  repo: string | undefined;
}

/** Throws EFORBIDDEN, naming what is missing, unless `who` may do it. */
export function authorize(who: Principal, { rights, repo }: Demand): void {
  const [first] = rights;
  if (first && !rights.some((right) => who.rights.has(right))) demandRight(who, first);
  if (repo !== undefined) demandRepo(who, repo);
}
