import type { TokenInfo, TokenLimits } from '../../protocol/answers.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Principal } from './principal.ts';

/** An invitation that is never used must not lie around. */
const MAX_INVITATION_MS = 7 * 86_400_000;

/** Rights that limits can be about. */
const LIMITABLE: readonly string[] = ['read', 'deploy', 'release', 'exec'];

/** Throws EUSAGE if a token cannot be limited so. */
export function demandLimitable({
  can,
  repo,
  limits,
}: Pick<TokenInfo, 'can' | 'repo'> & { limits: TokenLimits }): void {
  const odd = can.find((right) => !LIMITABLE.includes(right));
  if (odd)
    throw new FleetError('EUSAGE', `the right '${odd}' cannot be limited to stages, drones or commands`);
  if (limits.stage !== undefined && repo === null)
    throw new FleetError('EUSAGE', 'a stage is one of a repository: --app=REPO@STAGE');
  if (limits.commands !== undefined && !can.includes('exec'))
    throw new FleetError('EUSAGE', '--command is for what may be executed: give --can=exec');
  if (limits.commands !== undefined && can.includes('deploy'))
    throw new FleetError(
      'EUSAGE',
      "who may 'deploy' may spawn anything; with --command, give --can=release,exec",
    );
}

/** Throws EUSAGE if there is nothing that a token could end with. */
export function demandParent({ accessor }: Principal, invitation: boolean): void {
  if (accessor === undefined)
    throw new FleetError(
      'EUSAGE',
      'only a token that was made with a token can end with that; you came without one: leave out --child',
    );
  if (invitation)
    throw new FleetError(
      'EUSAGE',
      'the key of a drone that is invited ends with no token: leave out --child',
    );
}

/** Throws EUSAGE, EFORBIDDEN if `by` cannot make an invitation with these rights, for so long. */
export function demandInvitable(by: Principal, can: TokenInfo['can'], lifetimeMs: number): void {
  if (can.join() !== 'drone')
    throw new FleetError('EUSAGE', "an invitation has the right 'drone', and no other");
  if (lifetimeMs > MAX_INVITATION_MS)
    throw new FleetError('EUSAGE', 'an invitation lives for 7 days at most; give it a shorter time');
  if (by.expires !== null)
    throw new FleetError(
      'EFORBIDDEN',
      `'${by.name}' expires, and the key of a drone that it invites would not`,
    );
}

/** Rights that cannot be limited to a repository: a drone works for all of them, and an administrator makes tokens. */
const HUB_WIDE_RIGHTS = ['drone', 'admin'] as const;

/** Throws EUSAGE, EFORBIDDEN if `by` cannot make such a token. */
export function demandGrantable(
  by: Principal,
  { can, repo, drone, invitation, created, expires }: TokenInfo,
): void {
  if (invitation) demandInvitable(by, can, (expires ?? Number.POSITIVE_INFINITY) - created);
  if (drone && !can.includes('drone'))
    throw new FleetError('EUSAGE', 'a name is for the token of a drone: give --can=drone');
  const whole = repo !== null && HUB_WIDE_RIGHTS.find((right) => can.includes(right));
  if (whole) {
    throw new FleetError(
      'EUSAGE',
      `the right '${whole}' cannot be limited to a repository; leave out --repo`,
    );
  }
  const lacking = can.find((right) => !by.rights.has(right));
  if (lacking)
    throw new FleetError('EFORBIDDEN', `'${by.name}' cannot give the right '${lacking}', which it lacks`);
  if (by.drone && can.includes('drone') && drone !== by.drone)
    throw new FleetError('EFORBIDDEN', `'${by.name}' can let in the drone '${by.drone}', and no other`);
  if (by.expires !== null && (expires === null || expires > by.expires)) {
    throw new FleetError('EFORBIDDEN', `'${by.name}' cannot make a token that lives longer than itself`);
  }
}
