import type { InvitationOptions } from '../client/token-types.ts';
import type { TokenInfo } from '../protocol/answers.ts';
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
    repo: args.text('repo'),
    ...(drone === undefined ? {} : { drone }),
    lifetime: expires === undefined ? undefined : parseDuration(expires, 'expires'),
  };
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
  const rows = tokens.map(({ name, accessor = '', can, repo, drone, invitation, expires }) => [
    name,
    accessor,
    invitation ? 'join once' : can.join(','),
    repo ?? (drone ? `drone ${drone}` : '*'),
    expires === null ? 'never' : `${day(expires)}${expires < now ? ' (expired)' : ''}`,
  ]);
  // An older hub has none.
  const accessor = tokens.some((token) => token.accessor) ? 'ACCESSOR' : '';
  return aligned(usedColumns([['NAME', accessor, 'CAN', 'REPO', 'EXPIRES (UTC)'], ...rows])).join('\n');
}
