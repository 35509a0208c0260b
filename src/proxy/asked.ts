/** What a request asks for. */
export interface Asked {
  /** In lower case, without a port. */
  host: string;
  /** The same as it was sent: what the instance gets as `Host`. */
  authority: string;
  /** Without `.` and `..`, as a route is compared with it. */
  path: string;
  /** As the instance gets it: path and query, unchanged. */
  target: string;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * Returns what a request asks for; null if it asks for nothing that a service could have. A target that is a whole URL
 * wins over `Host` (RFC 9112, 3.2.2).
 */
export function askedOf(url: string, hostHeader: string | undefined): Asked | null {
  const [, authority, rest = ''] = ABSOLUTE.exec(url) ?? [];
  const target = authority === undefined ? url : rest.startsWith('/') ? rest : `/${rest}`;
  const named = authority ?? hostHeader ?? '';
  const host = hostOf(named);
  if (host === null || !target.startsWith('/')) return null;
  return { host, authority: named, path: plainPath(target), target };
}

/** Returns the host of `Example.com:8080` or `[::1]:80`, in lower case; null if it is not one. */
export function hostOf(authority: string): string | null {
  const [, host] = /^(\[[0-9a-fA-F:.]+\]|(?!\.)[^\s:/?#@[\]]+)(?::\d{0,5})?$/.exec(authority) ?? [];
  return host === undefined ? null : host.toLowerCase().replace(/\.$/, '');
}

/** Paths that the instance could read as another one than they look like. */
const AMBIGUOUS = /%|\/\.|\/\/|\\/;

function plainPath(target: string): string {
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  if (!AMBIGUOUS.test(path)) return path;
  const parts: string[] = [];
  for (const part of decoded(path).split(/[/\\]+/)) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
