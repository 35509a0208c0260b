import type { ProcessReport } from '../protocol/process.ts';
import type { Peer } from '../rpc/peer.ts';

/** Returns a report for this hub: one of fleet 1.0 knows only two statuses and no labels. */
export function reportFor({ features }: Peer, report: ProcessReport): ProcessReport {
  if (features.has('open-messages')) return report;
  const { labels, instance, cpu, memory, ...known } = report;
  return { ...known, status: report.status === 'respawning' ? 'respawning' : 'running' };
}
