// Apart from the calls that take them, so that the published types need no package.

/** What a token may be allowed to do. The hub's own secret has all of them. */
export const RIGHTS = ['read', 'deploy', 'release', 'exec', 'drone', 'proxy', 'admin'] as const;
export type Right = (typeof RIGHTS)[number];
