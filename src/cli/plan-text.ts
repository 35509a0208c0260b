import { commandLine } from '../protocol/names.ts';
import type { PlannedBegin, PlannedEnd, PlannedStep, ReleasePlan } from '../protocol/plans.ts';
import { canaryCounts, countsText, heading, scaledText } from '../protocol/release-text.ts';

/** Returns the lines of a release that has not begun: what would be started, replaced and stopped, and where. */
export function planLines(plan: ReleasePlan): string[] {
  const { app, release, steps, begin, end } = plan;
  const rows = [...(begin ? beginRows(begin) : []), ...steps.map(rowOf)];
  const labelWidth = Math.max(8, ...rows.map(({ label }) => label.length));
  const placeWidth = Math.max(11, ...rows.map(({ place, at }) => (at === null ? 0 : place.length)));
  const lines = rows.map(({ label, place, at, text }) => {
    const where =
      at === null ? place.padEnd(placeWidth + 10) : `${place.padEnd(placeWidth + 2)}${at.padEnd(8)}`;
    return `${label.padEnd(labelWidth)}  ${where}${text}`;
  });
  const first = begin ? [heading({ app, release, ...begin }), ...begin.notes] : [];
  return [...first, ...lines, endText(release, steps, end)];
}

/** A line in columns; `at` is null if the place needs the room of the port, too. */
interface Row {
  label: string;
  place: string;
  at: string | null;
  text: string;
}

function beginRows({ drones, builds, job, of }: PlannedBegin): Row[] {
  const place = drones.join(' ');
  const what = builds ? 'would deploy and build' : 'would deploy';
  // What is released again is still there.
  const deploy = of === null ? [{ label: 'deploy', place, at: null, text: what }] : [];
  if (job === null) return deploy;
  const text = `would run  ${commandLine(job.command)}`;
  return [...deploy, { label: 'release', place: job.drone, at: null, text }];
}

function rowOf({ do: what, service, slot, drone, from, id, port }: PlannedStep): Row {
  const place = id === null ? drone : `${from ?? drone}#${id}`;
  const at = port == null ? '' : `:${port}`;
  return { label: `${service}.${slot}`, place, at, text: stepText(what, drone, from ?? drone) };
}

function stepText(what: PlannedStep['do'], drone: string, from: string): string {
  if (what === 'start') return 'would be started';
  if (what === 'stop') return 'would be stopped';
  return drone === from ? 'would be replaced' : `would be replaced on ${drone}`;
}

function endText(release: number, steps: readonly PlannedStep[], end: PlannedEnd | undefined): string {
  const nothing = steps.length === 0 ? '; nothing would be started or stopped' : '';
  if (!end) return `v${release} would be live`;
  const { state, why, services, replaces, lost } = end;
  const note = lost.length === 0 ? '' : ` (${lost.join(' ')} lost)`;
  switch (state) {
    case 'canary':
      return `v${release} would be a canary  ${canaryCounts({ release, replaces, services })}${note}`;
    case 'scaled':
      return `v${release} would be scaled  ${scaledText(services)}${note}${nothing}`;
    case 'failed':
      return `v${release} would fail${why === null ? '' : `  ${why}`}${replaces ? `; v${replaces.release} serves on  ${countsText(services)}` : ''}${note}`;
    case 'cancelled':
      return `v${release} would be cancelled${replaces ? `; v${replaces.release} serves on  ${countsText(services)}` : ''}${note}`;
    case 'stopped':
      return `v${release} would be stopped${nothing}`;
    default:
      return `v${release} would be live  ${countsText(services)}${note}${nothing}`;
  }
}
