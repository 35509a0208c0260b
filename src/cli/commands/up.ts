import { FleetError } from '../../protocol/errors.ts';
import { APP_OPTIONS, appOf, DRY_RUN, FOLLOW_OPTIONS, waitOf } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

const REMOTE_ENV =
  "the remote's env in fleet.json is for spawn and exec; for releases: fleet env set KEY=VALUE";

export const upCommand: Command = {
  name: 'up',
  summary: 'Release a commit: build, check and run it everywhere.',
  synopsis: ['[--commit=REV] [--as=STAGE] [--canary[=N]] [--dry-run] [--detach] [+REMOTE]', '--attach'],
  operands: 'none',
  wordMeans: 'commit',
  options: [
    {
      name: 'commit',
      value: 'REV',
      elsewhere: ['branch', 'tag', 'ref', 'rev', 'revision', 'version'],
      completes: 'refs',
      help: 'The commit, in any form that git understands. The default is `HEAD`.',
    },
    ...APP_OPTIONS,
    {
      name: 'canary',
      value: 'N',
      otherwise: '1',
      help: 'Starts N instances of each service beside those that serve, and waits for `fleet promote`.',
    },
    { name: 'only', value: 'build', completes: ['build'], help: 'Deploys and builds, and releases nothing.' },
    {
      name: 'rebuild',
      help: 'Builds anew, also where the commit was built before, and what is live already.',
    },
    DRY_RUN,
    { name: 'attach', help: 'Looks on at the release that is under way.' },
    {
      name: 'force',
      help: 'Releases also what is live already, and a commit with a secret in its `fleet.json`.',
    },
    { name: 'strict', help: 'Fails if a drone is lost on which some of it should run.' },
    ...FOLLOW_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Releases a commit of this git repository, as its `fleet.toml` or `Procfile` says: pushes it to the hub, has the drones check it out and build it, runs the release command once, and starts the instances of each service. A new instance takes the place of an old one when it is ready. If one is not, everything goes back to the release before, which has served all the time.',
    'The hub conducts the release, so it goes on if this command is ended; `--attach` looks on again. There is one release of an app at a time.',
    'The result, such as `v42 live  web 4/4`, is printed on standard output, everything before it on standard error. If a release fails, the last lines of what failed are printed, and the exit status is 1.',
    'A commit that is live already, with the same environment, is not released again; the exit status is that of `fleet status`.',
  ],
  examples: [
    ['Release what is checked out:', 'fleet up'],
    ['Put a branch beside it:', 'fleet up --as=pr-12'],
    ['Let one instance of each service go ahead:', 'fleet up --canary=1 && fleet promote'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet.toml(5)', 'fleet-status(1)', 'fleet-releases(1)', 'fleet-rollback(1)'],
  async run(args, io) {
    const only = args.text('only');
    if (only !== undefined && only !== 'build')
      throw new FleetError('EUSAGE', `--only=${only} is not a part of a release; write --only=build`);
    if (only !== undefined && args.has('dry-run'))
      throw new FleetError('EUSAGE', '--dry-run is of a whole release; leave out --only=build');
    const actions = await import('../up-actions.ts');
    return withClient(args, io, (client, target) => {
      const app = appOf(args, target, io.cwd);
      if (args.has('attach')) return actions.attach(client, app, args, io);
      const [commit, force] = [args.text('commit'), args.has('force')];
      const options = { ...app, commit, force, wait: waitOf(args) };
      if (args.has('dry-run')) return actions.dryRun(client, options, args, io);
      if (only !== undefined) return actions.build(client, { ...options, rebuild: args.has('rebuild') }, io);
      if (Object.keys(target.env).length > 0) note(io, REMOTE_ENV);
      return actions.up(client, options, args, io);
    });
  },
};
