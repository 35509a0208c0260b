import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { FLEET, plainEnvironment } from '../fleet.mjs';
import { load, startAnswering } from '../http-load.mjs';
import { interleave } from '../interleave.mjs';
import { line, plainLine } from '../line.mjs';
import { freePort } from '../ports.mjs';
import { summary } from '../statistics.mjs';

const CONNECTIONS = 32;
/** Of nginx' throughput: 0.45. */
const GOAL = 1 / 0.45;
const GOAL_P99 = 2;
const GOAL_GROWTH_MB = 10;

/** 1 kB answers through `fleet proxy`, beside nginx with one worker: throughput, slowest answers, memory. */
export async function measure(stage) {
  const backend = await startAnswering(stage);
  const ours = await startProxy(stage, backend);
  const lines = [await memory(stage, ours)];
  if (spawnSync('nginx', ['-v']).error) {
    stage.say("nginx is not installed (Debian's nginx-light): there is nothing to compare with");
    return lines;
  }
  const nginx = await startNginx(stage, backend);
  return [...(await compare(stage, ours.port, nginx)), ...lines];
}

async function compare(stage, ours, nginx) {
  const requests = stage.quick ? 10_000 : 40_000;
  const at = (port) => async () => (await load({ port, requests, connections: CONNECTIONS })).ms;
  const samples = await interleave(stage.rounds.long, { nginx: at(nginx), fleet: at(ours) });
  // Half of what nginx can do.
  const everyMs = (2 * CONNECTIONS * summary(samples.nginx).median) / requests;
  const slowest = (port) => async () =>
    (await load({ port, requests: requests / 2, connections: CONNECTIONS, everyMs })).p99;
  const late = await interleave(stage.rounds.long, { nginx: slowest(nginx), fleet: slowest(ours) });
  return [
    line({
      ...{ what: `proxy: ${requests.toLocaleString('en-US')} answers of 1 kB`, floor: 'nginx, one worker' },
      ...{ unit: 'ms', goal: GOAL, ours: samples.fleet, floors: samples.nginx },
    }),
    line({
      ...{ what: "proxy: 99th percentile at half of nginx' load", floor: 'nginx, one worker' },
      ...{ unit: 'ms', goal: GOAL_P99, ours: late.fleet, floors: late.nginx },
    }),
  ];
}

/** How much the memory grows over a million requests, after the first tenth. */
async function memory(stage, { port, pid }) {
  const requests = stage.quick ? 100_000 : 1_000_000;
  await load({ port, requests: requests / 10, connections: CONNECTIONS });
  const before = residentMb(pid);
  await load({ port, requests: (requests * 9) / 10, connections: CONNECTIONS });
  const growth = residentMb(pid) - before;
  return plainLine({
    ...{ what: `proxy: memory after ${requests.toLocaleString('en-US')} requests`, unit: 'MB' },
    ...{ ours: [residentMb(pid)], goal: `flat, + < ${GOAL_GROWTH_MB} MB`, met: growth < GOAL_GROWTH_MB },
    notes: [`${growth.toFixed(1)} MB more than after a tenth of them`],
  });
}

function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** Starts a proxy that acts by what it has on disk: its hub is away. */
async function startProxy(stage, backend) {
  const dir = stage.place('proxy');
  const routes = [{ host: 'example.com', path: '/' }];
  const endpoint = {
    ...{ app: 'webapp', service: 'web', slot: 1, drone: 'web1', id: '000001', address: '127.0.0.1' },
    ...{ port: backend, routes, release: 1, state: 'ready', drainMs: 10_000 },
  };
  const services = [{ service: 'web', routes }];
  writeFileSync(`${dir}/endpoints.json`, JSON.stringify({ webapp: { endpoints: [endpoint], services } }));
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

async function startNginx(stage, backend) {
  const dir = stage.place('nginx');
  const port = await freePort();
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  writeFileSync(
    `${dir}/nginx.conf`,
    `daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
    events {}
    http {
      access_log off; ${places.join(' ')} keepalive_requests 1000000000;
      upstream app { server 127.0.0.1:${backend}; keepalive 64; keepalive_requests 1000000000; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://app; proxy_http_version 1.1;
          proxy_set_header Connection ""; proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
        }
      }
    }`,
  );
  const child = spawn('nginx', ['-c', `${dir}/nginx.conf`, '-e', `${dir}/error.log`], { stdio: 'inherit' });
  stage.later(() => void child.kill());
  for (let tries = 0; ; tries++) {
    try {
      await load({ port, requests: 1, connections: 1 });
      return port;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
