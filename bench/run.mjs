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
// does not store the results. `--node=24` measures with another Node, and `--drones=3000` the rows of SIZED with as many drones.

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
/** Rows whose number of drones is chosen with `--drones`; measured so, they are kept beside the usual ones. */
const SIZED = ['cluster'];
const OPTIONS = ['--quick', '--node=24', '--drones=3000'];

const say = (text) => process.stderr.write(`${text}\n`);

async function main(argv) {
  const named = argv.filter((word) => !word.startsWith('-'));
  const isOption = (word) => word === '--quick' || /^--node=./.test(word) || /^--drones=[1-9]\d*$/.test(word);
  const unknown = argv.filter((word) => !(word.startsWith('-') ? isOption(word) : ROWS.includes(word)));
  if (unknown.length > 0) {
    say(
      `unknown: ${unknown.join(', ')}; the rows are: ${ROWS.join(', ')}; the options are: ${OPTIONS.join(', ')}`,
    );
    return 2;
  }
  const givenAs = (option) => argv.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1);
  const drones = givenAs('--drones');
  const names = named.length > 0 ? named : drones ? SIZED : ROWS;
  const fixed = drones ? names.filter((name) => !SIZED.includes(name)) : [];
  if (fixed.length > 0) {
    say(`--drones is for ${SIZED.join(', ')}, and not for ${fixed.join(', ')}`);
    return 2;
  }
  if (!existsSync(`${ROOT}dist/cli/start.js`)) {
    say('the bench measures the built program; first run: npm run build');
    return 1;
  }
  const version = givenAs('--node');
  if (version) return withNode(version, argv);
  return measureAll(names, argv.includes('--quick'), drones ? Number(drones) : undefined);
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

async function measureAll(names, quick, drones) {
  const howFast = await speed();
  let failed = 0;
  for (const name of names) {
    const row = drones ? `${name} of ${drones} drones` : name;
    say(`${row} …`);
    const from = performance.now();
    try {
      const lines = await measure(name, quick, drones);
      process.stdout.write(`${plainTable(lines)}\n`);
      for (const { what, notes } of lines) for (const note of notes) say(`  ${what}: ${note}`);
      if (!quick) keep({ [row]: lines }, ROWS, howFast);
    } catch (error) {
      if (error.name === 'Interrupted') return 130;
      failed++;
      say(`${row} failed: ${error.stack}`);
    }
    say(`${row} took ${((performance.now() - from) / 1000).toFixed(0)} s`);
  }
  return failed === 0 ? 0 : 1;
}

/** Measures one row on its own stage; Ctrl-C ends the row, and cleans up too. */
async function measure(name, quick, drones) {
  const { measure } = await import(`./rows/${name}.mjs`);
  const stage = new Stage({ quick, drones, say });
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
