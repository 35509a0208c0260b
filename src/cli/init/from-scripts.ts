import { parseCommand } from '../../app-file/command.ts';
import type { Build, Draft, DraftService, LeftOut } from './draft.ts';
import { serviceNames } from './service-names.ts';

/** What is read of a package.json. */
export interface Package {
  scripts: Record<string, string>;
  hasDependencies: boolean;
}

/** Returns what is read of a package.json; anything else in it does not matter. */
export function toPackage(json: unknown): Package {
  const { scripts, dependencies } = tableOf(json);
  const lines = Object.entries(tableOf(scripts)).filter(([, line]) => typeof line === 'string');
  return {
    scripts: Object.fromEntries(lines) as Record<string, string>,
    hasDependencies: Object.keys(tableOf(dependencies)).length > 0,
  };
}

const tableOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** Returns `start` as the service `web`, and `worker` and `start:NAME` as services of their names. */
export function fromScripts({ scripts }: Package): Draft {
  const found: DraftService[] = [];
  const left: LeftOut[] = [];
  for (const [script, line] of Object.entries(scripts)) {
    const name = serviceOf(script);
    if (name !== undefined) found.push({ name, command: commandOf(script, scripts) });
    else if (script !== 'build') left.push({ what: script, why: whyNot(script, line, scripts) });
  }
  const names = serviceNames(found.map(({ name }) => name));
  return {
    services: found.map((service, index) => ({ ...service, name: names[index] ?? service.name })),
    left,
  };
}

/** For developers, not for servers. */
const AT_HOME = /^(?:dev|development|watch|test|debug|local)\b/;

function serviceOf(script: string): string | undefined {
  if (script === 'start') return 'web';
  if (script === 'worker') return 'worker';
  const [, name] = /^start:(.+)$/.exec(script) ?? [];
  return name === undefined || AT_HOME.test(name) ? undefined : name;
}

/** npm between fleet and the process delays signals, so `node …` is run without it if nothing else needs it. */
function commandOf(script: string, scripts: Record<string, string>): string {
  const line = scripts[script] ?? '';
  const command = parseCommand(line);
  const isPlain = Array.isArray(command) && command[0] === 'node';
  if (isPlain && !(`pre${script}` in scripts) && !(`post${script}` in scripts)) return line.trim();
  return script === 'start' ? 'npm start' : `npm run ${script}`;
}

function whyNot(script: string, line: string, scripts: Record<string, string>): string {
  const [, of] = /^(?:pre|post)(.+)$/.exec(script) ?? [];
  if (of !== undefined && (of in scripts || of === 'install')) return `npm runs it with ${of}`;
  if (/migrat/.test(script) || /\bmigrat/.test(line))
    return `if it has to run before each release: release = "npm run ${script}" in [deploy]`;
  return 'not known to be a service; only start, start:NAME and worker are taken';
}

const INSTALL: readonly (readonly [lock: string, manager: string, all: string, production: string])[] = [
  ['package-lock.json', 'npm', 'npm ci', 'npm ci --omit=dev'],
  ['npm-shrinkwrap.json', 'npm', 'npm ci', 'npm ci --omit=dev'],
  ['pnpm-lock.yaml', 'pnpm', 'pnpm install --frozen-lockfile', 'pnpm install --frozen-lockfile --prod'],
  ['yarn.lock', 'yarn', 'yarn install --frozen-lockfile', 'yarn install --frozen-lockfile --production'],
];

/**
 * Returns how the app is built, given the names of the files beside its package.json; undefined if there is nothing to
 * do. A build needs the packages for development too.
 */
export function buildOf({ scripts, hasDependencies }: Package, files: readonly string[]): Build | undefined {
  const isBuilt = 'build' in scripts;
  if (!isBuilt && !hasDependencies) return undefined;
  const [, manager, all, production] = INSTALL.find(([lock]) => files.includes(lock)) ?? [
    '',
    'npm',
    'npm install',
    'npm install --omit=dev',
  ];
  const isNpm = manager === 'npm';
  const install = `${isBuilt ? all : production}${isNpm ? ' --cache .npm --prefer-offline' : ''}`;
  return { build: isBuilt ? `${install} && ${manager} run build` : install, cache: isNpm ? ['.npm'] : [] };
}
