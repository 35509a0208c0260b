import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned } from '../../src/system/self-signed.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { SECRET, withFleet } from '../fixtures/real-fleet.ts';
import { ROOT } from '../fixtures/root.ts';

const missing = spawnSync('nginx', ['-v']).error ? "needs nginx (Debian's package nginx-light)" : false;

/** The `location` that the README tells people to write, for a hub at this port. */
function readmeLocation(port: number): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const block = /^ {4}location \/ \{$.*?^ {4}\}$/ms.exec(readme)?.[0];
  assert.ok(block, 'the README has it');
  return block.replace('127.0.0.1:7000', `127.0.0.1:${port}`);
}

/** Below those from which connections come (32768 on): none of another test takes it before nginx does. */
const PORT = 20_000 + (process.pid % 9_000);

/** A real nginx with TLS before the hub, as the README says. */
async function startNginx(
  dir: string,
  port: number,
  hubPort: number,
): Promise<{ nginx: ChildProcess; pin: string }> {
  mkdirSync(dir);
  const { cert, key } = await selfSigned();
  writeFileSync(join(dir, 'cert.pem'), cert);
  writeFileSync(join(dir, 'key.pem'), key, { mode: 0o600 });
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  const config = `
    daemon off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
    events {}
    http {
      access_log off; ${places.join(' ')}
      server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${dir}/cert.pem; ssl_certificate_key ${dir}/key.pem;
        ${readmeLocation(hubPort)}
      }
    }`;
  writeFileSync(join(dir, 'nginx.conf'), config);
  const nginx = spawn('nginx', ['-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')], {
    stdio: 'inherit',
  });
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { nginx, pin: `sha256:${createHash('sha256').update(spki).digest('hex')}` };
}

test(
  'behind nginx, configured as in the README: deploy, spawn, exec with input, ps',
  { skip: missing },
  withFleet([], async (fleet) => {
    await fleet.hub();
    const { nginx, pin } = await startNginx(join(fleet.dir, 'nginx'), PORT, fleet.port);
    try {
      const hub = [`--hub=https://127.0.0.1:${PORT}`, `--secret=${SECRET}`, `--fingerprint=${pin}`];
      const cwd = join(fleet.dir, 'web1');
      mkdirSync(cwd);
      fleet.droneDirs.add(cwd);
      const drone = fleet.start(['drone', ...hub, '--name=web1'], { cwd });
      await drone.printed(/connected to the hub/);
      const app = await fleet.app('webapp', {
        'big.txt': 'x'.repeat(3_000_000),
        'sleep.sh': 'exec sleep 300',
      });
      await fleet.run(['remote', 'add', 'default', ...hub], { cwd: app });
      const deploy = await fleet.run(['deploy'], { cwd: app });
      assert.match(deploy.stdout, /^deployed webapp\//, deploy.stderr);
      const id = await fleet.spawn(app, 'web1', 'sh', 'sleep.sh');
      assert.equal((await fleet.ps())['web1']?.[id]?.status, 'running');
      const bytes = 'input\n'.repeat(100_000);
      const exec = await fleet.run(['exec', '--raw', '--', 'cat'], { cwd: app, stdin: bytes });
      assert.equal(exec.stdout, bytes);
      spawnSync('nginx', ['-c', join(fleet.dir, 'nginx/nginx.conf'), '-s', 'reload']);
      await eventually(
        async () => (await fleet.ps())['web1']?.[id]?.status === 'running',
        'all goes on over a reload',
      );
    } finally {
      nginx.kill('SIGTERM');
    }
  }),
);

test(
  'behind nginx, a drone joins by an invitation, and proves its key when it comes again',
  { skip: missing },
  withFleet(['web1'], async (fleet) => {
    await fleet.hub();
    const port = PORT + 1_000;
    const { nginx, pin } = await startNginx(join(fleet.dir, 'nginx'), port, fleet.port);
    try {
      const hub = [`--hub=https://127.0.0.1:${port}`, `--fingerprint=${pin}`];
      const app = await fleet.app('webapp', { 'a.txt': 'a' });
      const owner = [...hub, `--secret=${SECRET}`];
      const { stdout } = await fleet.run(['token', 'invite', '--name=web1', ...owner], { cwd: app });
      const cwd = join(fleet.dir, 'web1');
      mkdirSync(cwd);
      fleet.droneDirs.add(cwd);
      const joining = ['drone', ...hub, `--join=${stdout.trim()}`];
      const first = fleet.start(joining, { cwd });
      await first.printed(/connected to the hub/);
      const deploy = () => fleet.run(['deploy', '--force', ...owner], { cwd: app });
      assert.match((await deploy()).stdout, /^deployed webapp\//, 'it fetches through nginx, with a pass');
      await first.end('SIGTERM');
      const second = fleet.start(['drone', ...hub], { cwd });
      await second.printed(/connected to the hub/);
      assert.match((await deploy()).stdout, /^deployed webapp\//);
      const other = join(fleet.dir, 'web2');
      mkdirSync(other);
      const again = await fleet.run(joining, { cwd: other });
      assert.match(again.stderr, /web1/, 'the invitation is used');
    } finally {
      nginx.kill('SIGTERM');
    }
  }),
);
