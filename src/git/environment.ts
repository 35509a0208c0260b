const NOT_HANDED_ON = /^(GIT_|FLEET_|EDITOR$|PAGER$|VISUAL$|SSH_ASKPASS|PREFIX$)/;

/** Git's environment: `extra`, and what is around us but for fleet's own and all that changes what git does. */
export function gitEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !NOT_HANDED_ON.test(name),
  ) as [string, string][];
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...extra };
}
