import type { InvitationOptions } from '../client/token-types.ts';
import type { TokenInfo, TokenLimits } from '../protocol/answers.ts';
import { FleetError } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import { RIGHTS, type Right } from '../protocol/rights.ts';
import { closest } from '../system/closest.ts';
import { aligned, usedColumns } from '../system/columns.ts';
import type { Arguments } from './arguments.ts';
import { parseDuration } from './quantity.ts';

/** Returns the name of the token. Throws EUSAGE unless exactly one was given. */
export function tokenName({ words, verb }: Arguments): string {
  const [name, ...more] = words;
  if (name !== undefined && more.length === 0 && isName(name)) return name;
  throw new FleetError('EUSAGE', `give the token one name: fleet token ${verb} NAME`);
}

/** Returns the token to create. Throws EUSAGE if its name or rights are not valid. */
export function tokenOptions(args: Arguments) {
  const can = args
    .list('can')
    .flatMap((list) => list.split(','))
    .filter(Boolean);
  const odd = can.find((right) => !RIGHTS.includes(right as Right));
  if (odd !== undefined || can.length === 0) {
    const meant = odd && closest(odd, RIGHTS);
    const what =
      odd === undefined
        ? 'say what it may do'
        : `'${odd}' is not a right${meant ? `; did you mean ${meant}?` : ''}`;
    throw new FleetError('EUSAGE', `${what}; --can takes ${RIGHTS.join(', ')}`);
  }
  const [expires, drone] = [args.text('expires'), args.text('name')];
  return {
    name: tokenName(args),
    can: [...new Set(can as Right[])],
    ...tokenLimits(args),
    ...(drone === undefined ? {} : { drone }),
    ...(args.has('child') ? { child: true } : {}),
    lifetime: expires === undefined ? undefined : parseDuration(expires, 'expires'),
  };
}

/** Returns what the token is limited to. Throws EUSAGE if an app is named in two ways. */
function tokenLimits(args: Arguments): { repo: string | undefined; limits?: TokenLimits } {
  const app = args.text('app');
  if (app !== undefined && args.has('repo'))
    throw new FleetError('EUSAGE', '--app names the repository, too: leave out --repo');
  const [repo = args.text('repo'), stage] = app?.split('@', 2) ?? [];
  const [drones, commands] = [args.list('drone'), args.list('command')];
  const limits = {
    ...(stage === undefined ? {} : { stage }),
    ...(drones.length === 0 ? {} : { drones }),
    ...(commands.length === 0 ? {} : { commands: commands.map((text) => text.trim().split(/\s+/)) }),
  };
  return { repo, ...(Object.keys(limits).length === 0 ? {} : { limits }) };
}

/** Returns the invitation to make. Throws EUSAGE if its time is not valid. */
export function invitationOptions(args: Arguments): InvitationOptions {
  const [expires, drone] = [args.text('expires'), args.text('name')];
  if (args.words.length > 0)
    throw new FleetError('EUSAGE', `write --name=${args.words[0]} for the name of the drone`);
  return { drone, lifetime: expires === undefined ? undefined : parseDuration(expires, 'expires') };
}

/** Returns what to do with an invitation. */
export function invitedText(args: Arguments): string {
  return `for one drone, once, within ${args.text('expires') ?? '1h'}: fleet drone --hub=HOST:PORT --join=INVITATION`;
}

/** Returns a table with a line per token. `now` is in milliseconds since 1970. */
export function tokenTable(tokens: TokenInfo[], now: number): string {
  const day = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, 16);
  const rows = tokens.map((token) => {
    const { name, accessor = '', can, repo, drone, invitation, limits = {}, parent, expires } = token;
    return [
      ...[name, accessor, invitation ? 'join once' : can.join(',')],
      repo ? appText(repo, limits) : drone ? `drone ${drone}` : '*',
      limits.drones?.join(' ') ?? '',
      limits.commands?.map((words) => words.join(' ')).join('; ') ?? '',
      parent ?? '',
      expires === null ? 'never' : `${day(expires)}${expires < now ? ' (expired)' : ''}`,
    ];
  });
  // An older hub has none.
  const accessor = tokens.some((token) => token.accessor) ? 'ACCESSOR' : '';
  const isUsed = (limit: keyof TokenLimits) => tokens.some(({ limits }) => limits?.[limit] !== undefined);
  const [drones, commands] = [isUsed('drones') ? 'DRONES' : '', isUsed('commands') ? 'COMMANDS' : ''];
  const parent = tokens.some((token) => token.parent) ? 'PARENT' : '';
  const head = ['NAME', accessor, 'CAN', 'REPO', drones, commands, parent, 'EXPIRES (UTC)'];
  return aligned(usedColumns([head, ...rows])).join('\n');
}

function appText(repo: string, { stage }: TokenLimits): string {
  return stage === undefined ? repo : `${repo}@${stage}`;
}
