import type { DroneParams } from '../protocol/drone-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import { EXEC_WINDOW } from '../protocol/limits.ts';
import type { Peer } from '../rpc/peer.ts';
import type { DroneRecord } from './drones/directory.ts';

interface Exec {
  client: Peer;
  record: DroneRecord;
  /** The connection that it was started over; the drone may have another one by now. */
  drone: Peer | null;
  id: string;
  /** Bytes that the client has not acknowledged. */
  underWay: number;
}

/**
 * Which client each exec belongs to. Output passes through as it comes: how much may be under way is settled between
 * the client, which acknowledges bytes, and the drone, which holds its process back; a drone that does not is cut off.
 */
export class Execs {
  private readonly byId = new Map<string, Exec>();
  /** The execs of each connection, at either end. One watch for all of them: a drone's connection lives for weeks. */
  private readonly byPeer = new Map<Peer, Set<Exec>>();

  /** From now on this exec's output goes to `client`; when either end is lost, the other one learns of it. */
  open(client: Peer, record: DroneRecord, id: string): void {
    const exec = { client, record, drone: record.peer, id, underWay: 0 };
    this.byId.set(id, exec);
    for (const peer of [client, record.peer]) if (peer) this.tie(peer, exec);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** Forgets an exec: it never started, or it has ended. */
  drop(id: string): void {
    const exec = this.byId.get(id);
    if (!exec) return;
    this.byId.delete(id);
    this.byPeer.get(exec.client)?.delete(exec);
    if (exec.drone) this.byPeer.get(exec.drone)?.delete(exec);
  }

  output(record: DroneRecord, params: DroneParams['exec.output'], body: Buffer): void {
    const exec = this.of(record, params.id);
    if (!exec) return;
    exec.underWay += body.length;
    if (exec.underWay > 2 * EXEC_WINDOW)
      throw new FleetError('EPROTOCOL', 'an exec printed more than was asked for');
    exec.client.notify('exec.output', { ...params, drone: record.name }, body);
  }

  stdinAck(record: DroneRecord, params: DroneParams['exec.stdin-ack']): void {
    this.of(record, params.id)?.client.notify('exec.stdin-ack', { ...params, drone: record.name });
  }

  exit(record: DroneRecord, params: DroneParams['exec.exit']): void {
    const exec = this.of(record, params.id);
    if (!exec) return;
    this.drop(params.id);
    exec.client.notify('exec.exit', { ...params, drone: record.name });
  }

  /** The client has taken so many bytes of its own exec; ENOPROCESS for anybody else's. */
  ack(client: Peer, drone: string, id: string, bytes: number): void {
    const exec = this.own(client, drone, id);
    exec.underWay = Math.max(0, exec.underWay - bytes);
    exec.record.peer?.notify('exec.ack', { id, bytes });
  }

  /** Passes a client's word on to its own exec; ENOPROCESS for anybody else's. */
  forward(client: Peer, drone: string, id: string, method: string, params: unknown, body?: Buffer): void {
    this.own(client, drone, id).record.peer?.notify(method, params, body);
  }

  private own(client: Peer, drone: string, id: string): Exec {
    const exec = this.byId.get(id);
    if (exec?.client === client && exec.record.name === drone) return exec;
    throw new FleetError('ENOPROCESS', `${drone}#${id} is no exec of this connection, or has ended`);
  }

  /** A drone speaks for its own execs only. */
  private of(record: DroneRecord, id: string): Exec | undefined {
    const exec = this.byId.get(id);
    return exec?.record === record ? exec : undefined;
  }

  private tie(peer: Peer, exec: Exec): void {
    const before = this.byPeer.get(peer);
    if (before) return void before.add(exec);
    const execs = new Set([exec]);
    this.byPeer.set(peer, execs);
    void peer.closed.then(() => {
      this.byPeer.delete(peer);
      for (const one of [...execs]) this.lose(peer, one);
    });
  }

  private lose(peer: Peer, exec: Exec): void {
    const { client, record, drone, id } = exec;
    if (peer === client) {
      this.drop(id);
      drone?.notify('exec.kill', { id, signal: null });
    } else this.exit(record, { id, code: null, signal: null, error: 'the connection to the drone was lost' });
  }
}
