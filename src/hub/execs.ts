import type { CheckedDroneParams } from '../protocol/drone-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import { EXEC_WINDOW_BYTES } from '../protocol/limits.ts';
import type { LastExit } from '../protocol/process.ts';
import type { TerminalSize } from '../protocol/terminal.ts';
import type { ClientSession } from './client-session.ts';
import type { Drone, DroneConnection } from './drones/drone.ts';

/** One process of an exec. It belongs to a client's connection and to a drone's, and ends with either. */
interface Exec {
  client: ClientSession;
  /** The key of the client's request. */
  key: string;
  drone: Drone;
  /** The connection that it was started over; the drone may have a newer one by now. */
  connection: DroneConnection;
  id: string;
  /** Bytes that the client has not acknowledged. */
  unacknowledged: number;
  /** Bytes of input that the drone has not acknowledged. */
  input: number;
  ended?: Ended | undefined;
}

/** Is told how a process ended. */
export type Ended = (drone: string, id: string, exit: LastExit) => void;

/** How a client names one process of its exec: by the key of its request, or by id (clients of fleet 1.0). */
export interface ExecName {
  drone: string;
  key: string | null;
  id: string | null;
}

/**
 * Which client each exec belongs to. Output is passed on as it arrives: flow control is between the client, which
 * acknowledges bytes, and the drone, which pauses its process; whoever does not keep to it is disconnected.
 */
export class Execs {
  private readonly byId = new Map<string, Exec>();
  /** By key and drone. */
  private readonly byKey = new Map<string, Exec>();
  /** The execs of each connection, at either end. One handler for all of them: a drone's connection lives for weeks. */
  private readonly byEnd = new Map<ClientSession | DroneConnection, Set<Exec>>();

  /** Sends an exec's output to its client from now on; if either end is lost, the other one is told. */
  open(opened: Omit<Exec, 'unacknowledged' | 'input'>): void {
    const exec = { ...opened, unacknowledged: 0, input: 0 };
    const { client, key, drone, connection, id } = exec;
    this.byId.set(id, exec);
    this.byKey.set(`${key} ${drone.name}`, exec);
    this.tie(client, exec);
    this.tie(connection, exec);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** Forgets an exec that never started, or has ended. */
  drop(id: string): void {
    const exec = this.byId.get(id);
    if (!exec) return;
    this.byId.delete(id);
    this.byKey.delete(`${exec.key} ${exec.drone.name}`);
    this.byEnd.get(exec.client)?.delete(exec);
    this.byEnd.get(exec.connection)?.delete(exec);
  }

  /** Passes on output of a drone's exec. Throws EPROTOCOL if it is more than the client has asked for. */
  output(drone: Drone, { id, stream }: CheckedDroneParams['exec.output'], body: Buffer): void {
    const exec = this.of(drone, id);
    if (!exec) return;
    exec.unacknowledged += body.length;
    if (exec.unacknowledged > 2 * EXEC_WINDOW_BYTES)
      throw new FleetError('EPROTOCOL', 'an exec sent more output than was asked for');
    exec.client.tell('exec.output', { drone: drone.name, id, key: exec.key, stream }, body);
  }

  stdinAck(drone: Drone, { id, bytes }: CheckedDroneParams['exec.stdin-ack']): void {
    const exec = this.of(drone, id);
    if (!exec) return;
    exec.input = Math.max(0, exec.input - bytes);
    exec.client.tell('exec.stdin-ack', { drone: drone.name, id, key: exec.key, bytes });
  }

  exit(drone: Drone, params: CheckedDroneParams['exec.exit']): void {
    const exec = this.of(drone, params.id);
    if (!exec) return;
    this.drop(params.id);
    exec.ended?.(drone.name, params.id, params);
    exec.client.tell('exec.exit', { ...params, drone: drone.name, key: exec.key });
  }

  /** Acknowledges bytes of the client's own exec. Throws ENOPROCESS for anybody else's. */
  ack(client: ClientSession, name: ExecName, bytes: number): void {
    const exec = this.own(client, name);
    exec.unacknowledged = Math.max(0, exec.unacknowledged - bytes);
    exec.connection.orders.notify('exec.ack', { id: exec.id, bytes });
  }

  /**
   * Passes on input for the client's own exec, or the end of it. Throws ENOPROCESS for anybody else's, EPROTOCOL if it is more
   * than the drone has asked for: that would wait in the memory of both.
   */
  stdin(client: ClientSession, name: ExecName, end: boolean, body: Buffer): void {
    const exec = this.own(client, name);
    const { connection, id } = exec;
    exec.input += body.length;
    if (exec.input > 2 * EXEC_WINDOW_BYTES)
      throw new FleetError('EPROTOCOL', 'an exec was sent more input than its process takes');
    connection.orders.notify('exec.stdin', { id, end }, body);
  }

  /** Passes on the size of the client's window. Throws ENOPROCESS for anybody else's. */
  resize(client: ClientSession, name: ExecName, size: TerminalSize): void {
    const { connection, id } = this.own(client, name);
    connection.orders.notify('exec.resize', { id, ...size });
  }

  /** Signals the client's own exec; null ends it. Throws ENOPROCESS for anybody else's. */
  kill(client: ClientSession, name: ExecName, signal: string | null): void {
    const { connection, id } = this.own(client, name);
    connection.orders.notify('exec.kill', { id, signal });
  }

  private own(client: ClientSession, { drone, key, id }: ExecName): Exec {
    const exec = key === null ? this.byId.get(id ?? '') : this.byKey.get(`${key} ${drone}`);
    if (exec?.client === client && exec.drone.name === drone) return exec;
    throw new FleetError('ENOPROCESS', `this connection has no such exec on ${drone}, or it has ended`);
  }

  /** Finds an exec of this drone: it speaks only for its own. */
  private of(drone: Drone, id: string): Exec | undefined {
    const exec = this.byId.get(id);
    return exec?.drone === drone ? exec : undefined;
  }

  private tie(end: ClientSession | DroneConnection, exec: Exec): void {
    const before = this.byEnd.get(end);
    if (before) return void before.add(exec);
    const execs = new Set([exec]);
    this.byEnd.set(end, execs);
    void end.gone.then(() => {
      this.byEnd.delete(end);
      for (const one of [...execs]) this.lose(end, one);
    });
  }

  private lose(end: ClientSession | DroneConnection, { client, drone, connection, id, ended }: Exec): void {
    if (end === client) {
      this.drop(id);
      ended?.(drone.name, id, { code: null, signal: null, error: 'the client went away' });
      connection.orders.notify('exec.kill', { id, signal: null });
    } else this.exit(drone, { id, code: null, signal: null, error: 'the connection to the drone was lost' });
  }
}
