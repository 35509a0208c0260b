/** Where requests for a service come in. */
export interface Host {
  /** In lower case. May contain `{app}`, and begin with `*.`. */
  host: string;
  /** Begins with `/`, and ends with it only if it is nothing else. */
  path: string;
}

/** RFC 1035, 2.3.4. */
const MAX_HOST_CHARACTERS = 253;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?';
const HOST = new RegExp(`^(?:[*][.])?(?:${LABEL}[.])*${LABEL}$`);
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^/?#\s]+)*$/;

/** Parses `example.com` or `{app}.example.com/api`; null if it is neither. */
export function parseHost(text: string): Host | null {
  const [name = ''] = text.split('/', 1);
  const host = name.toLowerCase();
  const path = text.slice(name.length).replace(/\/$/, '');
  const valid = host.length <= MAX_HOST_CHARACTERS && HOST.test(host.replaceAll('{app}', 'app'));
  return valid && PATH.test(path) ? { host, path: path || '/' } : null;
}

/** Returns a host as it is written: `example.com`, `example.com/api`. */
export function formatHost({ host, path }: Host): string {
  return path === '/' ? host : host + path;
}

/**
 * Returns the hosts that an app gets, and those that it does not: a stage has only those that contain `{app}`. That is
 * replaced by the stage's name, or the repository's.
 */
export function hostsOf(
  hosts: readonly Host[],
  app: { repo: string; stage: string | null },
): { own: Host[]; left: Host[] } {
  const word = (app.stage ?? app.repo).toLowerCase();
  const isOwn = ({ host }: Host) => app.stage === null || host.includes('{app}');
  return {
    own: hosts.filter(isOwn).map(({ host, path }) => ({ host: host.replaceAll('{app}', word), path })),
    left: hosts.filter((host) => !isOwn(host)),
  };
}
