import type { BranchHandler } from './branch-push.ts';

/** What is done with a push. */
export interface PushHandlers {
  onPush(pushes: GitPush[]): void;
  /** The token that pushes; null for whoever is not limited. */
  creator: string | null;
  /** Is told of a repository that is new. */
  onCreated(repo: string): void;
  /** Is told of refs that were removed, or that were refused; `why` is null for those that were removed. */
  onOther(repo: string, refs: string[], why: string | null): void;
  branch: BranchHandler;
  /** When this is aborted, the push ends, and changes nothing. */
  until: AbortSignal;
}

/** A branch or tag that was pushed by hand, and the commit that it now points to. */
export interface GitPush {
  repo: string;
  ref: string;
  commit: string;
}
