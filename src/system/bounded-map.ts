/** A map with a limit: when it is full, a new entry replaces the one that was set longest ago. */
export class BoundedMap<K, V> extends Map<K, V> {
  constructor(private readonly maxEntries: number) {
    super();
  }

  /** Sets an entry and makes it the newest, even if it existed before. */
  override set(key: K, value: V): this {
    this.delete(key);
    super.set(key, value);
    const oldest = this.keys().next();
    if (this.size > this.maxEntries && !oldest.done) this.delete(oldest.value);
    return this;
  }
}
