import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubChoice } from '../../src/drone/hub-choice.ts';

const choiceOf = (hub: string) => new HubChoice({ target: { hub, secret: 's' } }, () => 'a'.repeat(32));

test('a drone with one hub has no choice', () => {
  const choice = choiceOf('h1:7000');
  assert.deepEqual([choice.isOnly, choice.home.hub, choice.current.hub], [true, 'h1:7000', 'h1:7000']);
  choice.joined(choice.home);
  assert.equal(choice.isHome, true);
});

test('a drone that has lost its hub dials the others first, and knows where it belongs', () => {
  const choice = choiceOf('h1,h2,h3');
  const [home, second, third] = choice.order();
  assert.ok(home && second && third);
  assert.equal(choice.home.hub, home.hub);
  choice.joined(home);
  assert.equal(choice.isHome, true);
  choice.left(home);
  assert.deepEqual(choice.order(), [second, third, home]);
  assert.equal(choice.current.hub, home.hub);
  choice.joined(second);
  assert.deepEqual([choice.isHome, choice.current.hub, choice.isOnly], [false, second.hub, false]);
});
