import { isAbsolute, join } from 'node:path';
import type { CheckedOrderParams } from '../../protocol/orders.ts';
import { jobEnvironment } from '../jobs/environment.ts';
import { processEnvironment } from '../processes/environment.ts';
import { accountFor, commandAs } from '../processes/user.ts';

export interface PlaceOptions {
  /** See `markOf`. */
  mark: string;
  /** The drone's name. */
  name(): string;
  /** Returns the checkout of a commit for an app, which is the repository's own if none is given. */
  checkout(repo: string, commit: string, app?: string): Promise<string>;
  /** The same, ready for the app's processes. */
  preparedCheckout(release: { app: string; repo: string; commit: string }): Promise<string>;
  /** Returns the folder of an app's shared files. */
  shared(app: string): string;
}

/** Returns what an exec starts with, and where. Throws ESPAWN, and whatever the checkout throws. */
export async function placeOf(
  params: CheckedOrderParams['exec.start'],
  { mark, name, checkout, preparedCheckout, shared }: PlaceOptions,
): Promise<{ command: string[]; cwd: string; env: NodeJS.ProcessEnv }> {
  const { id, repo, commit, command, env, app } = params;
  if (!app) {
    const cwd = inside(await checkout(repo, commit), params.cwd);
    return { command, cwd, env: processEnvironment(params, { drone: name(), mark, cwd }) };
  }
  const account = await accountFor(app.user);
  const root = app.prepared
    ? await preparedCheckout({ app: app.app, repo, commit })
    : await checkout(repo, commit, app.app);
  const cwd = inside(root, params.cwd);
  const surroundings = { drone: name(), mark, cwd, account, shared: shared(app.app) };
  const process = { id, app: app.app, repo, commit, release: app.release, env };
  return { command: commandAs(account, command), cwd, env: jobEnvironment(process, surroundings) };
}

function inside(checkout: string, cwd: string | null): string {
  if (cwd === null) return checkout;
  return isAbsolute(cwd) ? cwd : join(checkout, cwd);
}
