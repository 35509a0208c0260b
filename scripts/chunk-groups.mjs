import { createHash } from 'node:crypto';

/** What only daemons need, or only those who work with git: it stays in chunks of its own. */
const APART = [
  'src/hub/hub.ts',
  'src/system/self-signed.ts',
  'src/drone/create-drone.ts',
  'src/git/push.ts',
  'src/git/run.ts',
];

/**
 * Which chunks stand in one file: those that every command needs, and those that client commands need beside them.
 * `outputs` is what esbuild says of its outputs, by path.
 */
export function planGroups(outputs) {
  const byEnd = (end) => [...outputs.keys()].find((file) => end.endsWith(`/${file}`));
  const importsOf = (file, kinds) =>
    outputs
      .get(file)
      .imports.filter(({ kind, external }) => kinds.includes(kind) && !external)
      .map(({ path }) => byEnd(`/${path}`));
  const reach = (start, kinds) => {
    const reached = new Set([start]);
    // A set goes on to what is added to it while it is walked.
    for (const file of reached) {
      for (const next of importsOf(file, kinds)) {
        if (!APART.includes(outputs.get(next).entryPoint)) reached.add(next);
      }
    }
    return [...reached];
  };
  const [main] = [...outputs].find(([, { entryPoint }]) => entryPoint === 'src/cli/main.ts');
  const always = reach(main, ['import-statement']);
  const client = reach(main, ['import-statement', 'dynamic-import']).filter((file) => !always.includes(file));
  // The members' names are made of what they hold: files of two builds are never mistaken for each other.
  const name = (text, members) =>
    `chunks/${text}-${createHash('sha256').update(members.join()).digest('hex').slice(0, 8)}.js`;
  return new Map([
    [name('always', always), always],
    [name('client', client), client],
  ]);
}
