import { dirname } from 'node:path';
import { messageOf } from '../protocol/errors.ts';
import { fleetEnvironment } from './environment.ts';
import { type PushCommand, type PushHead, ZERO } from './push-head.ts';
import { git } from './run.ts';
import { FLUSH, packet, remoteLine } from './side-band.ts';

/** How often whoever waits for a release is shown life: some proxies close what is silent. */
const KEEPALIVE_MS = 5_000;

/** A branch that somebody pushes by hand, before it is moved. */
export interface BranchPush {
  repo: string;
  ref: string;
  commit: string;
}

/** What is done for a branch that is pushed. `tell` sends a line to whoever pushes. */
export interface BranchHandler {
  /** The token that pushes; null for whoever has none. */
  whose?: string | null;
  /** Makes the repository if it does not exist. Throws ELIMIT, EIO. */
  create?(): Promise<void>;
  /** Returns why this ref may not be pushed; null if it may. */
  forbids?(ref: string): string | null;
  /** A push of these refs was refused. */
  refused?(refs: string[], why: string): void;
  /** The commit is here. Returns why the push is refused; null if the branch may be moved. */
  before(push: BranchPush, tell: (line: string) => void): Promise<string | null>;
  /** The branch was moved. */
  after(push: BranchPush, tell: (line: string) => void): Promise<void>;
}

/** Returns why a push may not change its refs; null if it may. */
export function forbiddenBy(handler: BranchHandler | null, commands: readonly PushCommand[]): string | null {
  const reasons = commands.map(({ ref }) => handler?.forbids?.(ref) ?? null);
  return reasons.find((one) => one !== null) ?? null;
}

/** Returns the branch that a push moves, if that is all it does and its client hears what it is told. */
export function branchOf({ commands: [first, more], capabilities, isShallow }: PushHead): PushCommand | null {
  const canHear = /\bside-band-64k\b/.test(capabilities) && /\breport-status\b/.test(capabilities);
  if (!first || more || isShallow || !canHear) return null;
  const isBranch =
    first.ref.startsWith('refs/heads/') && first.after !== ZERO && first.before !== first.after;
  return isBranch ? first : null;
}

/** Returns the head of the same push to fleet's own ref, so that its commit is here before the branch is moved. */
export function headToOwnRef({ after }: PushCommand): Buffer {
  const capabilities = 'report-status side-band-64k object-format=sha1 agent=fleet';
  return Buffer.concat([packet(`${ZERO} ${after} refs/fleet/${after}\0${capabilities}`), FLUSH]);
}

/** Moves a branch if it is where the push has found it. Returns why it cannot be moved; null if it was. */
export async function moveBranch(
  repository: string,
  { ref, before, after }: PushCommand,
): Promise<string | null> {
  try {
    const args = ['--git-dir', repository, 'update-ref', ref, after, before];
    await git(repository, args, fleetEnvironment(dirname(repository)));
    return null;
  } catch (error) {
    const text = messageOf(error);
    return /is at [0-9a-f]{40} but expected|reference already exists/.test(text)
      ? 'somebody else has pushed meanwhile; git fetch first'
      : text;
  }
}

/** Sends lines to whoever pushes, and shows life while there are none. */
export class Remote {
  private readonly timer: NodeJS.Timeout;
  private readonly told = new Set<string>();

  constructor(private readonly write: (bytes: Buffer) => void) {
    this.timer = setInterval(() => write(remoteLine('')), KEEPALIVE_MS).unref();
  }

  readonly tell = (line: string): void => this.write(remoteLine(line));

  /** Sends a line unless it was sent this way before. */
  tellOnce(line: string): void {
    if (!this.told.has(line)) this.tell(line);
    this.told.add(line);
  }

  close(): void {
    clearInterval(this.timer);
  }
}
