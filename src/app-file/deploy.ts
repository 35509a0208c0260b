import { DEPLOY, RELEASE } from './deploy-keys.ts';
import type { Place } from './place.ts';
import { fill, type Given } from './tables.ts';
import type { Deploy, Release } from './types.ts';

/** Returns `[deploy]` with its defaults. Throws ECONFIG if its keys contradict one another. */
export function toDeploy(given: Given<typeof DEPLOY.keys>, place: Place): Deploy {
  const {
    'build-timeout': buildTimeoutMs,
    release,
    cache,
    needs,
    shared,
    on,
    ...rest
  } = fill(DEPLOY, given, place);
  const paths = [
    ...(shared ?? []).map(({ path }, index) => ({ path, at: place.key('shared', String(index)) })),
    ...(cache ?? []).map((path, index) => ({ path, at: place.key('cache', String(index)) })),
  ];
  for (const [index, { path, at }] of paths.entries()) {
    const other = paths.slice(0, index).find((one) => overlap(one.path, path));
    if (other) throw at.error(`is ${path}, and ${other.path} is cached or shared already`);
  }
  return {
    ...rest,
    buildTimeoutMs,
    cache: cache ?? [],
    release: release && toRelease(release, place.key('release')),
    needs: needs ?? [],
    shared: shared ?? [],
    on: on ?? [],
    lines: { lfs: place.key('lfs').at, submodules: place.key('submodules').at },
  };
}

const overlap = (a: string, b: string) => `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);

function toRelease(given: Given<typeof RELEASE.keys>, place: Place): Release {
  const { command, on, timeout } = fill(RELEASE, given, place);
  if (command === null) throw place.error('needs a command');
  return { command, on: on ?? [], timeoutMs: timeout };
}
