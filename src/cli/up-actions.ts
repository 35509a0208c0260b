import type { AppSelector, UpOptions } from '../client/app-types.ts';
import type { Client } from '../client/types.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { liveText } from '../protocol/release-text.ts';
import { noteAbsent } from './absent.ts';
import type { Arguments } from './arguments.ts';
import { reportPlan } from './dry-run.ts';
import { follow } from './follow.ts';
import { type Io, note, say } from './io.ts';
import { lookForLeftOut } from './left-out.ts';
import { Progress } from './progress.ts';
import { lookForChanges, lookForMending } from './uncommitted.ts';

/** Releases a commit, and follows it. Returns the exit status. */
export async function up(client: Client, options: UpOptions, args: Arguments, io: Io): Promise<number> {
  const canary = canaryOf(args);
  const given = { canary, rebuild: args.has('rebuild') };
  const begun = await pushing(options, io, (onProgress) => client.up({ ...options, ...given, onProgress }));
  if (options.commit === undefined) for (const line of await lookForChanges(io.cwd)) note(io, line);
  if ('events' in begun) return follow(begun, args, io);
  say(io, liveText(begun));
  return begun.ok ? 0 : 1;
}

/** Follows the release that is under way. */
export async function attach(client: Client, app: AppSelector, args: Arguments, io: Io): Promise<number> {
  const underway = await client.attach(app);
  if (underway) return follow(underway, args, io);
  throw new FleetError('ENORELEASE', 'no release is under way; see: fleet releases');
}

/** Prints what a release would do. Returns the exit status. */
export async function dryRun(client: Client, options: UpOptions, args: Arguments, io: Io): Promise<number> {
  const given = { canary: canaryOf(args), rebuild: args.has('rebuild') };
  const plan = await pushing(options, io, (onProgress) => client.plan({ ...options, ...given, onProgress }));
  return reportPlan(plan, args, io);
}

/** Deploys and builds, and prints what became of it on each drone. */
export async function build(client: Client, options: UpOptions, io: Io): Promise<number> {
  const { repo, commit, drones, absent } = await pushing(options, io, (onProgress) =>
    client.build({ ...options, onProgress }),
  );
  const failed = Object.entries(drones).filter(([, error]) => error !== null);
  noteAbsent(absent, 'it builds when it comes back', io);
  for (const [drone, error] of failed) note(io, `[${drone}] ${messageOf(error)}`);
  if (failed.length < Object.keys(drones).length) say(io, `built ${repo}/${commit}`);
  return failed.length === 0 ? 0 : 1;
}

/** Notes what is left out of a commit that is pushed, once that is done. */
async function pushing<T>(
  { commit = 'HEAD' }: Pick<UpOptions, 'commit'>,
  io: Io,
  act: (onProgress: NonNullable<UpOptions['onProgress']>) => Promise<T>,
): Promise<T> {
  const progress = new Progress(io.stderr);
  let leftOut: Promise<string[]> | undefined;
  try {
    const result = await act(({ phase, said }) => {
      if (phase !== 'push') return;
      if (said !== undefined) {
        progress.erase();
        return note(io, said);
      }
      leftOut ??= lookForLeftOut(io.cwd, commit);
      progress.show('pushing to the hub');
    });
    progress.clear();
    for (const line of (await leftOut) ?? []) note(io, line);
    return result;
  } catch (error) {
    progress.clear();
    const isMistake = error instanceof FleetError && error.code === 'ECONFIG';
    if (isMistake && commit === 'HEAD') for (const line of await lookForMending(io.cwd)) note(io, line);
    throw error;
  } finally {
    progress.clear();
  }
}

function canaryOf(args: Arguments): number | undefined {
  const given = args.text('canary');
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(given)) return Number(given);
  throw new FleetError('EUSAGE', `--canary=${given} is not a number of instances`);
}
