/** A map of so many entries: when one more comes, the one that was set longest ago goes. */
export class BoundedMap<K, V> extends Map<K, V> {
  constructor(private readonly maxEntries: number) {
    super();
  }

  /** Makes the entry the newest, also if it was there before. */
  override set(key: K, value: V): this {
    this.delete(key);
    super.set(key, value);
    const oldest = this.keys().next();
    if (this.size > this.maxEntries && !oldest.done) this.delete(oldest.value);
    return this;
  }
}
