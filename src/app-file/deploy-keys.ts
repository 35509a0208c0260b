import { either, FLAG, list, mapped, text, whole } from './kinds.ts';
import { type Given, key, preset, table } from './tables.ts';
import { COMMAND, ON, PATH, SHARED, SPAN, VARIABLE_NAME } from './values.ts';

export const RELEASE = table({
  command: key(COMMAND, 'The command.'),
  on: key(ON, 'Drones of which the first runs it; by default those of the first service.'),
  timeout: preset(SPAN, '10m', 'How long it may take.'),
});

export const DEPLOY = table({
  build: key(
    COMMAND,
    'Run in the new checkout on each drone, one at a time. The commit counts as deployed when it has succeeded.',
  ),
  'build-timeout': preset(SPAN, '10m', 'How long `build` may take.'),
  cache: key(
    list(PATH, '["node_modules"]'),
    'Paths that are copied into the new checkout from the last one that was built, before `build`.',
  ),
  release: key(
    either<Given<typeof RELEASE.keys>>('a command, or a table', {
      string: mapped(COMMAND, (command) => ({ command })),
      list: mapped(COMMAND, (command) => ({ command })),
      table: RELEASE,
    }),
    'A job that runs once for each release, after the build and before anything is replaced; not on a rollback. A command, or a table.',
  ),
  needs: key(list(VARIABLE_NAME, '["DATABASE_URL"]'), 'Variables without which nothing starts.'),
  shared: key(
    list(SHARED, '["uploads/"]'),
    'Paths that all releases share. `x/` is a directory, made if it is missing; a file must be there first.',
  ),
  keep: preset(whole(1, 1000), 5, 'How many releases that were live stay built on the drones.'),
  branch: key(
    text(
      'a branch\'s name, such as "main"',
      /^(?![-./])(?!.*(?:\.\.|\/\/|@\{|\.lock$|[./]$))[^\s\p{Cc}~^:?*[\\]+$/u,
      (wrong) => wrong.replace(/^refs\/heads\//, ''),
    ),
    'A push of this branch is a `fleet up`.',
  ),
  on: key(ON, 'The drones that get this app; all by default.'),
  user: key(
    text('a user\'s name, such as "app"', /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/),
    'Everything of the app is run as this user, with its groups, where the drone is root. Any other drone runs it as its own user.',
  ),
  signed: preset(
    FLAG,
    false,
    'Only commits that are signed with an SSH key of the allowed signers are released and built: those in the file `allowed-signers` of the directory of the hub, as in ssh-keygen(1). Once it is live, a commit without this key must be signed, too.',
  ),
  lfs: preset(
    FLAG,
    false,
    'Files of Git LFS are fetched through the hub. Not supported yet: `fleet up` and `fleet deploy` refuse it.',
  ),
  submodules: preset(
    FLAG,
    false,
    'Submodules are fetched through the hub. Not supported yet: `fleet up` and `fleet deploy` refuse it.',
  ),
});
