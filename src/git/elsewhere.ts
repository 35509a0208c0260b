import type { IncomingMessage } from 'node:http';
import type { PushCommand } from './push-head.ts';

/** A header of requests by hubs. They get what is here: if each waited for what the others have, none would get anything. */
const AS_IT_IS_HEADER = 'fleet-as-it-is';

/** The arguments of a git that asks for what another hub has itself. */
export const ASKS_AS_IT_IS: readonly string[] = ['-c', `http.extraHeader=${AS_IT_IS_HEADER}: yes`];

/** Returns true for the request of such a git. */
export function asksAsItIs({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers[AS_IT_IS_HEADER] !== undefined;
}

/** Branches and tags of a repository that a push moves; `ZERO` stands for one that does not exist. */
export interface RefMoves {
  repo: string;
  moves: readonly PushCommand[];
}

/** What has become of moves. */
export interface Moved {
  /** Why nothing was moved; null if all is. */
  refused: string | null;
  /** For whoever pushes; null for nothing. */
  line: string | null;
}

/** The other hubs that keep the same repositories. */
export interface Elsewhere {
  /** Resolves when the refs here are those that all hubs should have, or could not be made so. */
  settle(repo: string): Promise<void>;
  /** Brings objects here that somebody asks for, as far as another hub has them. */
  bring(repo: string, objects: readonly string[]): Promise<void>;
  /** Resolves, when another hub has a commit that was pushed here, to a line for whoever pushes; null for none. */
  keep(repo: string, commit: string): Promise<string | null>;
  /** Moves refs at all hubs, whose objects are here, and resolves when another hub has followed. */
  move(of: RefMoves): Promise<Moved>;
  /** A commit is the newest that was deployed: resolves when the other hubs can know. */
  deployed(repo: string, commit: string): Promise<void>;
  /** The repository was damaged, and has lost refs. */
  damaged(repo: string): void;
  /** Removes a repository at all hubs. Throws EIO if it stays here. */
  remove(repo: string): Promise<void>;
  /** Forgets a commit at all hubs. Resolves and throws as `Forgetting.forget` does. */
  forget(repo: string, commit: string, instead: string | null): Promise<string[]>;
  /** Packs the repositories of the other hubs. Resolves to the bytes that this has freed. */
  tidy(): Promise<number>;
}
