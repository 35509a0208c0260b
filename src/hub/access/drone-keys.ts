import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { TokenInfo } from '../../protocol/answers.ts';
import { keyName } from '../../protocol/drone-proof.ts';
import { FleetError } from '../../protocol/errors.ts';
import { readJson, writeJson } from '../../system/json-file.ts';

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

/** The keys of drones, in `drone-keys.json` in the hub's directory. Emits `removed` with each that was removed. */
export class DroneKeys extends EventEmitter<{ removed: [DroneKey] }> {
  private readonly path: string;
  private readonly byKey: Map<string, DroneKey>;

  /** Throws ECONFIG if the file is not one that a hub wrote. */
  constructor(dir: string) {
    super();
    this.path = join(dir, 'drone-keys.json');
    const read = readJson(this.path) as { keys?: DroneKey[] } | undefined;
    if (read !== undefined && !(Array.isArray(read?.keys) && read.keys.every(isDroneKey)))
      throw new FleetError(
        'ECONFIG',
        `${this.path} is not a file that a hub wrote; move it away to start without keys of drones`,
      );
    this.byKey = new Map(read?.keys?.map((one) => [one.key, one]));
  }

  find(key: string): DroneKey | undefined {
    return this.byKey.get(key);
  }

  /** The key that an invitation has let in. */
  invitedBy(invitation: string): DroneKey | undefined {
    return this.where((one) => one.invitation === invitation);
  }

  /** Adds a key, or replaces what is known of it. Throws ELIMIT, EFORBIDDEN, EIO. */
  add(key: string, { only, at, invitation }: Pick<DroneKey, 'only' | 'at' | 'invitation'>): DroneKey {
    const before = this.byKey.get(key);
    if (!before && this.byKey.size >= MAX_KEYS)
      throw new FleetError('ELIMIT', `this hub already knows the keys of ${MAX_KEYS} drones, its limit`);
    const name = keyName(key);
    if (!before && this.named(name)) throw new FleetError('EFORBIDDEN', `another key is called ${name}`);
    const known = { created: Date.now(), ...before, name, key, only, at, invitation };
    this.put(known);
    return known;
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
  bind(name: string, { identity, drone }: { identity: string; drone: string }): void {
    const known = this.named(name);
    if (!known || (known.identity === identity && known.drone === drone)) return;
    this.put({ ...known, identity, drone });
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
  remove(name: string): boolean {
    return this.drop(this.named(name));
  }

  /** Removes the key of the drone with this name, as above. */
  removeOf(drone: string): boolean {
    return this.drop(this.where((one) => one.drone === drone));
  }

  private named(name: string): DroneKey | undefined {
    return this.where((one) => one.name === name);
  }

  private where(fits: (one: DroneKey) => boolean): DroneKey | undefined {
    for (const one of this.byKey.values()) if (fits(one)) return one;
    return undefined;
  }

  private drop(known: DroneKey | undefined): boolean {
    if (!known) return false;
    this.save([...this.byKey.values()].filter((one) => one !== known));
    this.byKey.delete(known.key);
    this.emit('removed', known);
    return true;
  }

  private put(known: DroneKey): void {
    this.save([...new Map(this.byKey).set(known.key, known).values()]);
    this.byKey.set(known.key, known);
  }

  private save(keys: DroneKey[]): void {
    writeJson(this.path, { keys });
  }
}

function isDroneKey(one: Partial<DroneKey> | null): boolean {
  const { name, key, at, invitation } = one ?? {};
  return [name, key, at, invitation].every((text) => typeof text === 'string');
}
