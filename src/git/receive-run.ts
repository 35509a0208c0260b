import { PassThrough, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { CommandReader } from './push-commands.ts';
import type { PushHead } from './push-head.ts';
import { startReceivePack } from './receive-service.ts';
import type { GitProcesses } from './server-processes.ts';

/** Characters of git's output for a client that are kept to find out why a push failed. */
const MAX_SAID = 16_384;

/** Where a push goes, how long it may, and whose it is; null for whoever has no token. */
export interface PushedTo {
  path: string;
  until: AbortSignal;
  whose: string | null;
}

/** How a git that took a push has ended. */
export interface Received {
  /** Its last words if it failed. */
  failure: string | null;
  /** What it has said. */
  said: string;
}

/**
 * Has git take a push, as it came or with another head; `attach` gets git's answer while it comes, and must read it to its
 * end. Git is ended when `until` is aborted. Never rejects for what git does, but with the reason of `until`,
 * and with ELIMIT if there is no memory for it.
 */
export async function runReceivePack(
  { path, until, whose }: PushedTo,
  processes: GitProcesses,
  reader: CommandReader,
  instead: { head: Buffer; of: PushHead } | null,
  attach: (answer: Readable) => void,
): Promise<Received> {
  return processes.withMemory(whose, (bytes) => {
    until.throwIfAborted();
    return receive({ path, until, bytes }, processes, reader, instead, attach);
  });
}

async function receive(
  { path, until, bytes }: Omit<PushedTo, 'whose'> & { bytes: number },
  processes: GitProcesses,
  reader: CommandReader,
  instead: { head: Buffer; of: PushHead } | null,
  attach: (answer: Readable) => void,
): Promise<Received> {
  const output = new PassThrough();
  const streams = { input: reader, output };
  const git = await startReceivePack(
    path,
    (args) => processes.command(args, bytes),
    streams,
    (child) => processes.adoptWriter(child),
  );
  git.child.stdin?.on('error', () => {}); // Git may refuse the push before it has read everything.
  reader.pass(instead);
  finished(reader, { writable: false }).catch(() => processes.endTidily(git));
  const end = () => void processes.endNow(git);
  until.addEventListener('abort', end, { once: true });
  if (until.aborted) end();
  attach(output);
  let said = '';
  output.on('data', (chunk: Buffer) => {
    if (said.length < MAX_SAID) said += chunk.toString('latin1');
  });
  const [failure] = await Promise.all([git.ended, finished(output, { writable: false })]);
  until.removeEventListener('abort', end);
  return { failure, said: `${failure ?? ''}\n${withoutHeads(said)}` };
}

/** Returns the content of side-band 2 packets, without the length and the byte before each (gitprotocol-pack(5)). */
function withoutHeads(packets: string): string {
  const pieces = packets.split('\u0002');
  return pieces.map((piece, at) => (at < pieces.length - 1 ? piece.slice(0, -4) : piece)).join('');
}
