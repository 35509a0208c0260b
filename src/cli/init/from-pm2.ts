import { FleetError } from '../../protocol/errors.ts';
import type { Draft, DraftService, LeftOut } from './draft.ts';
import { pm2Command } from './pm2-command.ts';
import { pm2Environment } from './pm2-environment.ts';
import { serviceNames } from './service-names.ts';

type App = Record<string, unknown>;

/** Why a setting of pm2's has no place in fleet.toml. Others are said to be unknown. */
const WHY: Record<string, string> = {
  watch: 'a release replaces what runs: fleet up',
  ignore_watch: 'a release replaces what runs: fleet up',
  watch_options: 'a release replaces what runs: fleet up',
  cron_restart: 'there are no scheduled restarts',
  autorestart: 'a service is restarted whenever it ends; run a single command with fleet run',
  max_restarts: 'pm2 counts only quick restarts; see max-restarts in fleet.toml(5)',
  min_uptime: 'the time between restarts grows by itself',
  restart_delay: 'the time between restarts grows by itself',
  exp_backoff_restart_delay: 'the time between restarts grows by itself',
  wait_ready: 'a health check says that it is ready: health = "/up"',
  listen_timeout: 'write health = { within = "30s" }',
  shutdown_with_message: 'a signal asks it to end',
  increment_var: 'each instance has its number in $INSTANCE',
  instance_var: 'each instance has its number in $INSTANCE',
  user: 'one user for the whole app: user in [deploy]',
  uid: 'one user for the whole app: user in [deploy]',
  gid: 'the groups are those of user in [deploy]',
  env_file: 'variables are kept at the hub: fleet env set --from=FILE',
};
const LOGS = /^(?:out|err|error|log|merge_logs|combine_logs|time$|disable_logs|pid)/;

/** These are read, or say nothing that matters. */
const READ = new Set(
  'name script exec args interpreter exec_interpreter interpreter_args node_args exec_mode instances cwd max_memory_restart kill_timeout'.split(
    ' ',
  ),
);

/** Returns what an ecosystem file of pm2's says: `{apps: […]}`, a list of apps, or a single one. Throws ECONFIG. */
export function fromPm2(config: unknown): Draft {
  const apps = appsOf(config);
  const given = apps.map(({ name, script, exec }) => String(name ?? script ?? exec ?? 'app'));
  const names = serviceNames(given);
  const left: LeftOut[] = [];
  const services = apps.flatMap((app, index) => {
    const name = names[index] ?? 'app';
    if (given[index] !== name) left.push({ what: given[index] ?? '', why: `it is called ${name} here` });
    const service = serviceOf(app, name, left);
    return service ? [service] : [];
  });
  if (isTable(config) && config['deploy'] !== undefined)
    left.push({ what: 'deploy', why: 'drones get commits from the hub: fleet remote add' });
  return { services, left };
}

function appsOf(config: unknown): App[] {
  const listed = isTable(config) && config['apps'] !== undefined ? config['apps'] : config;
  const apps = (Array.isArray(listed) ? listed : [listed]).filter(isTable);
  if (apps.some((app) => app['script'] !== undefined || app['exec'] !== undefined)) return apps;
  throw new FleetError('ECONFIG', 'no apps in it: it has to be { apps: [{ name, script }] }');
}

const isTable = (value: unknown): value is App =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function serviceOf(app: App, name: string, left: LeftOut[]): DraftService | undefined {
  const leave = (key: string, why: string) => void left.push({ what: `${name}.${key}`, why });
  const command = pm2Command(app);
  if (command === undefined) {
    leave('script', 'there is none');
    return undefined;
  }
  const env = pm2Environment(app, leave);
  for (const key of Object.keys(app)) {
    if (READ.has(key) || (/^env(?:_|$)/.test(key) && key !== 'env_file')) continue;
    leave(
      key,
      WHY[key] ??
        (LOGS.test(key) ? 'output is kept by itself: fleet logs' : 'fleet.toml has nothing like it'),
    );
  }
  return {
    name,
    command,
    ...countOf(app['instances'], leave),
    ...dirOf(app['cwd'], leave),
    ...memoryOf(app['max_memory_restart'], leave),
    stop: { signal: 'SIGINT', ...graceOf(app['kill_timeout'], leave) },
    ...(Object.keys(env).length > 0 && { env }),
  };
}

type Leave = (key: string, why: string) => void;

function countOf(instances: unknown, leave: Leave): { count?: number } {
  if (instances === undefined) return {};
  const count = Number(instances);
  if (Number.isInteger(count) && count > 0) return { count };
  leave('instances', `${JSON.stringify(instances)} depends on the machine; count is a number`);
  return {};
}

function dirOf(cwd: unknown, leave: Leave): { dir?: string } {
  if (typeof cwd !== 'string') return {};
  const dir = cwd.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  if (dir === '' || dir === '.') return {};
  if (!dir.startsWith('/') && !dir.split('/').some((part) => part === '..' || part === '.' || part === ''))
    return { dir };
  leave('cwd', `${cwd} is not inside the checkout; dir has to be`);
  return {};
}

const MIB = 2 ** 20;

function memoryOf(limit: unknown, leave: Leave): { memory?: string } {
  if (limit === undefined) return {};
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMG])B?$/i.exec(String(limit)) ?? [];
  if (number !== undefined && unit !== undefined) return { memory: `${number}${unit.toUpperCase()}` };
  if (Number(limit) >= MIB) return { memory: `${Math.round(Number(limit) / MIB)}M` };
  leave('max_memory_restart', `${JSON.stringify(limit)} is not a size; write memory = "512M"`);
  return {};
}

/** pm2 has milliseconds, or a number with a unit. */
function graceOf(timeout: unknown, leave: Leave): { grace?: string } {
  if (timeout === undefined) return {};
  const [, number, unit = 'ms'] = /^(\d+)(ms|s|m|h)?$/.exec(String(timeout)) ?? [];
  if (number !== undefined) return { grace: `${number}${unit}` };
  leave('kill_timeout', `${JSON.stringify(timeout)} is not a time; write stop = { grace = "30s" }`);
  return {};
}
