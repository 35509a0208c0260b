import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { FLEET, plainEnvironment } from '../fleet.mjs';
import { load, startAnswering } from '../http-load.mjs';
import { interleave } from '../interleave.mjs';
import { line, peerLine, plainLine } from '../line.mjs';
import { download, mixedTraffic, startMixed, upload } from '../mixed-traffic.mjs';
import { startCaddy, startHttpxy, startNginx } from '../peers/proxies.mjs';
import { freePort } from '../ports.mjs';
import { summary } from '../statistics.mjs';

const CONNECTIONS = 32;
/** Of nginx' throughput: 0.45. */
const GOAL = 1 / 0.45;
const GOAL_P99 = 2;
const GOAL_GROWTH_MB = 10;
const GOAL_STREAMING_MB = 50;

/** 1 kB answers through `fleet proxy`, beside other proxies that get one thread, too: throughput, slowest answers, memory. */
export async function measure(stage) {
  const backend = await startAnswering(stage);
  const ours = await startProxy(stage, { 'example.com': backend, ...(await startMixed(stage)) });
  const nginx = await startNginx(stage, backend);
  const lines = [];
  if (nginx) {
    const ports = { nginx, fleet: ours.port, httpxy: await startHttpxy(stage, backend) };
    const caddy = await startCaddy(stage, backend);
    lines.push(...(await compare(stage, caddy ? { ...ports, caddy } : ports)));
  }
  return [...lines, await memory(stage, ours), await gigabytes(stage, ours)];
}

async function compare(stage, ports) {
  const requests = stage.quick ? 10_000 : 40_000;
  const each = (measured) =>
    Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, () => measured(port)]));
  const took = await interleave(
    stage.rounds.long,
    each(async (port) => (await load({ port, requests, connections: CONNECTIONS })).ms),
  );
  // Half of what nginx can do.
  const everyMs = (2 * CONNECTIONS * summary(took.nginx).median) / requests;
  const slowest = await interleave(
    stage.rounds.long,
    each(
      async (port) => (await load({ port, requests: requests / 2, connections: CONNECTIONS, everyMs })).p99,
    ),
  );
  const answers = { what: `proxy: ${requests.toLocaleString('en-US')} answers of 1 kB`, goal: GOAL };
  const late = { what: "proxy: 99th percentile at half of nginx' load", goal: GOAL_P99 };
  return [linesOf(answers, took), linesOf(late, slowest)].flat();
}

/** Returns ours, and those of the others. */
function linesOf({ what, goal }, { nginx, fleet, ...others }) {
  const same = { floor: 'nginx, one worker', unit: 'ms', floors: nginx };
  const peers = Object.entries(others).map(([name, ours]) =>
    peerLine({ ...same, what: `${what}: ${name}`, ours }),
  );
  return [line({ ...same, what, goal, ours: fleet }), ...peers];
}

/**
 * How much the memory grows over a million requests, after the first tenth, with uploads, events, websockets and clients
 * that go away beside them.
 */
async function memory(stage, { port, pid }) {
  const requests = stage.quick ? 100_000 : 1_000_000;
  let isOver = false;
  const mixed = mixedTraffic({ port, isOver: () => isOver });
  const seen = [];
  for (let tenth = 0; tenth < 10; tenth++) {
    await load({ port, requests: requests / 10, connections: CONNECTIONS });
    seen.push(residentMb(pid));
  }
  isOver = true;
  const counts = await mixed;
  const growth = seen.at(-1) - seen[0];
  const beside = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return plainLine({
    ...{ what: `proxy: memory after ${requests.toLocaleString('en-US')} requests`, unit: 'MB' },
    ...{ ours: [seen.at(-1)], goal: `flat, + < ${GOAL_GROWTH_MB} MB`, met: growth < GOAL_GROWTH_MB },
    notes: [
      `after each tenth: ${seen.map((mb) => mb.toFixed(0)).join(', ')} MB; beside them ${beside.join(', ')}`,
    ],
  });
}

/** The most memory that it has while gigabytes go through it, each time to somebody who reads more slowly than they come. */
async function gigabytes(stage, { port, pid }) {
  const bytes = (stage.quick ? 0.3 : 3) * 1e9;
  const before = residentMb(pid);
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, residentMb(pid));
  }, 100);
  stage.later(() => clearInterval(look));
  for (const arrived of [await upload(port, undefined, bytes), await download(port, bytes)])
    if (arrived !== bytes) throw new Error(`${arrived} bytes have arrived`);
  clearInterval(look);
  return plainLine({
    ...{ what: `proxy: most memory while ${bytes / 1e9} GB go up, and as many down`, unit: 'MB' },
    ...{ ours: [most], goal: `flat, + < ${GOAL_STREAMING_MB} MB`, met: most - before < GOAL_STREAMING_MB },
    notes: [`${before.toFixed(0)} MB before`],
  });
}

function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** Starts a proxy that acts by what it has on disk: its hub is away. `places` are the ports behind hosts. */
async function startProxy(stage, places) {
  const dir = stage.place('proxy');
  const apps = Object.entries(places).map(([host, port], at) => {
    const routes = [{ host, path: '/' }];
    const endpoint = {
      ...{ app: `app${at}`, service: 'web', slot: 1, drone: 'web1', id: `00000${at}`, address: '127.0.0.1' },
      ...{ port, routes, release: 1, state: 'ready', drainMs: 10_000 },
    };
    return [endpoint.app, { endpoints: [endpoint], services: [{ service: 'web', routes }] }];
  });
  writeFileSync(`${dir}/endpoints.json`, JSON.stringify(Object.fromEntries(apps)));
  const port = await freePort();
  const [node, ...args] = [
    ...FLEET,
    'proxy',
    `--listen=127.0.0.1:${port}`,
    '--hub=127.0.0.1:1',
    '--secret=x',
  ];
  const child = spawn(node, args, { cwd: dir, env: plainEnvironment(), stdio: ['ignore', 'pipe', 'ignore'] });
  stage.later(() => void child.kill());
  await once(child.stdout, 'data');
  return { port, pid: child.pid };
}
