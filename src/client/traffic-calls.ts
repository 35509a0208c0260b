import type { Endpoint } from '../protocol/endpoints.ts';
import { AppClient } from './app-client.ts';
import { followEndpoints } from './follow-endpoints.ts';
import type { FollowOptions, TrafficClient } from './traffic-types.ts';

/** Implements {@link TrafficClient}, where each method is described. */
export class TrafficCalls extends AppClient implements TrafficClient {
  async endpoints(): Promise<Endpoint[]> {
    await this.link.demand('endpoints', 'knows nothing of endpoints');
    const { apps } = (await this.link.call('endpoints', {})).result;
    return Object.values(apps).flatMap(({ endpoints }) => endpoints);
  }

  followEndpoints(options: FollowOptions): Promise<void> {
    return followEndpoints(this.link, options);
  }
}
