/** Returns true if one of the names of a certificate is this host; `*` stands for one label (RFC 6125, 6.4.3). */
export function covers(names: readonly string[], host: string): boolean {
  const dot = host.indexOf('.');
  return names.includes(host) || (dot !== -1 && names.includes(`*${host.slice(dot)}`));
}
