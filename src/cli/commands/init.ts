import { FleetError } from '../../protocol/errors.ts';
import type { Command } from '../command.ts';

export const initCommand: Command = {
  name: 'init',
  summary: 'Write a fleet.toml from what an app has.',
  synopsis: ['[--from=FILE]'],
  operands: 'none',
  wordMeans: 'from',
  options: [
    {
      name: 'from',
      value: 'FILE',
      completes: 'file',
      help: "The file to take it from: a Procfile, an ecosystem file of pm2's (`.js`, `.cjs`, `.mjs` or `.json`), or a `package.json`. By default the first of these in the root of the checkout.",
    },
  ],
  description: [
    'Writes a `fleet.toml` into the root of the checkout, and says on standard error what it did not take, and why. A `fleet.toml` that is there is never changed. Nothing is released: read what was written, commit it, and run `fleet up`.',
    'Of a Procfile, every line is taken. Of an ecosystem file, each app is a service, with its script, arguments, number of instances, directory, limit of memory, time to stop and variables; those of `env_production` win. An ecosystem file that is JavaScript is run, in a process of its own. Of a `package.json`, the scripts `start`, as the service `web`, `start:NAME` and `worker` are taken.',
    'If there is a `package.json` with dependencies or a script `build`, the commit is built with the package manager whose lock file is there.',
    'Variables that are probably secret are not taken, since a `fleet.toml` is committed; `fleet env set` keeps them at the hub.',
  ],
  examples: [
    ['Begin with what is there:', 'fleet init\ngit add fleet.toml && git commit -m "fleet.toml"\nfleet up'],
    ['Come from pm2:', 'fleet init --from=ecosystem.config.js'],
  ],
  environment: [],
  seeAlso: ['fleet.toml(5)', 'fleet-up(1)', 'fleet-env(1)'],
  async run(args, io) {
    if (args.has('from') && args.text('from') === '') throw new FleetError('EUSAGE', '--from needs a file');
    const { init } = await import('../init/init.ts');
    await init(args.text('from'), io);
    return 0;
  },
};
