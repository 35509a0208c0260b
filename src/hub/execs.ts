import type { Peer } from '../adapters/rpc.ts';
import type { DroneParams } from '../protocol/drone-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import type { DroneRecord } from './registry.ts';

interface Exec {
  client: Peer;
  record: DroneRecord;
  id: string;
}

/**
 * Which client each exec belongs to. Output passes through as it comes: how much may be under way is settled between
 * the client, which acknowledges bytes, and the drone, which holds its process back.
 */
export class Execs {
  private readonly byId = new Map<string, Exec>();

  /** From now on this exec's output goes to `client`; when either end is lost, the other one learns of it. */
  open(client: Peer, record: DroneRecord, id: string): void {
    const drone = record.peer;
    const exec = { client, record, id };
    this.byId.set(id, exec);
    void client.closed.then(() => {
      if (this.byId.get(id) !== exec) return;
      this.byId.delete(id);
      drone?.notify('exec.kill', { id, signal: null });
    });
    void drone?.closed.then(() => {
      if (this.byId.get(id) !== exec) return;
      this.exit(record, { id, code: null, signal: null, error: 'the connection to the drone was lost' });
    });
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** Drops an exec that never started. */
  drop(id: string): void {
    this.byId.delete(id);
  }

  output(record: DroneRecord, params: DroneParams['exec.output'], body: string): void {
    this.of(record, params.id)?.client.notify('exec.output', { ...params, drone: record.name }, body);
  }

  stdinAck(record: DroneRecord, params: DroneParams['exec.stdin-ack']): void {
    this.of(record, params.id)?.client.notify('exec.stdin-ack', { ...params, drone: record.name });
  }

  exit(record: DroneRecord, params: DroneParams['exec.exit']): void {
    const exec = this.of(record, params.id);
    if (!exec) return;
    this.byId.delete(params.id);
    exec.client.notify('exec.exit', { ...params, drone: record.name });
  }

  /** Passes a client's word on to its own exec; ENOPROCESS for anybody else's. */
  forward(client: Peer, drone: string, id: string, method: string, params: unknown, body = ''): void {
    const exec = this.byId.get(id);
    if (!exec || exec.client !== client || exec.record.name !== drone) {
      throw new FleetError('ENOPROCESS', `${drone}#${id} is no exec of this connection, or has ended`);
    }
    exec.record.peer?.notify(method, params, body);
  }

  /** A drone speaks for its own execs only. */
  private of(record: DroneRecord, id: string): Exec | undefined {
    const exec = this.byId.get(id);
    return exec?.record === record ? exec : undefined;
  }
}
