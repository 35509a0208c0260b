import type { AppSelector } from '../client/app-types.ts';
import type { Arguments } from './arguments.ts';
import type { Option } from './command.ts';
import { parseWait } from './quantity.ts';
import type { Target } from './target.ts';

/** Which app. */
export const APP_OPTIONS: Option[] = [
  {
    name: 'as',
    value: 'STAGE',
    completes: 'stages',
    elsewhere: ['stage', 'destination', 'environment'],
    help: 'The stage: another app of the same repository, such as `staging` or `pr-12`.',
  },
  {
    name: 'repo',
    value: 'NAME',
    completes: 'repos',
    elsewhere: ['app', 'app-name'],
    help: 'The name of the repository. The default is the name of the nearest directory with a `.git`.',
  },
];

/** For commands that begin a release. */
export const FOLLOW_OPTIONS: Option[] = [
  {
    name: 'wait',
    value: 'TIME',
    help: 'How long to wait for a release that is under way, such as `15m`. By default, it is refused.',
  },
  { name: 'detach', short: 'd', help: 'Returns at once. The release goes on at the hub.' },
  { name: 'json', help: 'Prints the events of the release as JSON, a line each.' },
];

/** For commands that change what runs of an app. */
export const DRY_RUN: Option = {
  name: 'dry-run',
  help: 'Prints what would be started, replaced and stopped, and where, and changes nothing. It takes the right `read`.',
};

/** Returns the app that the arguments name, or the one of the current directory. */
export function appOf(args: Arguments, target: Pick<Target, 'repo'>, dir: string): AppSelector {
  return { dir, repo: args.text('repo') ?? target.repo, stage: args.text('as') };
}

/** Returns the milliseconds of `--wait`. Throws EUSAGE. */
export function waitOf(args: Arguments): number | undefined {
  const wait = args.text('wait');
  return wait === undefined ? undefined : parseWait(wait, 'wait');
}
