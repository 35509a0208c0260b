import { appName } from '../../protocol/app-names.ts';
import type { ClientAnswers } from '../../protocol/client-calls.ts';
import { openedEnvironment } from './app-environment.ts';
import type { AppRecord } from './app-record.ts';
import { newRelease, type Wanted, withNewRelease } from './apply.ts';
import { beginNotes } from './begin-notes.ts';
import { busy } from './busy.ts';
import type { Conductor } from './conductor.ts';
import type { AppParts } from './parts.ts';
import { mustBeNew, withRequest } from './requests.ts';

/** What a call answers that has begun something. */
export type Begun = ClientAnswers['app.rollback'];

/**
 * Begins a new release of an app, of what `make` returns for its record. Throws EBUSY if one is under way, ECONFIG if its
 * environment cannot be opened, EIO.
 */
export async function begin(
  { fileOf, vault, lastEvent }: Pick<AppParts, 'fileOf' | 'vault' | 'lastEvent'>,
  conductor: Conductor,
  make: (app: AppRecord) => Wanted,
  key: string | undefined,
): Promise<Begun> {
  const { errands, telling } = conductor;
  errands.forgetFailures();
  const { release, seq } = await conductor.change((app) => {
    const { world, underWay } = conductor;
    mustBeNew(app, key);
    if (underWay) throw busy(conductor, underWay);
    const wanted = make(app);
    // If it cannot be opened, no drone could be sent it, and the release would have no end.
    openedEnvironment(wanted.env, vault);
    errands.takeOver();
    const seq = lastEvent();
    const seen = world.instances.map((one) => one.release);
    const release = newRelease(app, wanted, { now: world.now, seq, seen });
    const notes = beginNotes(app, release, fileOf(release), world);
    const stored = () => telling.release(release, world, notes);
    const made = { key, release: release.release, isNew: true };
    return {
      next: withRequest(app, withNewRelease(app, release), made),
      stored,
      release: release.release,
      seq,
    };
  });
  return { app: appName(conductor.app), release, seq };
}
