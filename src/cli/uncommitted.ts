import { messageOf } from '../protocol/errors.ts';

const UNCOMMITTED = 'there are uncommitted changes, which are not deployed';

/** Returns what to say about uncommitted changes. If git cannot tell, it says that: the deploy goes on all the same. */
export async function lookForChanges(cwd: string): Promise<string[]> {
  const { gitRoot, isDirty } = await import('../git/checkout-info.ts');
  try {
    return (await isDirty(await gitRoot(cwd))) ? [UNCOMMITTED] : [];
  } catch (error) {
    return [`cannot see whether there are uncommitted changes: ${messageOf(error)}`];
  }
}
