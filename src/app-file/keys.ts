import { DEPLOY } from './deploy-keys.ts';
import { SERVICE } from './service-keys.ts';
import { key, named, preset, table } from './tables.ts';
import { ENV } from './values.ts';

// Every key of fleet.toml: its checks, its schema and its manual page are made of this, deploy-keys.ts and
// service-keys.ts.

const SERVICE_NAME_PATTERN = /^[A-Za-z0-9_-]{1,30}$/;

export const SERVICES = named(
  "a service's name is letters, digits, - and _, 30 at most",
  SERVICE_NAME_PATTERN,
  SERVICE,
);

const SECTIONS = {
  deploy: key(DEPLOY, 'How a commit becomes a release.'),
  env: preset(ENV, {}, 'Variables for every process of the app.'),
  services: preset(SERVICES, {}, 'The services, each with its name.'),
};

export const STAGE = table(SECTIONS);

export const ROOT = table({
  ...SECTIONS,
  as: key(
    named('name a stage; * in it is anything', /^[A-Za-z0-9._*-]+$/, STAGE),
    'For stages whose name matches, in which `*` is anything, every key may stand again, and wins.',
  ),
});
