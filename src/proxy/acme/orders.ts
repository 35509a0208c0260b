import { randomBytes } from 'node:crypto';
import type { CertificateHub, OrderName } from '../../client/certificate-hub.ts';
import type { Challenge, HostCertificate } from '../../protocol/certificates.ts';
import { messageOf } from '../../protocol/errors.ts';
import { type Way, whyNotArriving } from './arrival.ts';
import type { Authority } from './authority.ts';

/** A little less than the hub lets nobody else order. */
const ORDER_WITHIN_MS = 150_000;
const MAX_WHY_CHARACTERS = 500;

export interface OrdersOptions {
  hub: CertificateHub;
  authority: Authority;
  way: Way;
  /** Serves a certificate from now on, before the hub has it. */
  use(certificate: HostCertificate): void;
  log(line: string): void;
}

interface Failure {
  /** True if the authority was asked for it. */
  asked: boolean;
  why: string;
}

/** Orders certificates, one at a time. */
export class Orders {
  /** What was said last of a host. */
  private readonly said = new Map<string, string>();
  /** Those that the hub could not be told of. */
  private readonly unkept: { order: OrderName; certificate: HostCertificate }[] = [];

  constructor(private readonly options: OrdersOptions) {}

  /** Orders one for one of these hosts, if the hub says so. Returns for how many ms there is nothing to do. */
  async next(hosts: readonly string[]): Promise<number> {
    await this.bring();
    const { hub, authority, log } = this.options;
    const key = randomBytes(16).toString('hex');
    const asked = { key, directory: authority.directory, hosts: [...hosts] };
    const { host, account, wait } = await hub.order(asked);
    if (host === null || account === null) return wait;
    const failure = await this.fulfil({ key, host }, account);
    if (failure) {
      const again = await hub.failed({ key, host }, failure);
      if (this.said.get(host) !== failure.why)
        log(`no certificate for ${host}: ${failure.why}; it is tried again in ${roughly(again)}`);
      this.said.set(host, failure.why);
    } else {
      this.said.delete(host);
      log(`has a new certificate for ${host}`);
      await this.bring();
    }
    return 0;
  }

  /** Returns why there is no certificate; null if there is one. */
  private async fulfil(order: OrderName, account: string): Promise<Failure | null> {
    const { hub, authority, way, use } = this.options;
    const { host } = order;
    let asked = false;
    try {
      const probe = { token: randomBytes(16).toString('hex'), answer: randomBytes(16).toString('hex') };
      await hub.challenge(order, probe);
      const why = await whyNotArriving(host, probe, way);
      if (why !== null) return { asked, why };
      await authority.reach();
      asked = true;
      const answer = (challenge: Challenge) => hub.challenge(order, challenge);
      const issued = await within(ORDER_WITHIN_MS, authority.issue({ host, account, answer }));
      const certificate = { host, ...issued };
      use(certificate);
      this.unkept.push({ order, certificate });
      return null;
    } catch (error) {
      return { asked, why: messageOf(error).slice(0, MAX_WHY_CHARACTERS) };
    }
  }

  /** Tells the hub of what it has not got yet, or nobody else has it, and it is ordered again. */
  private async bring(): Promise<void> {
    const { hub, authority } = this.options;
    for (let [first] = this.unkept; first; [first] = this.unkept) {
      await hub.keep(first.order, authority.directory, first.certificate);
      this.unkept.shift();
    }
  }
}

function roughly(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took more than ${ms / 1000} s`)), ms).unref();
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
