import type { Right } from '../protocol/rights.ts';

/** What a new token is for. */
export interface TokenOptions {
  name: string;
  can: Right[];
  /** The only repository that it is valid for; all if left out. */
  repo?: string | undefined;
  /** Milliseconds; unlimited if left out. */
  lifetime?: number | undefined;
}
