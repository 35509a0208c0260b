import { DEPLOY, RELEASE } from '../app-file/deploy-keys.ts';
import { ROOT } from '../app-file/keys.ts';
import { HEALTH, MAX_RESTARTS, SERVICE, STOP } from '../app-file/service-keys.ts';
import type { Keys } from '../app-file/tables.ts';
import type { Page } from './man.ts';

const EXAMPLE = `[deploy]
build   = "npm ci --omit=dev"
release = "node migrate.js"
needs   = ["DATABASE_URL"]
shared  = ["uploads/"]

[services.web]
command = "node server.js"
count   = 4
health  = "/up"
host    = ["example.com"]

[services.worker]
command = "node worker.js"
on      = ["role=jobs"]

[as."pr-*"]
services.web.host  = ["{app}.example.com"]
services.web.count = 2`;

/** Returns the keys of a table under OPTIONS, each with its default. */
function terms(prefix: string, keys: Keys): Page['options'] {
  return Object.entries(keys).map(([name, key]) => {
    const preset = 'preset' in key ? JSON.stringify(key.preset) : '{}';
    const shown = preset === '{}' ? '' : ` The default is \`${preset}\`.`;
    return { term: `${prefix}${name}`, help: `${key.help}${shown}` };
  });
}

/** fleet.toml(5). */
export const FLEET_TOML_PAGE: Page = {
  name: 'fleet.toml',
  section: 5,
  summary: 'the services of an app, and how a commit becomes a release',
  synopsis: ['fleet.toml', 'Procfile'],
  description: [
    'A TOML file in the root of the repository. It is committed with the app, and contains no secrets.',
    'A line of the Procfile, `NAME: COMMAND`, is a service, except `release: COMMAND`, which is `deploy.release`. fleet.toml adds to it and wins, key by key. A service of the Procfile that should not run has `count = 0`.',
    "A service's name is letters, digits, `-` and `_`, 30 at most. It is served, and gets requests, if it has `host`, `health` or `port`, or is called `web`; a `health` with nothing but `stable` does not make it so. Otherwise it is up when it has run for `stable` without an exit.",
    'A time is a string with a unit: `"500ms"`, `"30s"`, `"15m"`, `"1h"`. A size is `"512M"`, in MiB. A command is a string, or a list of words.',
    'A stage, as made by `--as=NAME`, has one instance of each service, unless a section of `as` says otherwise, and only those hosts that contain `{app}`.',
    'Unknown keys, wrong types and impossible values are errors with file and line before anything happens. The package contains a JSON schema for editors, `schema/fleet.toml.json`.',
    'Only `services.NAME.command` is required, here or in the Procfile. The keys are listed under OPTIONS.',
  ],
  options: [
    ...terms('deploy.', DEPLOY.keys),
    ...terms('deploy.release.', RELEASE.keys),
    { term: 'env.NAME', help: ROOT.keys.env.help },
    ...terms('services.NAME.', SERVICE.keys),
    ...terms('services.NAME.health.', HEALTH.keys),
    ...terms('services.NAME.stop.', STOP.keys),
    ...terms('services.NAME.max-restarts.', MAX_RESTARTS.keys),
    { term: 'as.STAGE', help: ROOT.keys.as.help },
  ],
  examples: [['A web server, a worker, and stages of pull requests:', EXAMPLE]],
  exitStatus: [
    ['1', 'One of the files has a mistake. The error names the file, the line, and what was probably meant.'],
  ],
  environment: [
    [
      'PORT',
      'Set for each process: where it listens, if it is served. As with all that fleet sets, the `env` of the app wins.',
    ],
  ],
  seeAlso: ['fleet.json(5)', 'fleet(1)'],
};
