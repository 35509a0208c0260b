import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { MAX_PAGE_BYTES } from '../../protocol/limits.ts';
import { APP_OPTIONS, appOf } from '../app-options.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { type Surroundings, say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

const USUAL_PAGE = 'This site is being worked on, and will be back soon.\n';

export const maintenanceCommand: Command = {
  name: 'maintenance',
  summary: 'Answer for an app while it cannot.',
  synopsis: ['on [-m MESSAGE | --page=FILE] [--as=STAGE] [+REMOTE]', 'off [--as=STAGE] [+REMOTE]', ''],
  operands: 'none',
  verbs: [
    { name: '', summary: 'Print whether it is on' },
    { name: 'on', summary: 'Answer requests with a page' },
    { name: 'off', summary: 'Let instances answer again' },
  ],
  options: [
    {
      name: 'message',
      short: 'm',
      value: 'MESSAGE',
      verbs: ['on'],
      help: 'What the page says, in plain text.',
    },
    {
      name: 'page',
      value: 'FILE',
      verbs: ['on'],
      help: 'The page itself: HTML, of 100 kB at most.',
      completes: 'file',
    },
    ...APP_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Has every `fleet proxy` answer requests for an app itself, with status 503 and a page, until `off`. Instances run on, releases go on, and requests that are under way are answered. It stays on over releases and restarts of the hub.',
    'When the command ends, each proxy that is connected to the hub acts by it; one that has not answered within 2 seconds is not waited for.',
    'Without arguments it prints whether it is on, and the page. To look takes the right `read`, to change it `deploy`.',
  ],
  examples: [
    ['For the next hour:', "fleet maintenance on -m 'We are moving house, and back at noon.'"],
    ['With a page of your own:', 'fleet maintenance on --page=maintenance.html'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-proxy(1)', 'fleet-down(1)'],
  async run(args, io) {
    const page = args.verb === 'on' ? pageOf(args, io) : null;
    return withClient(args, io, async (client, target) => {
      const app = appOf(args, target, io.cwd);
      if (args.verb !== '') {
        await client.setMaintenance(page, app);
        return 0;
      }
      const shown = await client.maintenance(app);
      say(io, shown === null ? 'off' : `on\n${shown.trimEnd()}`);
      return 0;
    });
  },
};

/** Throws EUSAGE if two pages are given, ECONFIG if a file cannot be read. */
function pageOf(args: Arguments, { cwd }: Surroundings): string {
  const [message, file] = [args.text('message'), args.text('page')];
  if (file === undefined) return message === undefined ? USUAL_PAGE : `${message}\n`;
  if (message !== undefined)
    throw new FleetError('EUSAGE', '-m is a page, and so is --page; give one of them');
  let page: string;
  try {
    page = readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new FleetError('ECONFIG', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  if (Buffer.byteLength(page) > MAX_PAGE_BYTES)
    throw new FleetError(
      'ECONFIG',
      `${file} is larger than the ${MAX_PAGE_BYTES} bytes that a page may have`,
    );
  return page;
}
