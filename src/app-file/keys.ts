import { DEPLOY } from './deploy-keys.ts';
import { isTable } from './kinds.ts';
import { SERVICE_NAME, SERVICE_NAME_PATTERN } from './names.ts';
import { SERVICE } from './service-keys.ts';
import { key, named, preset, table } from './tables.ts';
import { ENV } from './values.ts';

// Every key of fleet.toml: its checks, its schema and its manual page are made of this, deploy-keys.ts and
// service-keys.ts.

const SERVICES = named(SERVICE_NAME, SERVICE_NAME_PATTERN, SERVICE);

const SECTIONS = {
  deploy: key(DEPLOY, 'How a commit becomes a release.'),
  env: preset(ENV, {}, 'Variables for every process of the app.'),
  services: preset(SERVICES, {}, 'The services, each with its name.'),
};

export const STAGE = table(SECTIONS);

/** A service without `services`, or a key that belongs to `[deploy]`. */
function elsewhere(name: string, value: unknown): string | undefined {
  if (Object.hasOwn(DEPLOY.keys, name)) return `deploy.${name}`;
  return isTable(value) && Object.hasOwn(value, 'command') ? `services.${name}` : undefined;
}

export const ROOT = table(
  {
    ...SECTIONS,
    as: key(
      named('name a stage; * in it is anything', /^[A-Za-z0-9._*-]+$/, STAGE),
      'Overrides for stages whose name matches, in which `*` matches any text. Every key can be given here, and wins.',
    ),
  },
  elsewhere,
);
