import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { HubRemote } from '../adapters/git.ts';
import { makeDirectory } from '../adapters/json-file.ts';
import { acquireLock } from '../adapters/lock.ts';
import { addressUrl, fingerprintToPin, parseAddress } from '../protocol/address.ts';
import type { Welcome } from '../protocol/answers.ts';
import type { Drone, DroneOptions } from '../protocol/daemon-options.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import type { DroneEvent, Interest } from '../protocol/events.ts';
import { MAX_BUFFERED } from '../protocol/limits.ts';
import { isName, toName } from '../protocol/names.ts';
import { createCheckouts } from './checkout.ts';
import { eventLine, outputLines } from './console.ts';
import { execEnvironment } from './environment.ts';
import { Execs } from './execs.ts';
import { loadIdentity, saveIdentity } from './identity.ts';
import { createLogs } from './logs.ts';
import { serveOrders } from './orders.ts';
import { createSupervisor } from './supervisor.ts';
import { Uplink } from './uplink.ts';

const NOTHING: Interest = { all: false, ids: [], repos: [] };

/**
 * Starts a drone in its directory: first it takes up the processes that run there, then it dials its hub, for as long
 * as it takes. Rejects with EINUSE (another drone runs in this directory), EIO, ECONFIG, EUSAGE.
 */
export async function createDrone(options: DroneOptions): Promise<Drone> {
  parseAddress(options.hub);
  if (options.name !== undefined && !isName(options.name)) {
    throw new FleetError(
      'EUSAGE',
      `'${options.name}' cannot name a drone: letters, digits, '.', '_' and '-' only`,
    );
  }
  const dir = resolve(options.dir ?? '.');
  makeDirectory(dir);
  const lock = await acquireLock(join(dir, 'drone.lock'), 'a drone');
  try {
    const worker = new Worker(dir, options, () => lock.release());
    await worker.start();
    return worker;
  } catch (error) {
    lock.release();
    throw error;
  }
}

class Worker implements Drone {
  readonly connected: Promise<void>;
  ended: Promise<void> = Promise.resolve();
  private readonly identity: ReturnType<typeof loadIdentity>;
  private readonly checkouts;
  private readonly logs;
  private readonly supervisor;
  private readonly execs: Execs;
  private readonly uplink: Uplink;
  private consoleHasRoom = true;

  constructor(
    private readonly dir: string,
    private readonly options: DroneOptions,
    private readonly release: () => void,
  ) {
    this.identity = loadIdentity(dir);
    // A name that is asked for anew wins over the one that the hub gave before.
    if (options.name !== undefined && options.name !== this.identity.wanted) {
      this.identity = { ...this.identity, wanted: options.name, name: options.name };
    }
    saveIdentity(dir, this.identity);
    this.checkouts = createCheckouts({ dir, hub: () => this.hubRemote() });
    this.logs = createLogs({
      dir,
      ...(options.logMax ? { max: options.logMax } : {}),
      ready: () => this.hasRoom(),
    });
    this.supervisor = createSupervisor({
      dir,
      name: () => this.wantedName(),
      checkout: (repo, commit) => this.checkouts.ensure(repo, commit),
      openLog: (process) => this.logs.open(process),
      endLog: (id) => {
        this.logs.endLine(id);
        this.logs.flush(id);
      },
      forgetLog: (id) => this.logs.stopped(id),
    });
    this.execs = new Execs({
      checkout: (repo, commit) => this.checkouts.ensure(repo, commit),
      environment: (params) => execEnvironment(params, { drone: this.wantedName(), dir }),
    });
    this.uplink = new Uplink({
      target: options,
      introduce: () => ({
        identity: this.identity.identity,
        name: this.wantedName(),
        processes: this.supervisor.reports(),
      }),
      serve: (peer) =>
        serveOrders(peer, {
          checkouts: this.checkouts,
          supervisor: this.supervisor,
          logs: this.logs,
          execs: this.execs,
          deploy: (repo, commit) => this.deploy(repo, commit),
          watch: (interest) => this.watch(interest),
        }),
    });
    this.connected = new Promise((done) => this.uplink.once('up', () => done()));
  }

  get name(): string | null {
    return this.uplink.peer ? this.identity.name : null;
  }

  get running(): number {
    return this.supervisor.reports().length;
  }

  async start(): Promise<void> {
    this.listen();
    this.logs.start();
    this.watch(NOTHING);
    await this.supervisor.start();
    this.ended = this.uplink.run();
    this.ended.catch(() => {}); // Whoever waits for it gets it; nobody has to.
  }

  async close(): Promise<void> {
    this.uplink.close();
    this.execs.abandonAll();
    this.supervisor.detach();
    this.logs.close();
    await this.checkouts.close();
    this.release();
  }

  async stopAll(graceMs: number): Promise<void> {
    await this.supervisor.stop(
      this.supervisor.reports().map(({ id }) => id),
      graceMs,
    );
    await this.close();
  }

  private listen(): void {
    const { supervisor, logs, uplink } = this;
    const say = this.options.log ?? (() => {});
    supervisor.on('changed', (report) => uplink.notify('changed', report));
    supervisor.on('gone', (id) => uplink.notify('gone', { id }));
    supervisor.on('event', (event) => this.tell(event));
    supervisor.on('problem', say);
    logs.on('problem', say);
    logs.on('piece', (piece, body) => {
      uplink.notify('output', piece, body);
      if (this.options.output) this.consoleHasRoom = this.options.output(outputLines(piece, body));
    });
    uplink.on('up', (welcome) => this.joined(welcome));
    uplink.on('down', () => {
      this.watch(NOTHING);
      say('disconnected from the hub');
    });
    uplink.on('redial', () => say('reconnecting to the hub'));
    uplink.on('trouble', say);
  }

  private joined({ name, deploy, watch }: Welcome): void {
    this.options.log?.('connected to the hub');
    if (name !== this.identity.name) {
      this.identity = { ...this.identity, name };
      saveIdentity(this.dir, this.identity);
    }
    this.watch(watch);
    for (const { repo, commit } of deploy) {
      this.deploy(repo, commit).catch((error: unknown) =>
        this.options.log?.(`cannot deploy ${repo}/${commit}: ${messageOf(error)}`),
      );
    }
  }

  private async deploy(repo: string, commit: string): Promise<void> {
    if (await this.checkouts.has(repo, commit)) return;
    await this.checkouts.ensure(repo, commit);
    this.tell({ type: 'deployed', repo, commit });
  }

  private tell(event: DroneEvent): void {
    this.uplink.notify('event', event);
    const line = eventLine(event);
    if (line) this.options.log?.(line);
  }

  private watch(interest: Interest): void {
    this.logs.wanted(interest, this.options.output !== undefined);
  }

  /** Output waits on disk while the socket or the console is slow. */
  private hasRoom(): boolean {
    return (this.uplink.peer?.buffered ?? 0) < MAX_BUFFERED && this.consoleHasRoom;
  }

  private wantedName(): string {
    return this.identity.name ?? this.identity.wanted ?? toName(hostname());
  }

  private hubRemote(): HubRemote {
    const { hub, secret, ca, fingerprint } = this.options;
    return {
      url: addressUrl(parseAddress(hub)),
      secret: secret ?? '',
      ...(ca === undefined ? {} : { ca }),
      ...(fingerprint === undefined ? {} : { pin: fingerprintToPin(fingerprint) }),
    };
  }
}
