import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RealFleet } from '../fixtures/real-fleet.ts';
import { Running } from '../fixtures/running.ts';
import { Disk } from './disk.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The disks of a hub and a drone at one moment. */
export interface Cut {
  hub: string;
  web1: string;
}

/** A hub and a drone, each on a disk of its own, which lose their power together. */
export class Machines extends RealFleet {
  private readonly disks = {
    hub: new Disk(join(this.dir, 'images/hub'), join(this.dir, 'hub')),
    web1: new Disk(join(this.dir, 'images/web1'), join(this.dir, 'web1')),
  };
  private readonly boot = join(this.dir, 'boot_id');

  constructor() {
    super('all');
    this.nextBoot();
  }

  /** As in RealFleet, on a system that has started at another time than this one. */
  override start(args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Running {
    const inBoot = ['unshare', '--mount', 'sh', '-c', `mount --bind "$0" ${BOOT_ID} && exec "$@"`, this.boot];
    const command = [...inBoot, process.execPath, this.bin, ...args];
    const env = { ...this.env, ...options.env };
    return this.own(Running.start(command, { cwd: options.cwd ?? this.dir, env }));
  }

  async startAll(): Promise<void> {
    await this.hub();
    await this.drone('web1');
  }

  /** What is on the disks at this moment. */
  cut(): Cut {
    return { hub: this.disks.hub.cut(), web1: this.disks.web1.cut() };
  }

  /** The power comes back: everything starts with what was on the disks then. */
  async restore({ hub, web1 }: Cut): Promise<void> {
    await this.endAll();
    this.disks.hub.restore(hub);
    this.disks.web1.restore(web1);
    this.nextBoot();
    await this.startAll();
  }

  override async end(): Promise<void> {
    await this.endAll();
    for (const disk of Object.values(this.disks)) disk.end();
    await super.end();
  }

  private nextBoot(): void {
    writeFileSync(this.boot, `${randomUUID()}\n`);
  }
}
