import { ENV_NAME_PATTERN } from '../../protocol/names.ts';

/** Names of variables, and values, that are probably secret. fleet.toml is committed. */
const SECRET_NAME =
  /PASS(?:WORD|WD|PHRASE)?(?:_|$)|SECRET|TOKEN|CREDENTIAL|PRIVATE|(?:^|_)(?:API_?)?KEY(?:_|$)/i;
const SECRET_VALUE = /:\/\/[^/@\s]*:[^/@\s]+@|-----BEGIN/;

/**
 * Returns the variables of one of pm2's apps: `env`, and `env_production` over it. `leave` is told of others, and of
 * those that do not belong into fleet.toml.
 */
export function pm2Environment(
  app: Record<string, unknown>,
  leave: (key: string, why: string) => void,
): Record<string, string> {
  for (const key of Object.keys(app).filter((one) => /^env_/.test(one))) {
    if (key === 'env_production' || key === 'env_file') continue;
    leave(key, `for a stage, write services.NAME.env in [as.${key.slice('env_'.length)}]`);
  }
  const given = { ...tableOf(app['env']), ...tableOf(app['env_production']) };
  const taken: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const why = whyNot(name, value);
    if (why === undefined) taken[name] = String(value);
    else leave(`env.${name}`, why);
  }
  return taken;
}

const tableOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

function whyNot(name: string, value: unknown): string | undefined {
  if (!ENV_NAME_PATTERN.test(name)) return 'not the name of a variable';
  if (name === 'PORT')
    return 'each instance gets a $PORT of its own; health = "/up" checks what listens there';
  if (value === undefined || value === null) return 'it has no value';
  if (typeof value === 'object') return 'not a text';
  if (SECRET_NAME.test(name) || SECRET_VALUE.test(String(value)))
    return `probably secret, and fleet.toml is committed: fleet env set ${name}=@-`;
  return undefined;
}
