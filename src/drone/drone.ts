import { hubRemote } from '../git/remote.ts';
import type { Welcome } from '../protocol/drone-calls.ts';
import { messageOf } from '../protocol/errors.ts';
import type { DroneEvent } from '../protocol/events.ts';
import { NOTHING } from '../protocol/interest.ts';
import { DEFAULT_GRACE_MS } from '../protocol/limits.ts';
import type { ProcessSpec } from '../protocol/process.ts';
import type { Peer } from '../rpc/peer.ts';
import { eventLine, showOutput } from './console.ts';
import { COPIED_KEY, Credentials } from './credentials.ts';
import { Deploys } from './deploys.ts';
import { Execs } from './execs/execs.ts';
import { Fences } from './fences.ts';
import { DroneIdentity } from './identity.ts';
import { Instances } from './instances/instances.ts';
import { introductionOf } from './introduction.ts';
import { Jobs } from './jobs/jobs.ts';
import { Logs } from './logs/logs.ts';
import type { LogStream } from './logs/stream.ts';
import { reportMachine } from './machine-reports.ts';
import type { Drone, DroneOptions } from './options.ts';
import { serveOrders } from './orders.ts';
import { Starts } from './processes/hooks/starts.ts';
import { processHooks } from './processes/hooks.ts';
import { Supervisor } from './processes/supervisor.ts';
import { FetchStates } from './releases/fetch-states.ts';
import { Releases } from './releases/releases.ts';
import { sharedFolder } from './releases/shared-paths.ts';
import { streamToHub } from './stream-to-hub.ts';
import { Uplink } from './uplink.ts';

/** A drone in its directory; see `createDrone`. */
export class RunningDrone implements Drone {
  readonly connected: Promise<void>;
  ended: Promise<void> = Promise.resolve();
  private readonly identity: DroneIdentity;
  private readonly credentials: Credentials;
  private readonly logs: Logs;
  private readonly supervisor: Supervisor;
  private readonly execs: Execs;
  private readonly jobs: Jobs;
  private readonly instances: Instances;
  private readonly releases: Releases;
  private readonly deploys: Deploys;
  private readonly fences: Fences;
  private readonly uplink: Uplink;
  private readonly toHub: LogStream;
  private joinedBefore = false;

  /** Throws EIO. */
  constructor(
    dir: string,
    private readonly options: DroneOptions,
    private readonly release: () => void,
  ) {
    const problem = this.warn;
    this.identity = new DroneIdentity(dir, options.name, problem);
    // A copied directory has lost its key by now.
    this.credentials = new Credentials(dir, options);
    const { mark } = this.identity;
    const name = () => this.identity.name;
    // Releases need to know what runs from them, and processes start in releases: each needs the other.
    const checkout = (repo: string, commit: string, app?: string) => this.releases.ensure(repo, commit, app);
    const preparedCheckout: Releases['ensurePrepared'] = (of) => this.releases.ensurePrepared(of);
    const checkoutOf = ({ repo, commit, instance }: ProcessSpec) =>
      instance ? preparedCheckout({ app: instance.app, repo, commit }) : checkout(repo, commit);
    const shared = (app: string) => sharedFolder(dir, app);
    this.logs = new Logs(dir, options.logMax);
    const starts = new Starts(mark);
    const hooks = processHooks({ checkout: checkoutOf, shared, name, mark, logs: this.logs, starts });
    this.jobs = new Jobs({ dir, mark, name, logs: this.logs, checkout: preparedCheckout, shared });
    const isKnown = (id: string) => this.jobs.isActive(id) || this.execs.hasLeft(id);
    this.supervisor = new Supervisor({ dir, mark, hooks, isKnown });
    this.fences = new Fences(dir, problem);
    this.instances = new Instances({ dir, supervisor: this.supervisor, ports: options.ports, starts });
    this.execs = new Execs({ dir, mark, name, checkout, preparedCheckout, shared });
    const { supervisor, execs, jobs, identity, instances, credentials, fences } = this;
    const fetches = new FetchStates((state) => this.uplink.inform('fetching', state));
    const around = { supervisor, execs, jobs, fetches, hub: () => hubRemote(this.uplink.target) };
    const { minFree, maxCommit } = options;
    this.releases = new Releases({ ...around, dir, mark, name, minFree, maxCommit, problem });
    this.deploys = new Deploys(this.releases, problem);
    this.uplink = new Uplink({
      credentials,
      introduce: () => introductionOf({ identity, instances, jobs, deploys: this.deploys, fences }, options),
      ...{ serve: (peer) => this.serve(peer), isBusy: () => execs.size > 0 },
    });
    this.toHub = streamToHub(this.logs, this.uplink);
    reportMachine(this.uplink, dir);
    this.connected = this.uplink.first();
  }

