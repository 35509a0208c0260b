import type { AppStatus, InstanceStatus } from '../protocol/apps.ts';
import { aligned } from '../system/columns.ts';
import { clockText } from './clock-text.ts';
import { lastExitText } from './exit-text.ts';
import { lagText } from './lag-text.ts';
import { aboutSeconds } from './quantity.ts';
import { unreachedText } from './unreached-text.ts';
import { usageText } from './usage-text.ts';

/** Returns the status of an app as lines. */
export function statusText(status: AppStatus, now: number): string[] {
  const rows = Object.entries(status.services).flatMap(([service, { instances }]) =>
    instances.map((instance) => instanceRow(service, instance)),
  );
  const lags = (status.lags ?? []).map((lag) => `${lag.drone} ${lagText(lag)}`);
  const unreached = (status.unreached ?? []).map(unreachedText);
  return [headOf(status, now), ...aligned(rows), ...lags, ...unreached];
}

function headOf({ app, release, commit, subject, by, time, state, why }: AppStatus, now: number): string {
  const trouble = why === null ? '' : `  ${why}`;
  if (release === null || time === null) return `${app} ${state ?? 'was not released yet'}${trouble}`;
  const what = `v${release} ${app} ${commit?.slice(0, 7) ?? ''} ${subject ?? ''}`.trimEnd();
  return `${what}  by ${by}  live since ${clockText(new Date(time), now)}${trouble}`;
}

function instanceRow(service: string, instance: InstanceStatus): string[] {
  const { slot, drone, id, port, state, why, cpu, memory, uptime } = instance;
  return [
    `${service}.${slot}`,
    id === null ? drone : `${drone}#${id}`,
    port === null ? '' : `:${port}`,
    state === 'not-ready' ? 'not ready' : state,
    why ?? usageText(cpu, memory),
    why === null && uptime !== null && id !== null ? `up ${aboutSeconds(uptime)}` : '',
    why === null ? restartsText(instance) : '',
  ];
}

function restartsText({ restarts, lastExit }: InstanceStatus): string {
  if (restarts === null) return '';
  return `restarts ${restarts}${lastExit && restarts > 0 ? `, ${lastExitText(lastExit)}` : ''}`;
}
