/**
 * Returns the branch that a fleet.toml seems to name in spite of a mistake somewhere in it; null if it names none. A file
 * that is not valid TOML has no keys, so this looks at its text.
 */
export function statedBranch(toml: string): string | null {
  const [, , branch = null] = /^[^#\n]*?\bbranch"?\s*=\s*(["'])(.*?)\1/m.exec(toml) ?? [];
  return branch;
}
