import { globMatches, matches, parseSelector } from '../../app-file/selector.ts';
import type { TokenLimits } from '../../protocol/answers.ts';
import { parseAppName } from '../../protocol/app-names.ts';
import type { ClientCall } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import { type Principal, sees } from './principal.ts';

/** A drone, as far as limits are about it. */
export interface Place {
  name: string;
  labels: Record<string, string>;
}

/** A process, a log, or an event of one; of a service, its instance. */
interface Owned {
  repo: string;
  instance?: { app: string } | undefined;
}

/** What a call is about, as far as limits are. */
export interface Asked {
  stage?: string | null;
  drones?: string[] | null;
  command?: string[];
  env?: Record<string, string>;
  cwd?: string | null;
  appEnv?: unknown;
}

/** Calls about processes and instances, which show or touch only those that a token may see, and what belongs to them. */
const FILTERED = [
  ...(['drones', 'ps', 'logs.list', 'logs.read', 'subscribe', 'stop', 'restart'] as const),
  ...(['exec.stdin', 'exec.ack', 'exec.resize', 'exec.kill'] as const),
];

/** Beside these, what a token for stages may call, in addition to the calls `app.…`. */
const OF_STAGES: readonly ClientCall[] = [
  ...FILTERED,
  ...(['endpoints', 'endpoints.follow', 'endpoints.confirm'] as const),
];

/** Calls that name the drones they are for. */
const NAMING_DRONES: readonly ClientCall[] = ['deploy', 'spawn', 'exec.start', 'app.run'];
const OF_DRONES: readonly ClientCall[] = [...FILTERED, ...NAMING_DRONES];

/** What runs a command, once. */
const RUNNING: readonly ClientCall[] = ['exec.start', 'app.run'];

/** Returns true if `who` may see this drone. */
export function seesDrone({ limits }: Principal, drone: Place): boolean {
  return limits?.drones?.some((one) => matches(parseSelector(one), drone)) ?? true;
}

/** Returns true if `who` may see this app. */
export function seesApp(who: Principal, app: string): boolean {
  const { repo = app, stage = null } = parseAppName(app) ?? {};
  return sees(who, repo) && isOfStage(who, stage);
}

/** Returns true if `who` may see this process or log of a drone. */
export function seesProcess(who: Principal, drone: Place, { repo, instance }: Owned): boolean {
  if (!who.limits) return sees(who, repo);
  const isOfApp = who.limits.stage === undefined || (instance !== undefined && seesApp(who, instance.app));
  return sees(who, repo) && isOfApp && seesDrone(who, drone);
}

/** Throws EFORBIDDEN, naming what is missing, unless the limits of `who` allow a call. `drone` finds one by its name. */
export function demandLimits(
  who: Principal,
  call: ClientCall,
  asked: Asked,
  drone: (name: string) => Place | undefined,
): void {
  if (!who.limits) return;
  const { stage, drones, commands } = who.limits;
  if (stage !== undefined) demandStage(who, call, asked);
  if (drones !== undefined) demandDrones(who, drones, call, asked, drone);
  if (commands !== undefined) demandCommand(who, commands, call, asked);
}

/** Returns why `who` may not push this ref: a branch is deployed to every drone, or is a release without a stage; else null. */
export function refForbidden({ name, limits }: Principal, ref: string): string | null {
  if (limits?.stage === undefined && limits?.drones === undefined) return null;
  if (ref.startsWith('refs/fleet/')) return null;
  return `the token '${name}' may push commits for fleet up, and no branches or tags: it is ${limitsText(limits)}`;
}

/** Returns limits as a refusal says them: `for the drones web* only`. */
export function limitsText({ stage, drones }: TokenLimits, repo = 'its repository'): string {
  return stage === undefined
    ? `for the drones ${drones?.join(', ')} only`
    : `for the stages ${stage} of ${repo} only`;
}

function demandStage(who: Principal, call: ClientCall, { stage }: Asked): void {
  const only = `the token '${who.name}' is ${limitsText(who.limits ?? {}, who.repo ?? undefined)}`;
  const app = `${who.repo}${stage ? `@${stage}` : ''}`;
  if (!call.startsWith('app.') && !OF_STAGES.includes(call))
    throw forbidden(`${only}, and '${call}' is about no stage; ask for one made with --app=${who.repo}`);
  if (call.startsWith('app.') && !isOfStage(who, stage ?? null))
    throw forbidden(`${only}, not for ${app}; ask for one made with --app=${app}`);
}

function demandDrones(
  who: Principal,
  only: readonly string[],
  call: ClientCall,
  asked: Asked,
  find: (name: string) => Place | undefined,
): void {
  const what = `the token '${who.name}' is for the drones ${only.join(', ')} only`;
  if (!OF_DRONES.includes(call))
    throw forbidden(`${what}, and '${call}' is about all of them; ask for one made without --drone`);
  if (!NAMING_DRONES.includes(call)) return;
  if (!asked.drones?.length) throw forbidden(`${what}; name those that you mean, with --drone`);
  const other = asked.drones.find((name) => !seesDrone(who, find(name) ?? { name, labels: {} }));
  if (other !== undefined)
    throw forbidden(`${what}, not for ${other}; ask for one made with --drone=${other}`);
}

function demandCommand(
  { name }: Principal,
  commands: readonly string[][],
  call: ClientCall,
  { command = [], env = {}, cwd = null, appEnv = null }: Asked,
): void {
  const texts = commands.map((words) => `'${words.join(' ')}'`).join(', ');
  const what = `the token '${name}' may exec ${texts} only`;
  const more = 'ask for one made with --can=exec, without --command';
  if (call === 'app.env.get' || (call === 'spawn' && appEnv !== null))
    throw forbidden(`${what}, and see no variables; ${more}`);
  if (!RUNNING.includes(call)) return;
  if (!commands.some((words) => sameWords(words, command)))
    throw forbidden(`${what}, not '${command.join(' ').slice(0, 200)}'; ${more}`);
  // Either would make another command of it.
  if (Object.keys(env).length > 0) throw forbidden(`${what}, without --env; ${more}`);
  if (cwd !== null) throw forbidden(`${what}, without --cwd; ${more}`);
}

function isOfStage({ limits }: Principal, stage: string | null): boolean {
  return limits?.stage === undefined || (stage !== null && globMatches(limits.stage, stage));
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}

const forbidden = (message: string) => new FleetError('EFORBIDDEN', message);
