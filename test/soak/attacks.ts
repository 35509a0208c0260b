import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { connect } from '../../src/index.ts';
import type { HubTarget } from '../../src/protocol/address.ts';
import { headOf } from '../fixtures/local-fleet.ts';
import { RealFleet, SECRET } from '../fixtures/real-fleet.ts';
import { ROOT } from '../fixtures/root.ts';
import type { Scene } from './attacks/attack.ts';
import { CALL_ATTACKS } from './attacks/calls.ts';
import { DRONE_ATTACKS } from './attacks/drones.ts';
import { FLOOD_ATTACKS } from './attacks/floods.ts';
import { GIT_ATTACKS, largeApp } from './attacks/git.ts';
import { HOARD_ATTACKS } from './attacks/hoards.ts';
import { Use } from './attacks/use.ts';

// `npm run attacks [-- WORD…]`: every attack that a token is known for, one after the other, or those whose names have one
// of the words, on a hub of its own each. Beside it, somebody with another token goes on working. Prints, of each attack,
// the memory of the hub before, at its peak and after, that of its gits, how long the calls of the other one took, and what
// the attacker was told.

const ATTACKS = { ...CALL_ATTACKS, ...GIT_ATTACKS, ...DRONE_ATTACKS, ...FLOOD_ATTACKS, ...HOARD_ATTACKS };
const REST_MS = 1_500;
const WITNESS = join(ROOT, 'test/soak/attacks/witness.ts');

interface Seen {
  taken: number[];
  failed: number;
}

const quantile = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);

function targetOf({ address }: RealFleet, fingerprint: string | undefined): HubTarget {
  if (fingerprint === undefined) return { hub: address, secret: SECRET };
  return { hub: `https://${address}`, secret: SECRET, fingerprint };
}

/** A drone that is no attacker's. */
async function joinReal(fleet: RealFleet, { hub, fingerprint }: HubTarget): Promise<void> {
  const pin = fingerprint === undefined ? [] : [`--fingerprint=${fingerprint}`];
  const drone = fleet.startDaemon('real', [
    ...['drone', `--hub=${hub}`, `--secret=${SECRET}`, '--name=real', '--quiet', ...pin],
  ]);
  fleet.droneDirs.add(join(fleet.dir, 'real'));
  await drone.printed(/^connected to the hub$/m);
}

async function play(name: string, attack: (scene: Scene) => Promise<string>): Promise<string[]> {
  const fleet = new RealFleet('all');
  try {
    const hub = await fleet.hub(...(name.startsWith('TLS') ? ['--tls'] : []));
    const fingerprint = name.startsWith('TLS') ? (await hub.printed(/sha256:[0-9a-f]{64}/))[0] : undefined;
    const target = targetOf(fleet, fingerprint);
    await joinReal(fleet, target);
    const owner = await connect(target);
    const app = largeApp(join(fleet.dir, 'apps/webapp'));
    const release = { repo: 'webapp', commit: headOf(app) };
    await pushCommit(app, hubRemote(target), release.repo, release.commit);
    const token: Scene['token'] = (one, can) => owner.tokenCreate({ name: one, can });
    const args = [target.hub, await token('witness', ['read', 'deploy']), SECRET, fingerprint ?? ''];
    const witness = fork(WITNESS, args, { execArgv: ['--import', 'tsx'] });
    await once(witness, 'message');
    const ask = async (): Promise<Seen> => {
      witness.send('report');
      return ((await once(witness, 'message')) as [Seen])[0];
    };
    await sleep(REST_MS);
    const calm = await ask();
    const use = new Use(hub.pid);
    const { address, port, gport, dir } = fleet;
    const scene = { address, port, gport, dir, secret: SECRET, fingerprint, release, token };
    const told = await attack(scene).catch(String);
    const { taken, failed } = await ask();
    await sleep(REST_MS);
    use.close();
    await owner.close();
    witness.disconnect();
    const sorted = taken.sort((a, b) => a - b);
    const quiet = quantile(
      calm.taken.sort((a, b) => a - b),
      0.5,
    );
    const latency = [0.5, 0.99, 1].map((share) => quantile(sorted, share)).join(' / ');
    return [
      name,
      `${use.before} / ${use.peak} / ${use.now}`,
      String(use.gits),
      `${quiet} → ${latency}${failed > 0 ? `, ${failed} failed` : ''}`,
      told,
    ];
  } finally {
    await fleet.end();
  }
}

async function main(words: readonly string[]): Promise<void> {
  const line = (cells: readonly string[]) =>
    console.log(`| ${cells.map((one) => one.replaceAll('|', '/')).join(' | ')} |`);
  line([
    'attack',
    'hub, MiB: before / peak / after',
    'its gits',
    'witness, ms: calm → p50 / p99 / worst',
    'told',
  ]);
  line(['---', '---', '---', '---', '---']);
  for (const [name, attack] of Object.entries(ATTACKS))
    if (words.length === 0 || words.some((word) => name.includes(word))) line(await play(name, attack));
}

void main(process.argv.slice(2));