  get name(): string | null {
    return this.uplink.peer && this.joinedBefore ? this.identity.name : null;
  }

  get running(): number {
    return this.supervisor.reports().length;
  }

  start(): void {
    this.listen();
    this.logs.start();
    if (this.options.output) showOutput(this.logs, this.options.output);
    this.jobs.adopt();
    this.supervisor.start();
    this.instances.adopt();
    this.logs.claim([...this.supervisor.reports(), ...this.jobs.active()]);
    this.releases.sweep().catch((error: unknown) => this.warn(messageOf(error)));
    this.ended = this.uplink.run();
    this.ended.catch(() => {});
  }

  async close(): Promise<void> {
    this.uplink.close();
    this.deploys.close();
    await this.execs.endAll();
    this.instances.close();
    this.supervisor.handOver();
    this.jobs.handOver();
    this.logs.close();
    await this.releases.close();
    this.release();
  }

  async suspend(graceMs: number): Promise<void> {
    this.uplink.close();
    await Promise.all([this.supervisor.suspendAll(graceMs), this.jobs.endAll(graceMs)]);
    await this.close();
  }

  async stopAll(graceMs: number): Promise<void> {
    await Promise.all([this.supervisor.stopAll(graceMs), this.jobs.endAll(graceMs)]);
    await this.close();
  }

  private listen(): void {
    const { supervisor, instances, logs, jobs, deploys, uplink } = this;
    supervisor.on('changed', (report) => {
      instances.follow(report);
      uplink.report(instances.complete(report));
    });
    instances.on('changed', (report) => uplink.report(report));
    jobs.on('changed', (report) => uplink.inform('job', report));
    supervisor.on('gone', (id) => {
      instances.forget(id);
      uplink.gone(id);
    });
    deploys.on('deployed', (release) => this.publish({ type: 'deployed', ...release }));
    deploys.on('lags', (lags) => uplink.inform('lags', { lags }));
    supervisor.on('event', (event) => logs.note(event)).on('event', (event) => this.publish(event));
    for (const part of [supervisor, instances, jobs, logs]) part.on('problem', this.warn);
    uplink.on('up', (welcome) => this.joined(welcome)).on('duplicate', () => this.becomeOwn());
    uplink.on('down', () => {
      logs.setInterest(this.toHub, NOTHING);
      this.say('disconnected from the hub');
    });
    uplink.on('redial', () => this.say('reconnecting to the hub')).on('trouble', this.warn);
  }

  private serve(peer: Peer): void {
    const { supervisor, logs, execs, jobs, deploys, fences } = this;
    serveOrders(peer, {
      ...{ supervisor, logs, execs, jobs, fences },
      spawn: (spec) => this.instances.spawn(spec),
      deploy: (wanted) => deploys.order(wanted),
      prepare: (preparation) => this.releases.prepare(preparation),
      ...{ prune: (order) => this.releases.prune(order), forget: (order) => this.releases.forget(order) },
      watch: (interest) => peer === this.uplink.peer && logs.setInterest(this.toHub, interest),
    });
  }

  private joined({ name, deploy, watch }: Welcome): void {
    this.say('connected to the hub');
    this.identity.rename(name);
    // For those who listened while this drone was replaced, output continues where it stopped.
    this.logs.setInterest(this.toHub, watch, !this.joinedBefore);
    this.joinedBefore = true;
    this.deploys.catchUpWith(deploy);
  }

  private becomeOwn(): void {
    if (!this.credentials.renew()) return this.warn(COPIED_KEY);
    this.identity.renew();
    this.warn('it is a drone of its own from now on; the processes that came with the copy are stopped');
    this.supervisor.stopAll(DEFAULT_GRACE_MS).catch((error: unknown) => this.warn(messageOf(error)));
  }

  private say(line: string): void {
    this.options.log?.(line);
  }

  private readonly warn = (line: string): void => (this.options.problem ?? this.options.log)?.(line);

  private publish(event: DroneEvent): void {
    this.uplink.event(event);
    const line = eventLine(event);
    if (line) this.say(line);
  }
}
