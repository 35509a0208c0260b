import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { readJson } from '../../system/json-file.ts';
import { listeningPorts } from '../../system/listening.ts';
import { writeWhole } from '../../system/write-whole.ts';
import { nextPort, type PortRange } from './next-port.ts';
import { claimPort, releasePort } from './port-claims.ts';

export const DEFAULT_PORTS: PortRange = { first: 20_000, last: 29_999 };

const schema = v.object({ last: v.nullable(v.number()) });

export interface PortsOptions {
  dir: string;
  range: PortRange;
  /** The ports of the instances that there are. */
  given(): Iterable<number>;
  problem(line: string): void;
}

/** Gives ports to instances, each to one, for as long as it lives. */
export class Ports {
  private last: number | null;
  /** Given, and not yet among those of the instances that there are. */
  private readonly promised = new Set<number>();
  private readonly path: string;

  constructor(private readonly options: PortsOptions) {
    this.path = join(options.dir, 'ports.json');
    this.last = this.load();
  }

  /** Returns a port that nobody has or listens on, on any address. Throws ELIMIT if there is none. */
  give(): number {
    const { range, given } = this.options;
    const taken = new Set([...given(), ...this.promised, ...listeningPorts()]);
    const port = nextPort(range, this.last, (one) => taken.has(one) || !claimUnused(one));
    if (port === null)
      throw new FleetError(
        'ELIMIT',
        `all ports from ${range.first} to ${range.last} are taken; give the drone more with --ports`,
      );
    this.last = port;
    this.promised.add(port);
    this.save();
    return port;
  }

  /** The port is among those of the instances now, or is not needed. */
  settle(port: number): void {
    this.promised.delete(port);
  }

  /** Nobody listens on the port for now, and it is kept from other drones for a while. */
  hold(port: number): void {
    claimPort(port);
  }

  /** Somebody listens on the port, or will not any more: no other drone is kept from it. */
  release(port: number): void {
    releasePort(port);
  }

  private load(): number | null {
    try {
      const read = v.safeParse(schema, readJson(this.path));
      return read.success ? read.output.last : null;
    } catch {
      return null; // Only the order in which ports are given depends on it.
    }
  }

  private save(): void {
    try {
      writeWhole(this.path, JSON.stringify({ last: this.last }));
    } catch (error) {
      this.options.problem(messageOf(error));
    }
  }
}

/** Claims a port. Returns false if another drone has, or had until somebody listened on it. */
function claimUnused(port: number): boolean {
  if (!claimPort(port)) return false;
  if (!listeningPorts().has(port)) return true;
  releasePort(port);
  return false;
}
