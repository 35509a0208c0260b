/** The newest revision of each key that was heard of. */
export class Revisions {
  private readonly known = new Map<string, number>();
  private highest = 0;

  /** The newest of all. */
  get newest(): number {
    return this.highest;
  }

  /** How many keys are known. */
  get keys(): number {
    return this.known.size;
  }

  /** Notes a revision. Returns true if the key was not known to have it, nor a newer one. */
  isNews(key: string, revision: number): boolean {
    if (revision <= (this.known.get(key) ?? 0)) return false;
    this.known.set(key, revision);
    this.highest = Math.max(this.highest, revision);
    return true;
  }

  /** Forgets the keys that are not in a whole list, and returns them. */
  missing(listed: ReadonlySet<string>): string[] {
    const gone = [...this.known.keys()].filter((key) => !listed.has(key));
    for (const key of gone) this.known.delete(key);
    return gone;
  }
}
