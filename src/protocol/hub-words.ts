import * as v from 'valibot';
import * as s from './words.ts';

const url = v.pipe(v.string(), v.maxLength(1000), v.regex(/^https?:\/\//));

/** How a hub presents itself to others of its cluster. */
export const hubIdentity = v.object({
  name: s.name,
  /** Random, of each start of a hub. */
  start: s.key,
  version: s.version,
  features: s.features,
  /** Where drones and clients reach it; null if it was not told. */
  advertise: v.nullable(url),
  /** Where its git is reached. */
  git: v.nullable(url),
  /** `sha256:…` of the public key that it shows, with a certificate of its own. */
  fingerprint: v.nullable(s.shortText),
});

/** A hub of the cluster. */
export type HubIdentity = v.InferOutput<typeof hubIdentity>;

/** What a hub tells all others each second, at its start and at its end. */
export const heartbeat = v.object({
  hub: hubIdentity,
  /** True if the others shall tell of themselves at once. */
  asks: v.boolean(),
  /** True if it goes away. */
  ends: v.boolean(),
  /** For how long it has been there, in ms; null if it does not say. */
  age: v.optional(v.nullable(s.milliseconds), null),
});
