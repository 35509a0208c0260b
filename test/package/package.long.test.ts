import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../fixtures/root.ts';

/** What the checkout holds of the package and of what makes it. */
const SOURCES = [
  'bin',
  'man',
  'schema',
  'scripts',
  'src',
  'LICENSE',
  'README.md',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

interface Bom {
  bomFormat: string;
  specVersion: string;
  metadata: { component: { purl: string } };
  components: { name: string; version: string; purl: string; licenses: object[] }[];
}

function run(cwd: string, program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the packed package', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-package-'));
  const checkout = join(dir, 'checkout');
  const prefix = join(dir, 'prefix');
  const home = join(prefix, 'lib/node_modules/fleet');
  const fleet = join(prefix, 'bin/fleet');
  const CHECKOUT_PACKAGE = readFileSync(join(ROOT, 'package.json'), 'utf8');

  before(() => {
    // A copy: npm is not to pack where other tests read.
    for (const name of SOURCES) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    run(checkout, 'npm', 'pack', '--silent', `--pack-destination=${dir}`);
    mkdirSync(prefix);
    const local = ['--offline', '--no-audit', '--no-fund'];
    run(dir, 'npm', 'install', '--global', `--prefix=${prefix}`, ...local, join(dir, 'fleet-1.0.0.tgz'));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  test('needs no other package, runs no script, and leaves the checkout as it was', () => {
    const packed = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    for (const key of ['dependencies', 'devDependencies', 'overrides', 'scripts'])
      assert.ok(!(key in packed), key);
    assert.deepEqual(
      readdirSync(join(prefix, 'lib/node_modules')).filter((name) => !name.startsWith('.')),
      ['fleet'],
    );
    assert.equal(existsSync(join(home, 'node_modules')), false);
    assert.equal(readFileSync(join(checkout, 'package.json'), 'utf8'), CHECKOUT_PACKAGE);
    assert.equal(existsSync(join(checkout, '.package.json.checkout')), false);
  });

  test('contains what is needed, and nothing else', () => {
    assert.deepEqual(readdirSync(home).sort(), [
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'man',
      'package.json',
      'schema',
    ]);
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).map((file) => join(home, file));
    const bytes = files.map((file) => statSync(file)).reduce((sum, { size }) => sum + size, 0);
    // A third of it is for certificates: acme-client, and what it is made of; a tenth is the client of NATS.
    assert.ok(bytes < 4_100_000, `${bytes} bytes`);
  });

  test('contains the license of every package that it is built on', () => {
    const text = readFileSync(join(home, 'dist/THIRD_PARTY_LICENSES'), 'utf8');
    const { dependencies } = JSON.parse(CHECKOUT_PACKAGE) as { dependencies: Record<string, string> };
    for (const name of [...Object.keys(dependencies), 'traverse', 'debug'])
      assert.match(text, new RegExp(`^${name} \\d`, 'm'));
  });

  test('contains a bill of materials with exactly these packages, the same for each build of a tree', () => {
    const text = readFileSync(join(home, 'dist/sbom.cdx.json'), 'utf8');
    const bom = JSON.parse(text) as Bom;
    assert.deepEqual([bom.bomFormat, bom.specVersion], ['CycloneDX', '1.5']);
    assert.equal(bom.metadata.component.purl, `pkg:npm/fleet@${JSON.parse(CHECKOUT_PACKAGE).version}`);
    const licenses = readFileSync(join(home, 'dist/THIRD_PARTY_LICENSES'), 'utf8');
    const licensed = licenses.split(`\n${'='.repeat(80)}\n\n`).slice(1);
    assert.deepEqual(
      bom.components.map(({ name, version }) => `${name} ${version}`),
      licensed.map((one) => one.split('\n', 1)[0]),
    );
    for (const { name, version, purl, licenses } of bom.components) {
      assert.equal(purl, `pkg:npm/${name.replace('@', '%40')}@${version}`);
      assert.equal(licenses.length, 1, name);
    }
    run(checkout, process.execPath, 'scripts/build.mjs');
    assert.equal(readFileSync(join(checkout, 'dist/sbom.cdx.json'), 'utf8'), text);
    for (const odd of [dir, ROOT, 'timestamp', 'serialNumber']) assert.ok(!text.includes(odd), odd);
  });

  test('has the versions that it carries audited, and no others', async () => {
    const asked: unknown[] = [];
    const registry = createServer(async (request, response) => {
      const body = await buffer(request);
      const isPacked = request.headers['content-encoding'] === 'gzip';
      asked.push(JSON.parse(String(isPacked ? gunzipSync(body) : body)));
      response.setHeader('content-type', 'application/json').end('{}');
    });
    await once(registry.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = registry.address() as AddressInfo;
      const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${port}/` };
      const { stdout } = await promisify(execFile)('npm', ['run', 'check:bundled'], { cwd: checkout, env });
      assert.match(stdout, /found 0 vulnerabilities/);
      const { components } = JSON.parse(readFileSync(join(home, 'dist/sbom.cdx.json'), 'utf8')) as Bom;
      const versions: Record<string, string[]> = {};
      for (const { name, version } of components) versions[name] = [...(versions[name] ?? []), version];
      assert.deepEqual(asked, [versions]);
    } finally {
      registry.closeAllConnections();
      registry.close();
    }
  });

  test('runs, and installs its manual where man finds it', () => {
    assert.equal(run(dir, fleet, 'version').trim(), JSON.parse(CHECKOUT_PACKAGE).version);
    assert.match(run(dir, fleet, 'help'), /^Usage: fleet <command>/);
    assert.match(readFileSync(join(prefix, 'share/man/man1/fleet-deploy.1'), 'utf8'), /^\.TH/m);
    assert.ok(existsSync(join(prefix, 'share/man/man5/fleet.json.5')));
    assert.ok(existsSync(join(prefix, 'share/man/man5/fleet.toml.5')));
  });

  test('loads no code of hub, drone or git for a client command', () => {
    const hook = join(dir, 'loaded.cjs');
    writeFileSync(
      hook,
      `const fs = require('node:fs');
      const read = fs.readFileSync;
      fs.readFileSync = (path, ...more) => (fs.writeSync(2, path + '\\n'), read(path, ...more));`,
    );
    const env = { ...process.env, HOME: dir, XDG_CACHE_HOME: '' };
    const loaded = (...args: string[]) =>
      spawnSync(process.execPath, ['-r', hook, join(home, 'bin/fleet.js'), ...args], {
        encoding: 'utf8',
        env,
      })
        .stderr.split('\n')
        .flatMap((file) => /dist\/(?:chunks\/)?(.+?)(?:-[\w-]{8})?\.js$/.exec(file)?.[1] ?? []);
    const always = ['cli/start', 'cli/main', 'rolldown-runtime', 'always'];
    assert.deepEqual(loaded('version'), always);
    assert.deepEqual(loaded('ps', '--hub=127.0.0.1:9', '--secret=s'), [...always, 'ps', 'client', 'parser']);
  });

  test('keeps what was compiled for a command that has worked, and compiles nothing the next time', () => {
    const cache = join(dir, 'cache');
    mkdirSync(cache);
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const start = (...args: string[]) => spawnSync(fleet, args, { encoding: 'utf8', env });
    const files = () =>
      readdirSync(cache, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
    assert.equal(start('ps', '--hub=127.0.0.1:9', '--secret=s').status, 1);
    assert.deepEqual(files(), [], 'of what has failed, too little may have run');
    const first = start('help');
    const written = () =>
      files().map((file) => [file.name, statSync(join(file.parentPath, file.name)).mtimeMs]);
    const kept = written();
    assert.deepEqual(
      kept.map(([name]) => name),
      ['help'],
    );
    assert.equal(start('help').stdout, first.stdout);
    assert.deepEqual(written(), kept);
  });

  test('is of ASCII, of which V8 keeps a character in a byte', () => {
    const files = readdirSync(join(home, 'dist'), { recursive: true, encoding: 'utf8' });
    const others = files
      .filter((file) => file.endsWith('.js'))
      .filter((file) => readFileSync(join(home, 'dist', file)).some((byte) => byte > 0x7f));
    assert.deepEqual(others, []);
  });

  test('can be required, also as in 2012, and imported', () => {
    const project = join(dir, 'runtime');
    mkdirSync(join(project, 'node_modules'), { recursive: true });
    symlinkSync(home, join(project, 'node_modules/fleet'));
    const hub = `{ hub: '127.0.0.1:9', secret: 's' }`;
    writeFileSync(
      join(project, 'required.cjs'),
      `const fleet = require('fleet');
      const { connect, createHub, createDrone, FleetError } = fleet;
      if (typeof createHub !== 'function' || typeof createDrone !== 'function') throw new Error('incomplete');
      connect(${hub}).catch((error) => console.log(error instanceof FleetError, error.code));
      fleet(${hub}).ps((error, result) => console.log(error instanceof FleetError, error.code, result));`,
    );
    assert.match(
      run(project, process.execPath, 'required.cjs'),
      /^true ECONNECT\ntrue ECONNECT undefined\n$/,
    );
    writeFileSync(
      join(project, 'imported.mjs'),
      `import fleet, { connect, createHub, createDrone, FleetError } from 'fleet';
      if (fleet.connect !== connect || fleet.createHub !== createHub || fleet.createDrone !== createDrone) throw new Error('two');
      await connect(${hub}).catch((error) => console.log(error instanceof FleetError, error.code));`,
    );
    assert.equal(run(project, process.execPath, 'imported.mjs'), 'true ECONNECT\n');
  });

  test('starts a hub with its own certificate, and a drone that connects to it', () => {
    const script = `
      const { createHub, createDrone, connect } = require(${JSON.stringify(home)});
      (async () => {
        const dir = ${JSON.stringify(dir)};
        const hub = await createHub({ dir: dir + '/hub', host: '127.0.0.1', port: 0, secret: 's', tls: true });
        const target = { hub: 'https://127.0.0.1:' + hub.port, secret: 's', fingerprint: hub.fingerprint };
        const drone = await createDrone({ ...target, dir: dir + '/d0', name: 'd0' });
        await drone.connected;
        const client = await connect(target);
        console.log(Object.keys(await client.ps()).join());
        client.close();
        await drone.close();
        await hub.close();
      })();`;
    assert.equal(run(dir, process.execPath, '-e', script), 'd0\n');
  });

  for (const [setting, files] of Object.entries({
    nodenext: ['esm.mts', 'required.cts', 'api.mts'],
    bundler: ['esm.mts', 'esm.ts'],
  })) {
    test(`has types that compile in strict projects, with moduleResolution ${setting}`, () => {
      const project = join(dir, setting);
      mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
      symlinkSync(home, join(project, 'node_modules/fleet'));
      symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
      const body = `
        async function main(): Promise<string> {
          const client: Client = await connect({ hub: 'x', secret: 's' });
          const { drones } = await client.spawn({ command: ['a'], drones: ['*'] });
          const error: FleetError | null | undefined = drones['web1']?.error;
          for await (const item of client.logs({ follow: true })) if (item.kind === 'line') return item.line;
          // @ts-expect-error: a port is a number
          await createHub({ port: '7000' });
          fleet({ hub: 'x' }).ps((error, result) => error?.code === 'EAUTH' || result?.['web1']?.['1e99f4']?.commit);
          return error instanceof FleetError ? error.code : '';
        }
        void main;`;
      const esm = `import fleet, { type Client, connect, createHub, FleetError } from 'fleet';\n${body}`;
      const required = `import fleet = require('fleet');
        const { connect, createHub, FleetError } = fleet;
        type Client = fleet.Client;
        type FleetError = fleet.FleetError;\n${body}`;
      const api = `import { connect, type Client, FleetError } from 'fleet';
        import legacy from 'fleet';
        export async function all(client: Client): Promise<string[]> {
          const { drones } = await client.deploy({ commit: 'HEAD' });
          for await (const item of client.monitor()) if (item.kind === 'lines') console.log(item.lines.join());
          return Object.keys(drones).filter((name) => drones[name] instanceof FleetError);
        }
        legacy({ hub: 'h:7000', secret: '007' }).ps((error, drones) => console.log(error?.code, drones?.['web1']));
        // @ts-expect-error a hub must be named
        void connect({});
        // @ts-expect-error a command is a list of words
        export const wrong = (client: Client) => client.spawn({ command: 'node server.js' });`;
      const texts = { esm, required, api };
      for (const file of files)
        writeFileSync(join(project, file), texts[file.split('.')[0] as keyof typeof texts]);
      const module = setting === 'bundler' ? 'esnext' : setting;
      const options = ['--strict', '--noEmit', '--target', 'es2022', '--module', module, '--types', 'node'];
      const tsc = [
        join(ROOT, 'node_modules/typescript/bin/tsc'),
        ...options,
        '--moduleResolution',
        setting,
        ...files,
      ];
      const { stdout, status } = spawnSync(process.execPath, tsc, { cwd: project, encoding: 'utf8' });
      assert.equal(stdout, '');
      assert.equal(status, 0);
    });
  }
});
