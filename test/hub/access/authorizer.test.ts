import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorize } from '../../../src/hub/access/authorizer.ts';
import type { Right } from '../../../src/protocol/rights.ts';
import { OWNER, tokenWith } from '../../fixtures/principal.ts';

const NO_REPO = undefined;

test('any one of the rights is enough, and the error names the first', () => {
  const rights: Right[] = ['read', 'deploy', 'drone'];
  for (const right of rights) authorize(tokenWith([right]), { rights, repo: NO_REPO });
  assert.throws(() => authorize(tokenWith(['exec', 'admin']), { rights, repo: NO_REPO }), {
    code: 'EFORBIDDEN',
    message: "the token 'ci' lacks the right 'read'; ask for one made with --can=read",
  });
  assert.throws(() => authorize(tokenWith([]), { rights: ['drone'], repo: NO_REPO }), { code: 'EFORBIDDEN' });
});

test('what requires no right is open to everybody who is authenticated', () => {
  authorize(tokenWith([]), { rights: [], repo: NO_REPO });
});

test('a token for one repository may access that one only', () => {
  const mine = tokenWith(['deploy'], 'mine');
  authorize(mine, { rights: ['deploy'], repo: 'mine' });
  authorize(mine, { rights: ['deploy'], repo: NO_REPO });
  for (const rights of [['deploy'], []] as Right[][]) {
    assert.throws(() => authorize(mine, { rights, repo: 'theirs' }), {
      code: 'EFORBIDDEN',
      message: "the token 'ci' is for the repository 'mine' only, not for 'theirs'",
    });
  }
  authorize(OWNER, { rights: ['deploy'], repo: 'theirs' });
});
