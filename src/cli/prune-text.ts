import type { PruneReport } from '../client/prune-types.ts';
import { FleetError } from '../protocol/errors.ts';
import { sizeText } from '../system/size-text.ts';

/** What `prune` prints: results, and what went wrong. */
export interface PruneLines {
  done: string[];
  failed: string[];
}

/** Returns a line for each checkout, and one for the total: what packing repositories frees is known only then. */
export function pruneLines({ drones, repositories }: PruneReport, isDryRun: boolean): PruneLines {
  const lines: PruneLines = { done: [], failed: [] };
  let [ofCheckouts, all] = [0, repositories];
  for (const [drone, result] of Object.entries(drones).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (result instanceof FleetError) {
      lines.failed.push(`[${drone}] ${result.message}`);
      continue;
    }
    const done = isDryRun ? 'would remove' : 'removed';
    for (const { app, commit, bytes } of result.checkouts) {
      lines.done.push(`[${drone}] ${done} ${app}/${commit} (${sizeText(bytes)})`);
      ofCheckouts += bytes;
    }
    all += result.freed;
  }
  const packing = Math.max(0, all - ofCheckouts);
  const free = isDryRun ? 'would free' : 'freed';
  const more = isDryRun
    ? ', and what packing the repositories frees'
    : packing > 0
      ? `, and ${sizeText(packing)} by packing repositories`
      : '';
  lines.done.push(`${free} ${sizeText(ofCheckouts)} of checkouts${more}`);
  return lines;
}
