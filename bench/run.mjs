import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROOT } from './fleet.mjs';
import { speed } from './machine.mjs';
import { nodes } from './nodes.mjs';
import { keep } from './results.mjs';
import { Stage } from './stage.mjs';
import { plainTable } from './table.mjs';

// `npm run bench` measures all rows, `npm run bench -- deploy ps` only the named ones; `--quick` takes fewer rounds and
// does not store the results. `--node=24` measures with another Node.

const ROWS = [
  'version',
  'start',
  'ps',
  'spawn',
  'logs',
  'deploy',
  'deploy-20',
  'deploy-large',
  'release',
  'release-50',
  'exec',
  'monitor',
  'logging',
  'rpc',
  'far',
  'planner',
  'proxy',
  'drone-memory',
  'hub-memory',
  'install',
  'swarm',
  'cluster',
];

const say = (text) => process.stderr.write(`${text}\n`);

async function main(argv) {
  const quick = argv.includes('--quick');
  const version = argv.find((word) => word.startsWith('--node='))?.slice('--node='.length);
  const named = argv.filter((word) => !word.startsWith('-'));
  const unknown = [
    ...named.filter((name) => !ROWS.includes(name)),
    ...argv.filter((word) => word.startsWith('-') && word !== '--quick' && !word.startsWith('--node=')),
  ];
  if (unknown.length > 0) {
    say(
      `unknown: ${unknown.join(', ')}; the rows are: ${ROWS.join(', ')}; the options are: --quick, --node=24`,
    );
    return 2;
  }
  if (!existsSync(`${ROOT}dist/cli/start.js`)) {
    say('the bench measures the built program; first run: npm run build');
    return 1;
  }
  if (version) return withNode(version, argv);
  return measureAll(named.length > 0 ? named : ROWS, quick);
}

/** Has another Node run the bench; returns its exit status. */
async function withNode(version, argv) {
  const found = (await nodes()).find((one) => one.version.split('.')[0] === version);
  if (!found) {
    say(`Node ${version} is not here; npm run test:nodes -- ${version} gets it`);
    return 1;
  }
  const words = argv.filter((word) => !word.startsWith('--node='));
  const script = fileURLToPath(import.meta.url);
  const bench = spawn(found.file, ['--import', 'tsx', script, ...words], { stdio: 'inherit' });
  // Ctrl-C reaches it, too, and it cleans up.
  process.on('SIGINT', () => {}).on('SIGTERM', () => bench.kill());
  const [status] = await once(bench, 'exit');
  return status ?? 1;
}

async function measureAll(names, quick) {
  const howFast = await speed();
  let failed = 0;
  for (const name of names) {
    say(`${name} …`);
    const from = performance.now();
    try {
      const lines = await measure(name, quick);
      process.stdout.write(`${plainTable(lines)}\n`);
      for (const { what, notes } of lines) for (const note of notes) say(`  ${what}: ${note}`);
      if (!quick) keep({ [name]: lines }, ROWS, howFast);
    } catch (error) {
      if (error.name === 'Interrupted') return 130;
      failed++;
      say(`${name} failed: ${error.stack}`);
    }
    say(`${name} took ${((performance.now() - from) / 1000).toFixed(0)} s`);
  }
  return failed === 0 ? 0 : 1;
}

/** Measures one row on its own stage; Ctrl-C ends the row, and cleans up too. */
async function measure(name, quick) {
  const { measure } = await import(`./rows/${name}.mjs`);
  const stage = new Stage({ quick, say });
  const interrupted = deferred();
  const onSignal = () => interrupted.reject(Object.assign(new Error('interrupted'), { name: 'Interrupted' }));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    return await Promise.race([measure(stage), interrupted.promise]);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await stage.end();
  }
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

process.exitCode = await main(process.argv.slice(2));
