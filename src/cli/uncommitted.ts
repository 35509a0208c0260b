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

/** The files that say what is released. */
const APP_FILES = ['fleet.toml', 'Procfile'];

/** Returns what to say if a mistake in the files of an app may be mended already, and is not committed; else nothing. */
export async function lookForMending(cwd: string): Promise<string[]> {
  const { gitRoot, uncommittedOf } = await import('../git/checkout-info.ts');
  try {
    const names = await uncommittedOf(await gitRoot(cwd), APP_FILES);
    return names.map((name) => `${name} has changes that are not committed: git add ${name} && git commit`);
  } catch {
    return []; // The mistake itself is what is said.
  }
}
