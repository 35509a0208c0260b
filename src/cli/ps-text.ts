import { commandLine } from '../protocol/names.ts';
import type { DroneStatus, ProcessStatus } from '../protocol/process.ts';
import { lastExitText } from './exit-text.ts';
import { lagText } from './lag-text.ts';
import { aboutSeconds, counted } from './quantity.ts';
import type { Screen } from './screen.ts';
import { type Tree, TreeDrawer } from './tree.ts';

/** Returns `running`, or `respawning in 8s (5 restarts, last exit 1)`. */
export function statusText({ status, restarts, lastExit, respawnIn }: ProcessStatus): string {
  const wait = status === 'respawning' && respawnIn > 0 ? ` in ${aboutSeconds(respawnIn)}` : '';
  const past = [
    restarts > 0 ? counted(restarts, 'restart') : '',
    lastExit ? lastExitText(lastExit) : '',
  ].filter(Boolean);
  return `${status}${wait}${past.length > 0 ? ` (${past.join(', ')})` : ''}`;
}

/** Returns a tree for each drone, by name, with what runs on it. */
export function psTree(drones: Record<string, DroneStatus>, screen: Screen): string {
  const names = Object.keys(drones).sort();
  const drawer = new TreeDrawer();
  return names.map((name) => drawer.draw(droneTree(name, drones[name] as DroneStatus, screen))).join('');
}

function droneTree(name: string, status: DroneStatus, { paint, safeLine }: Screen): Tree {
  const { lost, awaited, lags = [], processes } = status;
  const since = awaited ? 'not back since the hub started' : 'lost';
  const marks = [...(lost === null ? [] : [`${since} ${aboutSeconds(lost)} ago`]), ...lags.map(lagText)];
  const mark = marks.map((text) => ` ${paint('red', `(${safeLine(text)})`)}`).join('');
  const nodes = Object.entries(processes).map(([id, process]) => ({
    label: `pid#${safeLine(id)}`,
    nodes: [
      `status:   ${paint(process.status === 'running' ? 'green' : 'yellow', safeLine(statusText(process)))}`,
      ...lineOf('port:     ', portText(process)),
      ...lineOf('service:  ', safeLine(instanceText(process))),
      `commit:   ${safeLine(`${process.repo}/${process.commit}`)}`,
      `command:  ${safeLine(commandLine(process.command))}`,
    ],
  }));
  return { label: `drone#${safeLine(name)}${mark}`, nodes };
}

const lineOf = (label: string, text: string) => (text === '' ? [] : [`${label}${text}`]);

/** Returns `:20000`; empty for an instance, which has it elsewhere, and for what has no port. */
export function portText({ app, port }: ProcessStatus): string {
  return typeof app !== 'string' && typeof port === 'number' ? `:${port}` : '';
}

/** Returns `web.1 v42 :20000 ready`, with the app's name before it for a stage; empty if it is not of a service. */
export function instanceText({ repo, app, service, slot, release, port, state }: ProcessStatus): string {
  if (typeof app !== 'string') return '';
  const stage = app === repo ? '' : `${app} `;
  const at = typeof port === 'number' ? ` :${port}` : '';
  return `${stage}${service}.${slot} v${release}${at} ${state}`;
}

/** The keys of `ps --json` that an older hub does not send. */
const UNKNOWN = {
  ...{ app: null, service: null, slot: null, release: null, port: null, state: null },
  ...{ cpu: null, memory: null },
};

/**
 * Returns what `ps --json` prints. A drone has its `processes` as the JavaScript API returns them, and beside them, in the
 * form that was there first, each process under its id, with `lost`. `lost` is the seconds since the connection was lost;
 * a connected drone does not have the key, because programs iterate over its ids; likewise `lags`.
 */
export function psJson(drones: Record<string, DroneStatus>): Record<string, Record<string, unknown>> {
  const shown = Object.entries(drones).map(([name, { lost, awaited, lags = [], processes: sent }]) => {
    const full = Object.entries(sent).map(([id, process]) => [id, { ...UNKNOWN, ...process }] as const);
    const processes = Object.fromEntries(full);
    const byId = full.map(([id, process]) => [id, { ...process, lost }] as const);
    const some = { ...(lost === null ? {} : { lost }), ...(awaited ? { awaited } : {}) };
    const state = { ...some, ...(lags.length > 0 ? { lags } : {}) };
    return [name, { ...Object.fromEntries(byId), ...state, processes }] as const;
  });
  return Object.fromEntries(shown);
}
