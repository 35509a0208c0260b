import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makePipes } from '../../system/pipes.ts';

/** What a process prints to: descriptors at its end, streams at ours. */
export interface Streams {
  /** For spawn(): output, errors. */
  stdio: [number, number];
  stdout: Readable;
  stderr: Readable;
  /** Closes the process's end here, once it has started or has failed to. */
  handOver(): void;
  /** Closes ours. */
  destroy(): void;
}

/** Makes what a process prints to, and may open again as /dev/stdout and /dev/stderr. Throws ESPAWN. */
export async function makeStreams(): Promise<Streams> {
  const [out, err] = await makePipes(2).catch((cause: unknown) => {
    throw new FleetError('ESPAWN', `cannot make pipes: ${messageOf(cause)}`, { cause });
  });
  if (!out || !err) throw new Error('as many pipes as asked for');
  const stdout = new Socket({ fd: out.read, readable: true, writable: false });
  const stderr = new Socket({ fd: err.read, readable: true, writable: false });
  return {
    stdio: [out.write, err.write],
    stdout,
    stderr,
    handOver: () => {
      closeSync(out.write);
      closeSync(err.write);
    },
    destroy: () => {
      stdout.destroy();
      stderr.destroy();
    },
  };
}
