import type { HubRemote } from '../../git/remote.ts';
import { fingerprintToPin } from '../../protocol/address.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { allOf } from './all-of.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';

const PASS_WITHIN_MS = 5_000;
/** Whoever deploys waits for this, also if a hub does not answer. */
const FIND_WITHIN_MS = 2_000;

/** Where another hub has a commit. */
export interface Found {
  other: OtherHub;
  isShallow: boolean;
}

/** The gits of the other hubs, which take a pass that is told over the link. */
export class GitOfHubs {
  private readonly passes = new WeakMap<OtherHub, Promise<string>>();

  constructor(private readonly others: OtherHubs) {}

  /** Returns how a hub's git is reached. Throws ECONNECT if nobody has told where, and what the call throws. */
  async remoteOf(other: OtherHub): Promise<HubRemote> {
    const { git: url, fingerprint, name } = other;
    if (url === null) throw new FleetError('ECONNECT', `${name} does not say where its git is reached`);
    const pin = fingerprint === null ? {} : { pin: fingerprintToPin(fingerprint) };
    return { url, secret: await this.passFor(other), ...pin };
  }

  /** Returns the hubs that have a commit. */
  async find(repo: string, commit: string): Promise<Found[]> {
    const answers = await allOf(this.others, async (other) => {
      const { result } = await other.calls.call('commit.find', { repo, commit }, { timeout: FIND_WITHIN_MS });
      return result.has ? [{ other, isShallow: result.isShallow }] : [];
    });
    return answers.flat();
  }

  /** Does something with the git of one hub after the other, `first` before others, until that works. Throws what the last one threw. */
  async withAny(first: OtherHub | null, act: (from: HubRemote) => Promise<void>): Promise<void> {
    let failure: unknown = new FleetError('ENOCOMMIT', 'no other hub is connected');
    const others = this.others.all();
    for (const other of first ? [first, ...others.filter((one) => one !== first)] : others) {
      try {
        return await act(await this.remoteOf(other));
      } catch (error) {
        failure = new FleetError('EGIT', `${other.name}: ${messageOf(error)}`, { cause: error });
      }
    }
    throw failure;
  }

  private passFor(other: OtherHub): Promise<string> {
    const known = this.passes.get(other);
    if (known) return known;
    const asked = other.calls
      .call('git.pass', {}, { timeout: PASS_WITHIN_MS })
      .then(({ result }) => result.pass);
    asked.catch(() => this.passes.delete(other));
    this.passes.set(other, asked);
    return asked;
  }
}
