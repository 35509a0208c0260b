/** What somebody was told about a spawn, and when it was asked for (ms since the run began). */
export interface SpawnRecord {
  marker: string;
  /** The id that was acknowledged; null if it failed, or nobody knows. */
  id: string | null;
  /** True if a stop of it was acknowledged; null if one was tried and nobody knows. */
  stopped: boolean | null;
}

/** A release that was acknowledged as live. */
export interface ReleaseRecord {
  release: number;
  commit: string;
}

/** A process that wrote into the journal when it began. */
export interface Start {
  /** The marker of a spawn, or `APP/RELEASE/SERVICE/SLOT` of an instance. */
  what: string;
  /** Its pid, and when it was started, which tells it from another one that has that pid later. */
  process: string;
}

/** What a hub says at the end. */
export interface Testimony {
  hub: string;
  /** Ids of processes, by drone. */
  running: Record<string, string[]>;
  /** Newest first. */
  releases: { release: number; commit: string; state: string }[];
}

export interface History {
  spawns: readonly SpawnRecord[];
  releases: readonly ReleaseRecord[];
  starts: readonly Start[];
  /** The processes that run at the end. */
  alive: ReadonlySet<string>;
  testimonies: readonly Testimony[];
  /** Instances that should run of the release that is live. */
  instances: number;
}

/** Returns what is wrong with a history, a sentence each; nothing if all promises were kept. */
export function violations(history: History): string[] {
  return [
    ...history.spawns.flatMap((spawn) => ofSpawn(spawn, history)),
    ...ofTestimonies(history),
    ...ofReleases(history),
    ...ofInstances(history),
  ];
}

function ofSpawn({ marker, id, stopped }: SpawnRecord, { starts, alive, testimonies }: History): string[] {
  const started = starts.filter(({ what }) => what === marker);
  const wrong: string[] = [];
  if (started.length > 1) wrong.push(`${marker} was started ${started.length} times`);
  if (id === null) return wrong;
  const running = started.filter(({ process }) => alive.has(process)).length;
  if (started.length === 0) wrong.push(`${marker} was acknowledged as ${id} and never started`);
  else if (stopped === false && running === 0)
    wrong.push(`${marker} was acknowledged as ${id}, nobody stopped it, and it does not run`);
  if (stopped === true && running > 0) wrong.push(`${marker} was stopped as ${id}, and runs`);
  for (const { hub, running: of } of testimonies) {
    const isListed = Object.values(of).flat().includes(id);
    if (stopped === false && !isListed) wrong.push(`${hub} does not know ${marker}, which is ${id}`);
    if (stopped === true && isListed) wrong.push(`${hub} lists ${marker} as ${id}, which was stopped`);
  }
  return wrong;
}

function ofTestimonies({ testimonies: [first, ...others] }: History): string[] {
  if (!first) return ['no hub was asked'];
  const said = ({ running, releases }: Testimony) => JSON.stringify([sorted(running), releases]);
  return others
    .filter((one) => said(one) !== said(first))
    .map((one) => `${one.hub} and ${first.hub} do not say the same: ${said(one)} and ${said(first)}`);
}

function ofReleases({ releases, testimonies }: History): string[] {
  return testimonies.flatMap(({ hub, releases: known }) =>
    releases.flatMap(({ release, commit }) => {
      const found = known.find((one) => one.release === release);
      if (!found) return [`${hub} does not know v${release}, which was acknowledged`];
      return found.commit === commit ? [] : [`${hub} has ${found.commit} as v${release}, not ${commit}`];
    }),
  );
}

function ofInstances({ starts, alive, testimonies: [first], instances }: History): string[] {
  const live = first?.releases.find(({ state }) => state === 'live');
  if (!live) return [];
  const running = starts.filter(({ what, process }) => what.includes('/') && alive.has(process));
  const wrong: string[] = [];
  const bySlot = new Map<string, Start[]>();
  for (const one of running) bySlot.set(one.what, [...(bySlot.get(one.what) ?? []), one]);
  for (const [what, all] of bySlot) if (all.length > 1) wrong.push(`${what} runs ${all.length} times`);
  const stray = [...bySlot.keys()].filter((what) => !what.includes(`/${live.release}/`));
  if (stray.length > 0) wrong.push(`v${live.release} is live, and these run too: ${stray.join(', ')}`);
  if (running.length !== instances)
    wrong.push(`${running.length} instances run, and not ${instances}, of v${live.release}`);
  return wrong;
}

function sorted(running: Record<string, string[]>): [string, string[]][] {
  return Object.entries(running)
    .map(([drone, ids]): [string, string[]] => [drone, ids.toSorted()])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
