/** Returns what to say about files that a commit only refers to; nothing if git cannot tell. */
export async function lookForLeftOut(cwd: string, rev: string): Promise<string[]> {
  try {
    const { gitRoot, resolveCommit } = await import('../git/checkout-info.ts');
    const root = await gitRoot(cwd);
    const commit = await resolveCommit(root, rev);
    const [{ leftOut }, { leftOutText }] = await Promise.all([
      import('../git/left-out.ts'),
      import('./left-out-text.ts'),
    ]);
    return leftOutText(await leftOut(root, commit));
  } catch {
    return [];
  }
}
