/** The Authorization header (RFC 7617) that shows a hub its secret, or a token: for websockets and git alike. */
export function basicAuth(secret: string): string {
  return `Basic ${Buffer.from(`git:${secret}`).toString('base64')}`;
}

/**
 * Returns what an Authorization header shows: the password of Basic, whatever the user, or the token of Bearer;
 * undefined if it is neither.
 */
export function secretOf(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(basic|bearer) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (!scheme || !value) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
