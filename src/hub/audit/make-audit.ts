import { FleetError } from '../../protocol/errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { HubOptions } from '../options.ts';
import { Audit } from './audit.ts';
import { copyTo } from './copy.ts';
import type { Keep } from './trail-files.ts';

/** What is kept unless the hub is told otherwise. */
const DEFAULT_KEEP: Keep = { maxBytes: 1024 ** 3, maxAgeMs: 90 * 86_400_000 };
/** Less than this would not even hold what one token may write in a burst. */
const MIN_BYTES = 4 * 1024 * 1024;

/** Returns what to keep, as the options of a hub say. Throws EUSAGE for too little. */
export function keepOf({ auditAgeMs, auditBytes }: Pick<HubOptions, 'auditAgeMs' | 'auditBytes'>): Keep {
  const { maxAgeMs, maxBytes } = DEFAULT_KEEP;
  const keep = { maxAgeMs: auditAgeMs ?? maxAgeMs, maxBytes: auditBytes ?? maxBytes };
  if (keep.maxAgeMs <= 0) throw new FleetError('EUSAGE', 'the audit trail is kept for a day at least');
  if (keep.maxBytes >= MIN_BYTES) return keep;
  throw new FleetError('EUSAGE', 'the audit trail needs 4M at least');
}
/** Makes the audit trail of a hub. Throws EUSAGE for options that make no sense, ECONFIG for a head that no hub wrote. */
export function makeAudit(
  dir: string,
  options: HubOptions,
  events: EventLog,
  log: (line: string) => void,
): Audit {
  const { auditTo } = options;
  const copy = auditTo === undefined ? null : copyTo(auditTo, dir, log);
  return new Audit(dir, events, log, keepOf(options), copy);
}
