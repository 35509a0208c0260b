import { FleetError, messageOf } from '../../protocol/errors.ts';
import { own } from '../../system/own.ts';
import { within } from '../../system/within.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { Introduction } from '../drones/introduction.ts';
import { groupKey } from '../store/groups.ts';
import { KeptRecords } from '../store/kept-records.ts';
import { notWritten } from '../store/not-written.ts';
import { isObject } from '../store/section.ts';
import type { Entry, Store } from '../store/store.ts';

/**
 * How many records have all names: an engine stores what a hub changes one after the other, and drones that join at the same
 * time wait for that. With 10,000 drones, a record has 150 kB.
 */
const RECORDS = 8;
const keyOf = (name: string) => groupKey('drone-names', name, RECORDS);
/** A claim counts for so long before other hubs must know its drone. Clocks of hubs may differ by minutes. */
const FRESH_MS = 600_000;
/** A drone that joins waits no longer. */
const CLAIM_WITHIN_MS = 15_000;

/** Whose name it is, and when it was claimed (ms since 1970, by the clock of the hub that did). */
interface Claim {
  identity: string;
  at: number;
}

/** By name. */
type Claims = Record<string, Claim>;

type Known = Pick<DroneDirectory, 'nameFor' | 'withIdentity'>;

/** The names of drones, which are claimed in what all hubs share before they are used. */
export class NameClaims {
  private constructor(private readonly kept: KeptRecords<Claims>) {
    kept.follow(() => {});
  }

  /** Throws ECONFIG if something that is stored is not what a hub wrote. */
  static async open(store: Store): Promise<NameClaims> {
    const check = ({ key, value }: Entry) => {
      if (isObject(value) && Object.values(value).every(isClaim)) return value as Claims;
      throw notWritten(store.where(key), 'to let drones claim their names anew');
    };
    return new NameClaims(await KeptRecords.open(store, ['drone-names.'], check));
  }

  /**
   * Resolves to the name that a drone gets, which no other hub gives away. For a name that it had before, nothing is stored.
   * Rejects with EDUPLICATE if its token is for a name that another drone has; ECLUSTER, EIO.
   */
  async claim(introduction: Introduction, directory: Known): Promise<string> {
    const { identity } = introduction;
    const wanted = (claims: ReadonlyMap<string, Claims>) =>
      directory.nameFor(introduction, (name) => isOthers(claimOf(claims, name), identity, directory));
    const name = wanted(this.kept.all);
    if (claimOf(this.kept.all, name)?.identity === identity) return name;
    const made = this.kept.change((now) => {
      const free = wanted(now);
      if (claimOf(now, free)?.identity === identity) return { next: [], name: free };
      const key = keyOf(free);
      const part = { ...now.get(key), [free]: { identity, at: Date.now() } };
      return { next: [[key, part] as const], name: free };
    });
    try {
      const claimed = await within(made, CLAIM_WITHIN_MS, null);
      if (claimed) return claimed.name;
      throw new FleetError('ECLUSTER', 'what the hubs share does not answer');
    } catch (error) {
      if (error instanceof FleetError && error.code === 'EDUPLICATE') throw error;
      const why = `no drone can get a new name now: ${messageOf(error)}`;
      throw new FleetError('ECLUSTER', why, { cause: error });
    }
  }

  /** Somebody else may have a name. Rejects with ECLUSTER, EIO. */
  async free(name: string): Promise<void> {
    await this.kept.change((now) => {
      if (!claimOf(now, name)) return null;
      const key = keyOf(name);
      const { [name]: _, ...others } = now.get(key) ?? {};
      return { next: [[key, others]] };
    });
  }
}

function claimOf(claims: ReadonlyMap<string, Claims>, name: string): Claim | undefined {
  return own(claims.get(keyOf(name)) ?? {}, name);
}

/** Returns true if the name is another drone's, which is known, or may have joined somewhere just now. */
function isOthers(claim: Claim | undefined, identity: string, directory: Known): boolean {
  if (!claim || claim.identity === identity) return false;
  return Date.now() - claim.at < FRESH_MS || directory.withIdentity(claim.identity) !== undefined;
}

function isClaim(read: unknown): read is Claim {
  return isObject(read) && typeof read['identity'] === 'string' && typeof read['at'] === 'number';
}
