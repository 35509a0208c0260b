import type { AppEvent } from '../../protocol/apps.ts';
import type { HubEvent } from '../../protocol/events.ts';
import { BoundedMap } from '../../system/bounded-map.ts';

const MAX_RELEASES = 10_000;
const MAX_INSTANCES = 100_000;

/** What was last told of releases and instances. */
export class LastStates {
  private readonly releases = new BoundedMap<string, string>(MAX_RELEASES);
  private readonly instances = new BoundedMap<string, string>(MAX_INSTANCES);

  note(event: HubEvent): void {
    const told = event as unknown as AppEvent;
    // A release that is scaled is what it was.
    if (told.type === 'release' && told.state !== 'scaled')
      this.releases.set(`${told.app} ${told.release}`, told.state);
    if (told.type === 'instance') this.instances.set(told.id, told.state);
  }

  ofRelease(app: string, release: number): string | null {
    return this.releases.get(`${app} ${release}`) ?? null;
  }

  ofInstance(id: string): string | null {
    return this.instances.get(id) ?? null;
  }
}
