import type { LogInfo } from '../protocol/answers.ts';
import type { ClientParams } from '../protocol/client-calls.ts';
import { FleetError, fromWire } from '../protocol/errors.ts';
import { demandServices } from './filter.ts';
import type { Link } from './link.ts';
import type { LogItem } from './log-types.ts';
import { matcher, nameOf, parseProcess, selectionOf } from './select.ts';
import type { LogsOptions } from './types.ts';

/** The logs that match, and an item for each drone that did not answer or is lost. */
export interface FoundLogs {
  logs: { drone: string; info: LogInfo }[];
  problems: LogItem[];
}

/** Returns a test for the selected logs, in which drones are not selected by labels. Checks the selectors at once, so that a wrong one is an error, not silence. */
export function logFilter(
  options: LogsOptions,
): (drone: string, log: Pick<LogInfo, 'id' | 'repo' | 'commit'>) => boolean {
  const ids = options.ids?.length ? options.ids.map(parseProcess) : null;
  const drones = options.drones?.length ? options.drones.map(matcher) : null;
  const { repo, commit } = options;
  return (drone, log) =>
    (!drones || drones.some((match) => match({ name: drone }))) &&
    (!ids || ids.some((want) => want.id === log.id && (want.drone === null || want.drone === drone))) &&
    (repo === undefined || log.repo === repo) &&
    (commit === undefined || log.commit.startsWith(commit));
}

/** Asks the hub for matching logs of the drones in `only`, or of all. A hub of fleet 1.0 answers with everything. */
export async function listMatching(
  link: Link,
  options: LogsOptions,
  only: string[] | null = null,
): Promise<FoundLogs> {
  const matches = logFilter(options);
  // No ids are all logs here; in a selection, an empty list matches nothing.
  const ids = options.ids?.length ? options.ids : undefined;
  const select = selectionOf({ ...options, ids });
  await demandServices(link, options);
  const release = await releaseOf(link, options);
  const { result } = await link.call('logs.list', { drones: only, select, marks: true, ...release });
  const logs: FoundLogs['logs'] = [];
  const problems: LogItem[] = [];
  for (const [drone, list] of Object.entries(result.drones)) {
    if (!Array.isArray(list)) problems.push({ kind: 'problem', drone, message: fromWire(list).message });
    else for (const info of list) if (matches(drone, info)) logs.push({ drone, info });
  }
  for (const [drone, lost] of Object.entries(result.absent)) problems.push({ kind: 'absent', drone, lost });
  return { logs, problems };
}

/** Returns the release as the hub takes it. Throws EUSAGE if no app is named, EPROTOCOL if the hub is too old. */
async function releaseOf(
  link: Link,
  { release, repo, stage }: LogsOptions,
): Promise<Pick<ClientParams['logs.list'], 'release'>> {
  if (release === undefined) return {};
  if (repo === undefined) throw new FleetError('EUSAGE', 'a release is of an app: say which, as `repo`');
  if (!(await link.features()).has('release-logs'))
    throw new FleetError(
      'EPROTOCOL',
      'the hub is too old to select logs by release; update fleet on its machine',
    );
  return { release: { repo, stage: stage ? stage : null, release } };
}

/**
 * Throws ENOPROCESS if a requested id has no log, or if nothing matches a filter: a typo should be an error, not silence.
 * A repository that is followed may match nothing yet.
 */
export function demandFound(
  { ids = [], repo, commit, service, stage, release, follow }: LogsOptions,
  { logs }: FoundLogs,
): void {
  const known = new Set(logs.flatMap(({ drone, info: { id } }) => [id, `${drone}#${id}`]));
  const missing = ids
    .map(parseProcess)
    .map(nameOf)
    .filter((name) => !known.has(name));
  if (missing.length > 0)
    throw new FleetError(
      'ENOPROCESS',
      `no drone has a log of ${missing.join(', ')}; fleet ps lists what runs`,
    );
  const isFiltered = [repo, commit, service, stage, release].some((given) => given !== undefined);
  if (isFiltered && logs.length === 0 && !follow)
    throw new FleetError('ENOPROCESS', 'no log matches; fleet ps lists what runs');
}
