import type { ClientParams } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import type { DroneEntry, DroneSelector, ProcessFilter, ProcessSelector } from './types.ts';

/**
 * Compiles a drone's name, `*` for all, `/regex/flags` of names, or `KEY=VALUE` of a label to a test of drones. Throws
 * EUSAGE if the regex is invalid.
 */
export function matcher(selector: DroneSelector): (drone: Pick<DroneEntry, 'name' | 'labels'>) => boolean {
  if (selector === '*') return () => true;
  const [, source, flags] = /^\/(.*)\/([a-z]*)$/s.exec(selector) ?? [];
  if (source === undefined)
    return isLabel(selector) ? labelMatcher(selector) : ({ name }) => name === selector;
  try {
    const regex = new RegExp(source, flags?.replace(/[gy]/g, ''));
    return ({ name }) => regex.test(name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^Invalid regular expression: /, '') : '';
    throw new FleetError('EUSAGE', `--drone=${selector} is not a regular expression: ${why}`, { cause });
  }
}

/** The name of a drone has no `=`. */
const isLabel = (selector: string) => /^[^/=]+(?:\/[^/=]+)*=/.test(selector);

function labelMatcher(selector: string): ReturnType<typeof matcher> {
  const [key = ''] = selector.split('=', 1);
  const value = selector.slice(key.length + 1);
  return ({ labels = {} }) => Object.hasOwn(labels, key) && labels[key] === value;
}

/**
 * Returns the names of the connected drones that the selectors match. Throws ENODRONE, naming the drones that there are,
 * if a selector matches nothing.
 */
export function selectDrones(selectors: DroneSelector[], drones: DroneEntry[]): string[] {
  const connected = drones.filter(({ lost }) => lost === null);
  const picked = new Set<string>();
  for (const selector of selectors) {
    const matches = connected.filter(matcher(selector));
    if (matches.length === 0) throw noneMatches(selector, drones, connected);
    for (const { name } of matches) picked.add(name);
  }
  return [...picked].sort();
}

/** Returns the lost drones that the selectors match, with the seconds since they were lost. */
export function lostDrones(selectors: DroneSelector[], drones: DroneEntry[]): Record<string, number> {
  const matches = selectors.map(matcher);
  return Object.fromEntries(
    drones.flatMap((drone) =>
      drone.lost !== null && matches.some((match) => match(drone)) ? [[drone.name, drone.lost]] : [],
    ),
  );
}

/** Throws ENODRONE, naming them, if some of the drones that are meant are lost. */
export function demandPresent(lost: Record<string, number>): void {
  const names = Object.entries(lost).map(([name, seconds]) => `${name} (lost ${seconds}s ago)`);
  if (names.length === 0) return;
  throw new FleetError('ENODRONE', `not connected: ${names.join(', ')}; without --strict, it is left out`);
}

/** Returns the names of the drones that the selectors match, connected or lost. Throws ENODRONE as above. */
export function selectKnownDrones(selectors: DroneSelector[], drones: DroneEntry[]): string[] {
  return selectDrones(
    selectors,
    drones.map((drone) => ({ ...drone, lost: null })),
  );
}

/** Returns the selectors, those of labels replaced by the names of the drones that have them now. */
export function namesForLabels(selectors: DroneSelector[], drones: DroneEntry[]): DroneSelector[] {
  return selectors.flatMap((selector) =>
    isLabel(selector) ? drones.filter(matcher(selector)).map(({ name }) => name) : [selector],
  );
}

function noneMatches(selector: string, drones: DroneEntry[], connected: DroneEntry[]): FleetError {
  const lost = drones.find(({ name, lost }) => name === selector && lost !== null);
  if (lost)
    return new FleetError('ENODRONE', `the drone ${selector} is not connected (lost ${lost.lost}s ago)`);
  if (connected.length === 0) {
    return new FleetError(
      'ENODRONE',
      `no drone matches '${selector}': no drones are connected; start one with: fleet drone`,
    );
  }
  if (isLabel(selector)) return noneHas(selector, connected);
  const there = `no drone matches '${selector}'; there are: ${connected.map(({ name }) => name).join(', ')}`;
  return new FleetError('ENODRONE', `${there}${patternHint(selector)}`);
}

function noneHas(label: string, connected: DroneEntry[]): FleetError {
  const labels = connected.flatMap((drone) => Object.entries(drone.labels ?? {}).map((one) => one.join('=')));
  const there = [...new Set(labels)].sort().join(', ') || 'only drones without labels';
  return new FleetError('ENODRONE', `no drone has the label ${label}; there are: ${there}`);
}

/** How to write what looks like a shell's pattern. */
function patternHint(selector: string): string {
  if (!/[*?]/.test(selector) || selector.startsWith('/')) return '';
  const literal = selector.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const source = `^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`;
  return `; a pattern is a regular expression: --drone='/${source.replace(/\.\*\$$/, '').replace(/^\^\.\*/, '')}/'`;
}

/** Parses `pid#ID`, `ID` or `DRONE#ID`. Throws ENOPROCESS for anything else, since nothing can have such an id. */
export function parseProcess(selector: ProcessSelector): { drone: string | null; id: string } {
  const [, drone, id] = /^(?:([^#]*)#)?([0-9a-f]{6})$/.exec(selector) ?? [];
  if (id === undefined) {
    throw new FleetError(
      'ENOPROCESS',
      `'${selector}' is not a process; write an id like web1#1e99f4; fleet ps lists what runs`,
    );
  }
  return { drone: drone === undefined || drone === 'pid' || drone === '' ? null : drone, id };
}

/** Formats a process as `ID` or `DRONE#ID`. */
export function nameOf({ drone, id }: { drone: string | null; id: string }): string {
  return drone === null ? id : `${drone}#${id}`;
}

/** Returns the selection to send to the hub; `drones` are names. Throws ENOPROCESS if an id is not one. */
export function selectionOf(
  { ids, repo, commit, labels, service, stage }: Omit<ProcessFilter, 'drones'>,
  drones: string[] | null = null,
): NonNullable<ClientParams['stop']['select']> {
  return {
    ids: ids ? ids.map(parseProcess) : null,
    repo: repo ?? null,
    commit: commit ?? null,
    labels: labels ?? {},
    drones,
    ...(service === undefined ? {} : { service }),
    ...(stage === undefined ? {} : { stage }),
  };
}
