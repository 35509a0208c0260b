import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FleetError, messageOf } from '../protocol/errors.ts';
import { makeDirectory } from '../system/json-file.ts';
import { acquireLock } from '../system/lock.ts';
import { demandPrivate } from '../system/strict-modes.ts';
import { Keeper } from './acme/keeper.ts';
import { type Doors, openDoors } from './doors.ts';
import type { HttpProxy, ProxyOptions } from './options.ts';
import { ShownCertificates } from './shown-certificates.ts';
import { Table } from './table.ts';
import { TableFile } from './table-file.ts';

/** How long requests under way hold up the end. */
const END_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** A hub that has refused this proxy is asked again. */
const ASK_AGAIN_MS = 10_000;

/**
 * Starts a proxy in its directory: it listens, and acts by the table that it had last until its hub tells a newer one.
 * Throws EINUSE if another proxy runs there or the port is taken, EIO, EUSAGE.
 */
export async function createProxy(options: ProxyOptions): Promise<HttpProxy> {
  const { dir, log } = options;
  makeDirectory(dir);
  demandPrivate(dir, []);
  const lock = await acquireLock(join(dir, 'proxy.lock'), 'a proxy');
  if (lock.problem !== null) log(lock.problem);
  try {
    const table = new Table(log);
    const certificates = options.tls ? new ShownCertificates(options, options.tls) : null;
    const doors = await openDoors(options, { table, certificates });
    const keeper = certificates && keeperOf(options, certificates);
    return new RunningProxy(options, { table, doors, keeper, release: () => lock.release() });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function keeperOf({ acme, log }: ProxyOptions, { files, kept }: ShownCertificates): Keeper | null {
  if (!acme || !kept) return null;
  return new Keeper({ ...acme, served: kept, hasFile: (host) => files.has(host), log });
}

interface Parts {
  table: Table;
  doors: Doors;
  /** Null if no certificates are ordered. */
  keeper: Keeper | null;
  release(): void;
}

class RunningProxy implements HttpProxy {
  readonly ended: Promise<void>;
  private readonly over = new AbortController();
  private readonly file: TableFile;

  constructor(
    private readonly options: ProxyOptions,
    private readonly parts: Parts,
  ) {
    this.file = new TableFile(options.dir, options.log);
    const last = this.file.load();
    if (last) void parts.table.set(last, () => {});
    this.ended = this.follow();
  }

  get port(): number {
    return this.parts.doors.port;
  }

  get tlsPort(): number | null {
    return this.parts.doors.tlsPort;
  }

  reload(): void {
    this.parts.doors.reload();
  }

  async close(): Promise<void> {
    const { doors, table, keeper, release } = this.parts;
    keeper?.close();
    const closed = doors.close();
    const until = performance.now() + END_WITHIN_MS;
    while (table.underWay > 0 && performance.now() < until) await sleep(LOOK_EVERY_MS);
    this.over.abort();
    doors.cut();
    table.close();
    await closed;
    await this.ended.catch(() => {});
    await this.file.settled();
    release();
  }

  private async follow(): Promise<void> {
    const { signal } = this.over;
    const { log } = this.options;
    while (!signal.aborted) {
      try {
        await this.followOnce();
      } catch (error) {
        // What it knows serves on, whatever has become of its token.
        if (!this.parts.table.isKnown) throw error;
        log(`the hub refuses this proxy: ${messageOf(error)}; it goes on with what it knows`);
        await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  private followOnce(): Promise<void> {
    const { table, keeper } = this.parts;
    const { log } = this.options;
    let isNew = true;
    return this.options.follow({
      drains: true,
      signal: this.over.signal,
      changed: async (apps, followed) => {
        if (isNew) log('connected to the hub');
        isNew = false;
        this.file.save(apps);
        const set = table.set(apps, (id) => followed.drained(id));
        keeper?.look(apps);
        await set;
      },
      trouble: (error: FleetError | null) => {
        log(error ? `${error.message}; it goes on with what it knows` : 'connected to the hub again');
      },
    });
  }
}
