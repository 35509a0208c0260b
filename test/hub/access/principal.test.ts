import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  demandRepo,
  demandRight,
  type Principal,
  plainAddress,
  sees,
} from '../../../src/hub/access/principal.ts';

const ci: Principal = {
  name: 'ci',
  address: '10.0.0.1',
  rights: new Set(['read', 'deploy']),
  repo: 'webapp',
  expires: null,
  isValid: () => true,
};

test('an address is written in its usual form', () => {
  assert.equal(plainAddress('::ffff:127.0.0.1'), '127.0.0.1');
  assert.equal(plainAddress('::1'), '::1');
  assert.equal(plainAddress('::ffff:0:1'), '::ffff:0:1');
  assert.equal(plainAddress(undefined), 'unknown');
});

test('a token for one repository sees nothing of others', () => {
  assert.ok(sees(ci, 'webapp'));
  assert.ok(!sees(ci, 'webapp2'));
  assert.ok(sees({ ...ci, repo: null }, 'anything'));
  demandRepo(ci, 'webapp');
  assert.throws(() => demandRepo(ci, 'other'), {
    code: 'EFORBIDDEN',
    message: "the token 'ci' is for the repository 'webapp' only, not for 'other'",
  });
});

test('the error for a missing right names it, and how to get it', () => {
  demandRight(ci, 'deploy');
  assert.throws(() => demandRight(ci, 'exec'), {
    code: 'EFORBIDDEN',
    message: "the token 'ci' lacks the right 'exec'; ask for one made with --can=exec",
  });
});

test('a token that is no longer valid has no rights, whatever it had', () => {
  assert.throws(() => demandRight({ ...ci, isValid: () => false }, 'read'), { code: 'EAUTH' });
});
