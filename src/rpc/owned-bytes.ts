/** How many bytes each of some owners has somewhere. */
export class OwnedBytes {
  private readonly byOwner = new Map<unknown, number>();

  constructor(private readonly max: number) {}

  /** Counts more bytes, or fewer if it is negative. */
  count(owner: unknown, bytes: number): void {
    const has = (this.byOwner.get(owner) ?? 0) + bytes;
    if (has > 0) this.byOwner.set(owner, has);
    else this.byOwner.delete(owner);
  }

  /** Returns true if it is more than one of them may have. */
  isTooMuch(owner: unknown): boolean {
    return (this.byOwner.get(owner) ?? 0) > this.max;
  }
}
