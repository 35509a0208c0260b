import { isAbsolute, join } from 'node:path';
import type { Peer } from '../adapters/rpc.ts';
import type { OrderParams } from '../protocol/orders.ts';
import { Exec, type ExecSink } from './exec.ts';

export interface ExecsOptions {
  checkout(repo: string, commit: string): Promise<string>;
  environment(params: OrderParams['exec.start']): NodeJS.ProcessEnv;
}

/** The execs that run here now, each tied to the connection over which it was asked for. */
export class Execs {
  private readonly running = new Map<string, Exec>();

  constructor(private readonly options: ExecsOptions) {}

  get(id: string): Exec | undefined {
    return this.running.get(id);
  }

  get size(): number {
    return this.running.size;
  }

  /** ESPAWN where it cannot be started, and whatever the checkout fails with. */
  async start(peer: Peer, params: OrderParams['exec.start']): Promise<void> {
    const { id, repo, commit, command, cwd, stdin } = params;
    const checkout = await this.options.checkout(repo, commit);
    const directory = cwd === null ? checkout : isAbsolute(cwd) ? cwd : join(checkout, cwd);
    const sink: ExecSink = {
      output: (stream, body, bytes, base64) =>
        peer.notify('exec.output', { id, stream, bytes, ...(base64 && { base64 }) }, body),
      stdinAck: (bytes) => peer.notify('exec.stdin-ack', { id, bytes }),
      exit: (exit) => {
        this.running.delete(id);
        peer.notify('exec.exit', { id, ...exit });
      },
    };
    const env = this.options.environment(params);
    const exec = await Exec.start({ command, cwd: directory, env, stdin }, sink);
    this.running.set(id, exec);
    void peer.closed.then(() => {
      if (this.running.get(id) === exec) exec.abandon();
    });
  }

  /** Ends all of them: the drone goes away. */
  abandonAll(): void {
    for (const exec of this.running.values()) exec.abandon();
  }
}
