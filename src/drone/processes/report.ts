import type { ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { liveRun, type Phase, type State } from './phases.ts';

/** Returns what the hub is told about a process. The environment is left out: it may hold secrets. */
export function reportOf(
  { id, key, repo, commit, command, labels }: ProcessSpec,
  { phase, restarts, lastExit }: State,
  now = performance.now(),
): ProcessReport {
  const pid = liveRun(phase)?.pid ?? null;
  return {
    ...{ id, key, repo, commit, command, labels, restarts, lastExit, pid },
    status: pid === null ? 'respawning' : 'running',
    uptime: Math.max(0, Math.round(now - (runningSince(phase) ?? now))),
    respawnIn: phase.is === 'waiting' ? Math.max(0, Math.round(phase.until - now)) : 0,
  };
}

function runningSince(phase: Phase): number | null {
  if (phase.is === 'running') return phase.since;
  return phase.is === 'ending' ? (phase.live?.since ?? null) : null;
}
