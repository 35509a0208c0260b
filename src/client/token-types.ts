import type { TokenLimits } from '../protocol/answers.ts';
import type { Right } from '../protocol/rights.ts';

/** Whom an invitation lets in. */
export interface InvitationOptions {
  /** What it is called until it was used; `invitation-` and a random number if left out. */
  name?: string | undefined;
  /** The only name that the drone gets. */
  drone?: string | undefined;
  /** Milliseconds; an hour if left out, 7 days at most. */
  lifetime?: number | undefined;
}

/** What a new token is for. */
export interface TokenOptions {
  name: string;
  can: Right[];
  /** The only repository that it is valid for; all if left out. */
  repo?: string | undefined;
  /** The only name that a drone with it gets; it takes the right `drone`. */
  drone?: string | undefined;
  /** What else it is limited to. */
  limits?: TokenLimits | undefined;
  /** True if it shall end with the token of this client, which has one. */
  child?: boolean | undefined;
  /** Milliseconds; unlimited if left out, and for a child as long as its parent lives. */
  lifetime?: number | undefined;
}
