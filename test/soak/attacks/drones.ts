import { FakeDrone } from '../../fixtures/fake-drone.ts';
import type { Attacks } from './attack.ts';
import { rawClient } from './raw-client.ts';

const seconds = (from: number) => `${Math.round((performance.now() - from) / 1_000)} s`;

/** What drones can do by not answering. */
export const DRONE_ATTACKS: Attacks = {
  '24 drones that never answer a deploy': async ({ address, release, token }) => {
    const secret = await token('sleeper', ['drone']);
    const silent = await Promise.all(
      Array.from({ length: 24 }, (_, n) => FakeDrone.join(address, secret, `a-silent${n}`)),
    );
    for (const drone of silent) drone.answer = () => new Promise(() => {});
    const peer = await rawClient(address, await token('other', ['deploy']));
    const took: string[] = [];
    for (let n = 0; n < 2; n++) {
      const from = performance.now();
      const { result } = await peer.call('deploy', release, 900_000);
      const { real } = (result as { drones: { real: unknown } }).drones;
      took.push(`${seconds(from)} (real: ${real === null ? 'ok' : JSON.stringify(real)})`);
    }
    for (const { peer: one } of silent) one.close();
    peer.close();
    return `two deploys took ${took.join(', ')}`;
  },
};
