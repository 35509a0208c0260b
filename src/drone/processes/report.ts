import type { InstanceReport, InstanceSpec } from '../../protocol/instance.ts';
import type { ProcessPhase, ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { isGivenUp, liveRun, type Phase, type State } from './phases.ts';

/** Returns what the hub is told about a process. The environment is left out: it may hold secrets. */
export function reportOf(
  { id, key, repo, commit, command, labels, port, instance }: ProcessSpec,
  { phase, restarts, lastExit }: State,
  now = performance.now(),
): ProcessReport {
  const pid = liveRun(phase)?.pid ?? null;
  return {
    ...{ id, key, repo, commit, command, labels, restarts, lastExit, pid },
    status: statusOf(phase, pid),
    uptime: Math.max(0, Math.round(now - (runningSince(phase) ?? now))),
    ...(typeof port === 'number' && { port }),
    ...(instance && { instance: instanceOf(instance) }),
    respawnIn: isWaiting(phase) ? Math.max(0, Math.round(phase.until - now)) : 0,
  };
}

function statusOf(phase: Phase, pid: number | null): ProcessPhase {
  if (pid !== null) return 'running';
  return isGivenUp(phase) ? 'given up' : 'respawning';
}

/** It is started again after a while. */
function isWaiting(phase: Phase): phase is Extract<Phase, { is: 'waiting' }> {
  return phase.is === 'waiting' && !isGivenUp(phase);
}

function instanceOf({ app, service, slot, release, port }: InstanceSpec): InstanceReport {
  return { app, service, slot, release, port, state: 'starting', why: null };
}

function runningSince(phase: Phase): number | null {
  if (phase.is === 'running') return phase.since;
  return phase.is === 'ending' ? (phase.live?.since ?? null) : null;
}
