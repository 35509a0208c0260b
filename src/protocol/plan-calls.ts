import * as v from 'valibot';
import * as a from './app-words.ts';
import type { ClientCallRow } from './call-table.ts';
import type { ReleasePlan } from './plans.ts';
import { record } from './record.ts';
import * as s from './words.ts';

const { ofApp, instances } = a;
const plan = v.looseObject({
  app: a.app,
  release: s.count,
  steps: v.array(v.looseObject({ do: v.string() })),
}) as unknown as v.GenericSchema<ReleasePlan>;

/** Says what a command would do, and changes nothing. */
const planning = { right: 'read', audited: false, answer: plan } as const;

/** Calls that say what others would do: each throws what the other would. */
export const PLAN_CALLS = {
  'app.plan': () => ({
    ...planning,
    params: v.object({
      ...ofApp,
      commit: s.commit,
      canary: v.optional(v.nullable(instances), null),
      rebuild: v.optional(v.boolean(), false),
      force: v.optional(v.boolean(), false),
    }),
    about: 'What `app.up` would do.',
  }),
  'app.rollback.plan': () => ({
    ...planning,
    params: v.object({
      ...ofApp,
      release: v.optional(v.nullable(a.release), null),
      keepEnv: v.optional(v.boolean(), false),
    }),
    about: 'What `app.rollback` would do.',
  }),
  'app.promote.plan': () => ({ ...planning, params: v.object(ofApp), about: 'What `app.promote` would do.' }),
  'app.down.plan': () => ({
    ...planning,
    params: v.object({ ...ofApp, forget: v.optional(v.boolean(), false) }),
    about: 'What `app.down` would do, or, to `forget`, `app.forget`.',
  }),
  'app.scale.plan': () => ({
    ...planning,
    params: v.object({ ...ofApp, scale: record(a.service, v.nullable(instances)) }),
    about: 'What `app.scale` would do.',
  }),
} satisfies Record<string, () => ClientCallRow>;
