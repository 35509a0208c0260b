/** Returns what to say about files that a commit only refers to; nothing if git cannot tell. */
export async function lookForLeftOut(cwd: string, rev: string): Promise<string[]> {
  try {
    const [{ gitRoot, resolveCommit }, { COMMIT_PATTERN }] = await Promise.all([
      import('../git/checkout-info.ts'),
      import('../protocol/names.ts'),
    ]);
    const root = await gitRoot(cwd);
    const commit = COMMIT_PATTERN.test(rev) ? rev : await resolveCommit(root, rev);
    const [{ leftOut }, { leftOutText }] = await Promise.all([
      import('../git/left-out.ts'),
      import('./left-out-text.ts'),
    ]);
    return leftOutText(await leftOut(root, commit));
  } catch {
    return [];
  }
}
