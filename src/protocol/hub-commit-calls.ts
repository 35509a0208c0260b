import * as v from 'valibot';
import type { CallRow } from './call-table.ts';
import * as s from './words.ts';

const nothing = v.null();
const commit = { repo: s.name, commit: s.commit };

/** The calls by which hubs of a cluster keep the same repositories. */
export const HUB_COMMIT_CALLS = {
  'git.pass': () => ({
    params: v.object({}),
    answer: v.object({ pass: s.shortText }),
    about: "What this hub's git takes in place of a secret, as long as the link lasts.",
  }),
  'commit.find': () => ({
    params: v.object(commit),
    answer: v.object({ has: v.boolean(), isShallow: v.boolean() }),
    about: 'Whether the hub has a commit, and whether without its history.',
  }),
  'commit.hold': () => ({
    params: v.object({ ...commit, isShallow: v.boolean() }),
    answer: nothing,
    about: 'Fetch a commit that was pushed to the caller. Answers when it is kept.',
  }),
  'repository.settle': () => ({
    params: v.object({ repo: s.name, id: s.key, changes: s.count }),
    answer: nothing,
    about:
      'A repository has changed `changes` times since it was made as `id`: answers when the hub has made these changes, too.',
  }),
  'repository.tidy': () => ({
    params: v.object({}),
    answer: v.object({ freed: s.bytes }),
    about: 'Pack all repositories.',
  }),
} satisfies Record<string, () => CallRow>;
