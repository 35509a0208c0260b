import type { AuditEntry } from '../../protocol/answers.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { parseCount } from '../quantity.ts';
import { screenOf } from '../screen.ts';

const ENTRIES = '50';

export const auditCommand: Command = {
  name: 'audit',
  summary: 'Show who did what.',
  synopsis: ['[-n ENTRIES] [--json] [+REMOTE]'],
  operands: 'none',
  wordMeans: 'lines',
  options: [
    { name: 'lines', short: 'n', value: 'ENTRIES', help: 'The newest so many entries: 50 by default.' },
    { name: 'json', help: 'Prints each entry as one line of JSON, as the hub keeps it.' },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints what clients have done through the hub, the oldest first: when, who (the name of the token, or `secret`) from which address, what, and what came of it. Neither secrets nor the values of `--env` are written down.',
    "It takes the hub's own secret, or a token with the right `admin`. The hub keeps the trail in `audit.jsonl` of its directory, about 16 MB of it.",
  ],
  examples: [
    ['What has happened lately?', 'fleet audit'],
    [
      'Every deploy of a token:',
      `fleet audit -n 10000 --json | jq 'select(.who == "ci" and .call == "deploy")'`,
    ],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-token(1)', 'fleet-hub(1)'],
  run(args, io) {
    const count = parseCount(args.text('lines') ?? ENTRIES, 'lines');
    return withClient(args, io, async (client) => {
      const entries = await client.audit(count);
      const line = args.has('json') ? (entry: AuditEntry) => JSON.stringify(entry) : auditLine;
      const { safeLine } = screenOf(io.stdout, io.env);
      io.stdout.write(entries.map((entry) => `${safeLine(line(entry))}\n`).join(''));
      if (entries.length === 0) note(io, 'nothing has been done yet');
      return 0;
    });
  },
};

/** `TIME WHO@ADDRESS CALL {parameters}: RESULT` */
export function auditLine({ time, who, address, call, result, ...parameters }: AuditEntry): string {
  const what = Object.keys(parameters).length > 0 ? ` ${JSON.stringify(parameters)}` : '';
  return `${time} ${who}@${address} ${call}${what}: ${result}`;
}
