import type { AuditEntry } from '../../protocol/answers.ts';
import { FleetError } from '../../protocol/errors.ts';
import { visibleJson } from '../../system/visible.ts';
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
  synopsis: [
    '[-n ENTRIES] [--json] [+REMOTE]',
    'verify [--expect=[HUB:]NUMBER:HASH]... [--json] [+REMOTE]',
    'verify FILE...',
  ],
  operands: 'words',
  verbs: [
    { name: '', summary: 'Show the newest entries' },
    { name: 'verify', summary: 'Check that no entry was changed or removed' },
  ],
  options: [
    {
      name: 'lines',
      short: 'n',
      value: 'ENTRIES',
      verbs: [''],
      help: 'How many of the newest entries to print. The default is 50.',
    },
    {
      name: 'expect',
      value: '[HUB:]NUMBER:HASH',
      repeat: true,
      verbs: ['verify'],
      help: 'What an earlier check has printed as `last`: an entry that must still be there as it was. One for each hub of a cluster.',
    },
    {
      name: 'json',
      help: 'Prints each entry as a line of JSON, as the hub stores it; with `verify`, the result.',
    },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Prints what clients have done through the hub, oldest first: the time, who it was (the name of the token, or `secret`), the address, the call and its result. Secrets and the values of `--env` are not recorded.',
    'What is refused, or can be repeated at will, such as a wrong secret (call `login`) or a drone that joins (`join`), is recorded once without its parameters, and after a minute again with the number of repetitions, `more`. The end of an exec is an entry of its own.',
    'A token is shown by its name. If several tokens have had a name, each is shown with its accessor as well, `ci#0a1b2c3d`, which `fleet token ls` lists; with `--json`, an entry always has it, as `accessor`.',
    'Each entry has a number, `n`, and a `hash` of itself and of all before it. `verify` checks these: it names the first entry that was changed, removed, moved or cut off, and exits 1. Whoever can write to the files of the hub can write all of them anew; so keep what `verify` prints as `last` elsewhere, and give it as `--expect` the next time, or have the hub copy entries elsewhere, with `--audit-to`: see fleet-hub(1). With files, it checks these, without a hub: those of a hub (`audit.*.jsonl`), or what `--json` has printed.',
    'Each hub of a cluster keeps its own entries. At any of them, this prints those of all that are connected, by time, with the name of the hub, `hub` with `--json`; one that does not answer is named, and the exit status is 1. `verify` checks the chain of each, and prints a `last` for each. A clock that is wrong moves the entries of its hub.',
    "This needs the hub's own secret, or a token with the right `admin`. The hub keeps entries for 90 days, in `audit.jsonl` and `audit.NUMBER.jsonl` of its directory, unless it is told otherwise: see fleet-hub(1). Entries are on disk within a second.",
  ],
  examples: [
    ['The latest entries:', 'fleet audit'],
    [
      'Every deploy with one token:',
      `fleet audit -n 10000 --json | jq 'select(.who == "ci" and .call == "deploy")'`,
    ],
    ['Was it changed since the last check?', 'fleet audit verify --expect="$(cat last)"'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-token(1)', 'fleet-hub(1)'],
  async run(args, io) {
    if (args.verb === 'verify') return (await import('../audit-verify.ts')).verify(args, io);
    const [word] = args.words;
    if (word !== undefined)
      throw new FleetError(
        'EUSAGE',
        `fleet audit takes no argument '${word}'; did you mean --lines=${word}?`,
      );
    const count = parseCount(args.text('lines') ?? DEFAULT_ENTRIES, 'lines');
    return withClient(args, io, async (client) => {
      const { entries, unanswered } = await client.trails(count);
      const { auditLine, sharedNames, wrapped } = await import('../audit-text.ts');
      const { safeLine } = screenOf(io.stdout, io.env);
      const view = { shared: sharedNames(entries), isShort: io.stdout.isTTY === true };
      const columns = io.stdout.columns ?? Number.POSITIVE_INFINITY;
      const line = args.has('json')
        ? (entry: AuditEntry) => visibleJson(entry)
        : (entry: AuditEntry) => wrapped(safeLine(auditLine(entry, view)), columns);
      io.stdout.write(entries.map((entry) => `${line(entry)}\n`).join(''));
      const missing = Object.entries(unanswered);
      for (const [hub, why] of missing) note(io, `fleet: the entries of ${hub} are missing: ${why.message}`);
      if (entries.length === 0 && missing.length === 0) note(io, 'nothing has been done yet');
      return missing.length === 0 ? 0 : 1;
    });
  },
};
