import type { CertificateHub } from '../../client/certificate-hub.ts';
import type { HostCertificate } from '../../protocol/certificates.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { Apps } from '../table.ts';
import { Orders, type OrdersOptions } from './orders.ts';
import { wantedCertificates } from './wanted.ts';

/** After something went wrong with the hub. */
const AGAIN_AFTER_MS = 10_000;
const LONGEST_WAIT_MS = 3_600_000;

/** Where certificates are served from. */
interface Served {
  fingerprintOf(host: string): string | null;
  add(certificates: readonly HostCertificate[]): void;
}

export interface KeeperOptions extends Omit<OrdersOptions, 'use'> {
  hub: CertificateHub;
  served: Served;
  /** Returns true for a host that has a certificate from a file. */
  hasFile(host: string): boolean;
}

/** Sees to it that each host has a certificate: the hub's, or one that is ordered now. */
export class Keeper {
  private readonly orders: Orders;
  private apps: Apps = {};
  private timer: NodeJS.Timeout | undefined;
  private isBusy = false;
  private isNew = false;
  private isOver = false;
  private said: string | null = null;

  constructor(private readonly options: KeeperOptions) {
    this.orders = new Orders({ ...options, use: (one) => options.served.add([one]) });
  }

  /** Takes what the hub says now. */
  look(apps: Apps): void {
    this.apps = apps;
    this.isNew = true;
    void this.run();
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.options.hub.close();
  }

  private async run(): Promise<void> {
    if (this.isBusy || this.isOver) return;
    this.isBusy = true;
    clearTimeout(this.timer);
    let wait = 0;
    while (!this.isOver && (wait === 0 || this.isNew)) {
      this.isNew = false;
      wait = await this.step();
    }
    this.isBusy = false;
    if (this.isOver) return;
    this.timer = setTimeout(() => void this.run(), Math.min(wait, LONGEST_WAIT_MS)).unref();
  }

  /** Does what is to be done now, and returns for how many ms there is nothing else; 0 to look again. */
  private async step(): Promise<number> {
    const { hub, authority, served, hasFile, log } = this.options;
    const own = { hasFile, fingerprintOf: (host: string) => served.fingerprintOf(host) };
    try {
      const { stale, due, next } = wantedCertificates(this.apps, authority.directory, own, Date.now());
      if (stale.length > 0) served.add(await hub.certificates());
      const wait = due.length > 0 ? await this.orders.next(due) : LONGEST_WAIT_MS;
      this.said = null;
      return next === null ? wait : Math.min(wait, Math.max(1, next - Date.now()));
    } catch (error) {
      const why = messageOf(error);
      if (why !== this.said && !this.isOver) log(`${why}; certificates stay as they are`);
      this.said = why;
      return AGAIN_AFTER_MS;
    }
  }
}
