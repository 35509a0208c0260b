import { BoundedMap } from '../../system/bounded-map.ts';

/** Names that are remembered for one token; more of it replace its own oldest ones. */
const MAX_NAMES_PER_TOKEN = 2_000;

/**
 * Which token's drone had each name first. A drone of another token does not get it, even long after the first one was
 * lost: whatever names this drone, such as a spawn with its environment, is not meant for others.
 */
export class DroneNames {
  /** The identities of the drones, by token and name. */
  private readonly byToken = new Map<string, Map<string, string>>();

  /** Remembers whose name it is, unless it has an owner. */
  bind(name: string, token: string, identity: string): void {
    if (this.ownerOf(name) !== undefined) return;
    const names = this.byToken.get(token) ?? new BoundedMap<string, string>(MAX_NAMES_PER_TOKEN);
    this.byToken.set(token, names.set(name, identity));
  }

  /** Returns false if it had no owner. */
  free(name: string): boolean {
    return [...this.byToken.values()].some((names) => names.delete(name));
  }

  /** True if the name is another token's. A drone that is known, by its identity, may have its own. */
  isOthers(name: string, token: string, identity: string): boolean {
    const owner = this.ownerOf(name);
    return owner !== undefined && owner !== token && this.byToken.get(owner)?.get(name) !== identity;
  }

  private ownerOf(name: string): string | undefined {
    for (const [token, names] of this.byToken) if (names.has(name)) return token;
    return undefined;
  }
}
