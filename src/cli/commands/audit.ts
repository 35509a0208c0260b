import type { AuditEntry } from '../../protocol/answers.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { parseCount } from '../quantity.ts';
import { screenOf } from '../screen.ts';

const DEFAULT_ENTRIES = '50';

export const auditCommand: Command = {
  name: 'audit',
  summary: 'Show who did what.',
  synopsis: ['[-n ENTRIES] [--json] [+REMOTE]'],
  operands: 'none',
  wordMeans: 'lines',
  options: [
    {
      name: 'lines',
      short: 'n',
      value: 'ENTRIES',
      help: 'How many of the newest entries to print. The default is 50.',
    },
    { name: 'json', help: 'Prints each entry as a line of JSON, as the hub stores it.' },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints what clients have done through the hub, oldest first: the time, who it was (the name of the token, or `secret`), the address, the call and its result. Secrets and the values of `--env` are not recorded.',
    'What is refused, or can be repeated at will, such as a wrong secret (call `login`) or a drone that joins (`join`), is recorded once without its parameters, and after a minute again with the number of repetitions, `more`. The end of an exec is an entry of its own.',
    "This needs the hub's own secret, or a token with the right `admin`. The hub keeps about 16 MB of entries in `audit.jsonl` of its directory.",
  ],
  examples: [
    ['The latest entries:', 'fleet audit'],
    [
      'Every deploy with one token:',
      `fleet audit -n 10000 --json | jq 'select(.who == "ci" and .call == "deploy")'`,
    ],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-token(1)', 'fleet-hub(1)'],
  run(args, io) {
    const count = parseCount(args.text('lines') ?? DEFAULT_ENTRIES, 'lines');
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

/** Returns `TIME WHO@ADDRESS CALL {parameters}: RESULT`. */
export function auditLine({ time, who, address, call, result, ...parameters }: AuditEntry): string {
  const what = Object.keys(parameters).length > 0 ? ` ${JSON.stringify(parameters)}` : '';
  return `${time} ${who}@${address} ${call}${what}: ${result}`;
}
