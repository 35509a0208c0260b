/**
 * A map with a limit: when it is full, a new entry replaces those that were set longest ago. An entry counts as one, or as
 * much as it weighs.
 */
export class BoundedMap<K, V> extends Map<K, V> {
  private readonly weights = new Map<K, number>();
  private weight = 0;

  constructor(private readonly maxWeight: number) {
    super();
  }

  /** Sets an entry and makes it the newest, even if it existed before. The newest one stays, whatever it weighs. */
  override set(key: K, value: V, weight = 1): this {
    this.delete(key);
    super.set(key, value);
    this.weights.set(key, weight);
    this.weight += weight;
    for (const oldest of this.keys()) {
      if (this.weight <= this.maxWeight || oldest === key) break;
      this.delete(oldest);
    }
    return this;
  }

  override delete(key: K): boolean {
    this.weight -= this.weights.get(key) ?? 0;
    this.weights.delete(key);
    return super.delete(key);
  }

  override clear(): void {
    this.weight = 0;
    this.weights.clear();
    super.clear();
  }
}
