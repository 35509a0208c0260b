import { FakeDrone, key } from '../../fixtures/fake-drone.ts';
import { rawClient } from './raw-client.ts';

// Started by attacks.ts: somebody with another token, who goes on calling the hub and measures how long each call takes.

const [address = '', token = '', secret = '', fingerprint] = process.argv.slice(2);
const pin = fingerprint ? { fingerprint } : {};
const EVERY_MS = 20;
let taken: number[] = [];
let failed = 0;

async function main(): Promise<void> {
  const drone = await FakeDrone.connect(address, secret, pin);
  await drone.joinAs('witness');
  drone.answer = ({ method, params }) => (method === 'spawn' ? { id: (params as { id: string }).id } : null);
  const client = await rawClient(address, token, pin);
  const calls = [
    // Of one drone: a long answer would measure itself, and not how long the hub makes others wait.
    () => client.call('ps', { select: { drones: ['witness'] } }),
    () =>
      client.call('spawn', {
        ...{ repo: 'webapp', commit: 'c'.repeat(40), command: ['true'], env: {} },
        ...{ drones: ['witness'], key: key() },
      }),
  ];

  process.on('message', () => {
    process.send?.({ taken, failed });
    taken = [];
    failed = 0;
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
  for (let n = 0; ; n++) {
    const from = performance.now();
    try {
      await calls[n % calls.length]?.();
      taken.push(performance.now() - from);
    } catch {
      failed++;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

void main();
