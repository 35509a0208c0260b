import { EventEmitter } from 'node:events';
import type { TokenInfo } from '../../protocol/answers.ts';
import { keyName } from '../../protocol/drone-proof.ts';
import { FleetError } from '../../protocol/errors.ts';
import { KeptRecords } from '../store/kept-records.ts';
import { notWritten } from '../store/not-written.ts';
import type { Entry, Store } from '../store/store.ts';

/** Drones that have a key. */
const MAX_KEYS = 10_000;

/** The public key of one drone. Keys that this version does not know are kept. */
export interface DroneKey {
  /** See `keyName`. */
  name: string;
  /** As in `Proof`. */
  key: string;
  /** The only name that its drone gets; null for any. */
  only: string | null;
  /** The address at which the drone has met this hub. */
  at: string;
  /** Hash of the invitation that let it in. */
  invitation: string;
  created: number;
  /** Which drone has it, and its last name; left out until it has joined. */
  identity?: string;
  drone?: string;
}

const PREFIX = 'drone-key.';

/** The keys of drones. Emits `removed` with each that was removed. */
export class DroneKeys extends EventEmitter<{ removed: [DroneKey] }> {
  private byKey: Map<string, DroneKey>;

  private constructor(private readonly kept: KeptRecords<DroneKey>) {
    super();
    this.byKey = byKey(kept.all);
    kept.follow(() => {
      const before = this.byKey;
      this.byKey = byKey(kept.all);
      for (const one of before.values()) if (!this.isValid(one)) this.emit('removed', one);
    });
  }

  /** Throws ECONFIG if a key is not one that a hub wrote. */
  static async open(store: Store): Promise<DroneKeys> {
    const check = ({ key, value }: Entry) => {
      if (isDroneKey(value as Partial<DroneKey>)) return value as DroneKey;
      throw notWritten(store.where(key), 'to start without keys of drones');
    };
    return new DroneKeys(await KeptRecords.open(store, [PREFIX], check));
  }

  find(key: string): DroneKey | undefined {
    return this.byKey.get(key);
  }

  /** The key that an invitation has let in. */
  invitedBy(invitation: string): DroneKey | undefined {
    return this.where((one) => one.invitation === invitation);
  }

  /**
   * Adds a key, or replaces what is known of it, and returns it; if the invitation has let in another one, it returns that.
   * Throws ELIMIT, EFORBIDDEN, EIO.
   */
  async add(
    key: string,
    { only, at, invitation }: Pick<DroneKey, 'only' | 'at' | 'invitation'>,
  ): Promise<DroneKey> {
    const name = keyName(key);
    const guest = (keys: ReadonlyMap<string, DroneKey>) =>
      [...keys.values()].find((one) => one.invitation === invitation && one.key !== key);
    const made = await this.kept.change((now) => {
      if (guest(now)) return null;
      const before = now.get(PREFIX + name);
      if (!before && now.size >= MAX_KEYS)
        throw new FleetError('ELIMIT', `this hub already knows the keys of ${MAX_KEYS} drones, its limit`);
      if (before && before.key !== key) throw new FleetError('EFORBIDDEN', `another key is called ${name}`);
      const known: DroneKey = { created: Date.now(), ...before, name, key, only, at, invitation };
      return { next: [[PREFIX + name, known] as const], known };
    });
    return made?.known ?? (guest(this.kept.all) as DroneKey);
  }

  /** Throws EFORBIDDEN if a drone has another key than the one that `name` is of, or the key has another drone. */
  demandOwn(name: string, identity: string): void {
    const own = this.where((one) => one.identity === identity);
    const shown = this.named(name);
    if (own && own !== shown)
      throw new FleetError(
        'EFORBIDDEN',
        `${own.drone} has a key of its own, and joins without a secret; if the key is lost: fleet token rm ${own.name}`,
      );
    if (shown?.identity !== undefined && shown.identity !== identity)
      throw new FleetError(
        'EFORBIDDEN',
        `this is the key of ${shown.drone}, and drone.json is not; fleet token rm ${name}, then join with an invitation`,
      );
  }

  /** Records which drone has a key, and its name. Throws EIO. */
  async bind(name: string, { identity, drone }: { identity: string; drone: string }): Promise<void> {
    await this.kept.change((now) => {
      const known = now.get(PREFIX + name);
      if (!known || (known.identity === identity && known.drone === drone)) return null;
      return { next: [[PREFIX + name, { ...known, identity, drone }]] };
    });
  }

  isValid({ key, created }: DroneKey): boolean {
    return this.byKey.get(key)?.created === created;
  }

  /** The keys as tokens, which they are beside. */
  list(): TokenInfo[] {
    return [...this.byKey.values()].map(({ name, only, drone, created }) => ({
      ...{ name, can: ['drone'], repo: null, drone: drone ?? only, created, expires: null },
    }));
  }

  /** Removes the key of this name; returns false if there is none. Throws EIO. */
  remove(name: string): Promise<boolean> {
    return this.drop((one) => one.name === name);
  }

  /** Removes the key of the drone with this name, as above. */
  removeOf(drone: string): Promise<boolean> {
    return this.drop((one) => one.drone === drone);
  }

  private named(name: string): DroneKey | undefined {
    return this.kept.all.get(PREFIX + name);
  }

  private where(fits: (one: DroneKey) => boolean): DroneKey | undefined {
    for (const one of this.byKey.values()) if (fits(one)) return one;
    return undefined;
  }

  private async drop(fits: (one: DroneKey) => boolean): Promise<boolean> {
    const made = await this.kept.change((now) => {
      const known = [...now].find(([, one]) => fits(one));
      return known ? { next: [[known[0], null]] } : null;
    });
    return made !== null;
  }
}

function byKey(records: ReadonlyMap<string, DroneKey>): Map<string, DroneKey> {
  return new Map([...records.values()].map((one) => [one.key, one]));
}

function isDroneKey(one: Partial<DroneKey> | null): boolean {
  const { name, key, at, invitation } = one ?? {};
  return [name, key, at, invitation].every((text) => typeof text === 'string');
}
