import type { Right } from '../protocol/rights.ts';

/** What a new token is for. */
export interface TokenOptions {
  name: string;
  can: Right[];
  /** The only repository that it is valid for; all if left out. */
  repo?: string | undefined;
  /** The only name that a drone with it gets; it takes the right `drone`. */
  drone?: string | undefined;
  /** Milliseconds; unlimited if left out. */
  lifetime?: number | undefined;
}
