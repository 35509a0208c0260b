/** Where leases are kept: each is gone by itself, some time after it was written. See `NatsBucket`. */
export interface LeaseBucket {
  /** When it was created, in ms since 1970. */
  readonly created: number;
  get(key: string): Promise<{ data: Buffer | null; revision: number } | null>;
  /** Rejects with ECONFLICT if another revision is current; 0 stands for "no such key". */
  put(key: string, data: Buffer | null, seen: number): Promise<number>;
}
