import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ROOT } from '../fixtures/root.ts';

const ADVISORY = {
  ...{ id: 1, title: 'ws is easily upset', url: 'https://advisories.example/1', severity: 'high' },
  ...{ vulnerable_versions: '>=0.0.1', cwe: [], cvss: { score: 7.5, vectorString: null } },
};

/** A registry that answers every question about advisories so; returns its URL. */
async function registry(t: TestContext, status: number, answer: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const isAsked = request.url?.endsWith('/advisories/bulk') ?? false;
    response
      .writeHead(isAsked ? status : 404, { 'content-type': 'application/json' })
      .end(isAsked ? answer : '{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function check(url: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = join(ROOT, 'scripts/check-bundled.mjs');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, `--registry=${url}`, '--fetch-retries=0', ...args],
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test('nothing that is known against the bundled packages exits with 0, with the number that was asked about', async (t) => {
  const { code, stdout } = await check(await registry(t, 200, '{}'));
  assert.equal(code, 0);
  assert.match(stdout, /^found 0 vulnerabilities in \d\d bundled packages\n$/);
});

test('an advisory exits with 1 and is named, also as JSON', async (t) => {
  const url = await registry(t, 200, JSON.stringify({ ws: [ADVISORY] }));
  const { code, stdout } = await check(url);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^high: ws >=0\.0\.1: ws is easily upset \(https:\/\/advisories\.example\/1\)\nfound 1 /,
  );
  const json = await check(url, '--json');
  assert.equal(json.code, 1);
  assert.equal(JSON.parse(json.stdout).metadata.vulnerabilities.high, 1);
  assert.equal((await check(url, '--audit-level=critical')).code, 0, 'below the level that was asked for');
});

test('a registry without the endpoint, or none at all, is an error of its own, with what to do', async (t) => {
  for (const status of [404, 405]) {
    const { code, stdout, stderr } = await check(await registry(t, status, '{}'));
    assert.deepEqual([code, stdout], [2, ''], String(status));
    assert.match(stderr, /could not be asked: 40\d .*; it may have no audit endpoint: .*--registry=URL/);
  }
  const broken = await check(await registry(t, 200, 'not JSON'));
  assert.equal(broken.code, 2);
  const { code, stderr } = await check('http://127.0.0.1:1/');
  assert.equal(code, 2);
  assert.match(stderr, /could not be asked: .*ECONNREFUSED/);
});
