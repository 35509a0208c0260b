import type { AppTraffic, Endpoint } from '../protocol/endpoints.ts';
import { AppClient } from './app-client.ts';
import { followEndpoints } from './follow-endpoints.ts';
import type { FollowOptions, TrafficClient } from './traffic-types.ts';

/** Implements {@link TrafficClient}, where each method is described. */
export class TrafficCalls extends AppClient implements TrafficClient {
  async endpoints(): Promise<Endpoint[]> {
    return Object.values(await this.traffic()).flatMap(({ endpoints }) => endpoints);
  }

  async traffic(): Promise<Record<string, AppTraffic>> {
    await this.link.demand('endpoints', 'knows nothing of endpoints');
    return (await this.link.call('endpoints', {})).result.apps;
  }

  followEndpoints(options: FollowOptions): Promise<void> {
    return followEndpoints(this.link, options);
  }
}
