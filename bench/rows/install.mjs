import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { plainEnvironment, ROOT } from '../fleet.mjs';
import { plainLine } from '../line.mjs';

/** A global install of the packed package into an empty prefix, and of the programs that it is compared with. */
export async function measure(stage) {
  const packed = stage.place('packed');
  await run(['npm', 'pack', '--silent', '--pack-destination', packed], {
    cwd: ROOT,
    env: plainEnvironment(),
  });
  const [tarball] = readdirSync(packed);
  const ours = await installed(stage, join(packed, tarball));
  const lines = [
    plainLine({
      what: '`npm install -g` of the packed fleet',
      unit: 's',
      ours: ours.seconds,
      goal: '< 20 packages, < 8 MB',
      met: ours.packages < 20 && ours.megabytes < 8,
      notes: [`${ours.packages} packages, ${ours.megabytes.toFixed(1)} MB`],
    }),
  ];
  for (const peer of ['propagit@0.6.4', 'pm2@7.0.4']) {
    const theirs = await installed(stage, peer).catch((error) =>
      stage.say(`${peer} cannot be installed: ${error.message}`),
    );
    if (!theirs) continue;
    const notes = [
      `${theirs.packages} packages, ${theirs.megabytes.toFixed(1)} MB, without its install scripts`,
    ];
    const line = plainLine({
      what: `\`npm install -g ${peer}\``,
      unit: 's',
      ours: theirs.seconds,
      goal: null,
      notes,
    });
    lines.push({ ...line, peer: true });
  }
  return lines;
}

/** Installs three times, the first time to fill npm's cache. */
async function installed(stage, what) {
  const seconds = [];
  let prefix = '';
  for (let round = 0; round <= (stage.quick ? 1 : 3); round++) {
    prefix = stage.place(`prefix-${what.replace(/\W+/g, '-').slice(-20)}-${round}`);
    const flags = ['--prefix', prefix, '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    const { ms } = await run(['npm', 'install', '-g', ...flags, what], { env: plainEnvironment() });
    if (round > 0) seconds.push(ms / 1000);
  }
  const files = readdirSync(prefix, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  // A package is a folder directly in a node_modules, or in a scope there.
  const isPackage = /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/;
  const paths = files.map((file) => join(file.parentPath ?? file.path, file.name));
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  return {
    seconds,
    packages: paths.filter((path) => isPackage.test(path)).length,
    megabytes: bytes / 2 ** 20,
  };
}
