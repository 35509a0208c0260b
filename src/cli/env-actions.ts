import { text } from 'node:stream/consumers';
import type { AppSelector } from '../client/app-types.ts';
import type { Client } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import { ENV_NAME_PATTERN, MARK_VARIABLE } from '../protocol/names.ts';
import { aligned } from '../system/columns.ts';
import type { Arguments } from './arguments.ts';
import { clockText } from './clock-text.ts';
import { readEnvFiles } from './env-file.ts';
import { follow } from './follow.ts';
import { type Io, note, say, sayJson } from './io.ts';

/** What a client asks for. */
interface Change {
  env: Record<string, string>;
  unset: string[];
  roll: boolean;
}

/** Returns what the words after `set` or `unset` mean. Throws EUSAGE, and EIO for a file or standard input. */
export async function changeOf(args: Arguments, io: Pick<Io, 'stdin' | 'cwd'>): Promise<Change> {
  const { words, verb } = args;
  const roll = !args.has('no-roll');
  const from = args.text('from');
  if (words.length === 0 && from === undefined)
    throw new FleetError(
      'EUSAGE',
      `say which variables: fleet env ${verb} KEY${verb === 'set' ? '=VALUE' : ''}`,
    );
  if (verb === 'unset') return { env: {}, unset: words.map(nameOf), roll };
  const file = from === undefined ? {} : readEnvFiles([from], io.cwd);
  const env = { ...file, ...(await valuesOf(words, io)) };
  if (!Object.hasOwn(env, MARK_VARIABLE)) return { env, unset: [], roll };
  throw new FleetError(
    'EUSAGE',
    `${MARK_VARIABLE} is fleet's own, by which it knows its processes; take another name`,
  );
}

/** What fleet sets for the processes of apps. */
const OURS = 'PORT APP SERVICE INSTANCE RELEASE SHARED REPO COMMIT DRONE_ID PROCESS_ID'.split(' ');

/** Sets and unsets variables, and follows the release that brings them. Returns the exit status. */
export async function set(
  client: Client,
  change: Change & { wait: number | undefined },
  app: AppSelector,
  args: Arguments,
  io: Io,
): Promise<number> {
  const { wait, ...rest } = change;
  const instead = OURS.filter((name) => Object.hasOwn(change.env, name));
  if (instead.length > 0)
    note(io, `${instead.join(', ')}: this wins over what fleet itself gives each process`);
  const underway = await client.setEnv({ ...rest, ...(wait === undefined ? {} : { wait }) }, app);
  if (underway) return follow(underway, args, io);
  say(io, change.roll ? await storedText(client, app) : 'stored; the next release has it');
  return 0;
}

/** Returns why there is no release that brings a change. */
async function storedText(client: Client, app: AppSelector): Promise<string> {
  const live = (await client.releases(app)).find(({ state }) => state === 'live');
  return live ? `nothing changes: v${live.release} has it already` : 'stored; the first release has it';
}

export async function get(client: Client, app: AppSelector, args: Arguments, io: Io): Promise<number> {
  const [name, ...more] = args.words;
  if (name === undefined || more.length > 0)
    throw new FleetError('EUSAGE', 'say which variable: fleet env get KEY');
  const value = await client.getEnv(nameOf(name), app);
  if (value === null) throw new FleetError('ENORELEASE', `${name} is not set; fleet env ls shows what is`);
  say(io, value);
  return 0;
}

export async function list(client: Client, app: AppSelector, args: Arguments, io: Io): Promise<number> {
  const variables = await client.listEnv(app);
  if (args.has('json')) sayJson(io, variables);
  else
    for (const line of aligned(
      variables.map(({ name, time, by }) => [name, clockText(new Date(time), Date.now()), by]),
    ))
      say(io, line);
  return 0;
}

async function valuesOf(
  words: readonly string[],
  { stdin }: Pick<Io, 'stdin'>,
): Promise<Record<string, string>> {
  const pairs = words.map((word) => {
    const at = word.indexOf('=');
    if (at < 0)
      throw new FleetError(
        'EUSAGE',
        `${word} has no value; write ${word}=VALUE, or ${word}=@- for standard input`,
      );
    return [nameOf(word.slice(0, at)), word.slice(at + 1)] as const;
  });
  const read = pairs.filter(([, value]) => value === '@-');
  if (read.length > 1) throw new FleetError('EUSAGE', 'only one variable can be read from standard input');
  const input = read.length === 0 ? '' : (await text(stdin)).replace(/\r?\n$/, '');
  return Object.fromEntries(pairs.map(([name, value]) => [name, value === '@-' ? input : value]));
}

function nameOf(name: string): string {
  if (ENV_NAME_PATTERN.test(name)) return name;
  throw new FleetError(
    'EUSAGE',
    `'${name}' cannot name a variable: letters, digits and _ only, no digit first`,
  );
}
