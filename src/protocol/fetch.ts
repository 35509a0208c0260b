/** How far the fetch of a commit is. */
export interface FetchState {
  step: 'preparing' | 'receiving' | 'done' | (string & {});
  /** Of the objects; null if unknown. */
  percent: number | null;
  /** Milliseconds since it began. */
  elapsed: number;
}

/** A commit that was deployed and that a drone lacks, because it has failed. */
export interface Lag {
  repo: string;
  commit: string;
  why: string;
  /** True if the drone tries again by itself. */
  retries: boolean;
}
