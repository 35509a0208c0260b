import { parseAppName } from '../protocol/app-names.ts';
import type { AppTraffic } from '../protocol/endpoints.ts';
import { FleetError } from '../protocol/errors.ts';
import { meantText } from '../system/closest.ts';
import type { Arguments } from './arguments.ts';

/** Returns the traffic of the apps that the arguments mean. */
export function ofApps(
  apps: Record<string, AppTraffic>,
  args: Pick<Arguments, 'text'>,
  repo: string | undefined,
): Record<string, AppTraffic> {
  const wanted = args.text('repo') ?? repo;
  const stage = args.text('as');
  const isWanted = (app: string) => {
    const named = parseAppName(app);
    return (
      (wanted === undefined || named?.repo === wanted) && (stage === undefined || named?.stage === stage)
    );
  };
  return Object.fromEntries(Object.entries(apps).filter(([app]) => isWanted(app)));
}

/** Returns what of it is of the service; all if none is asked for. */
export function ofService(apps: Record<string, AppTraffic>, service: string | undefined): typeof apps {
  if (service === undefined) return apps;
  const isOwn = (one: { service: string }) => one.service === service;
  return Object.fromEntries(
    Object.entries(apps).map(([app, { endpoints, services }]) => [
      app,
      { endpoints: endpoints.filter(isOwn), services: services.filter(isOwn) },
    ]),
  );
}

/** Throws ENORELEASE, with what was probably meant, if no app has the service that is asked for. */
export function demandService(service: string | undefined, apps: Record<string, AppTraffic>): void {
  const all = Object.values(apps);
  if (service === undefined || all.some((one) => namesOf(one).includes(service))) return;
  const known = [...new Set(all.flatMap(namesOf))].sort();
  const hint = known.length === 0 ? 'none does' : meantText(service, known);
  throw new FleetError('ENORELEASE', `no service called ${service} gets requests; ${hint}`);
}

const namesOf = ({ endpoints, services }: AppTraffic) =>
  [...endpoints, ...services].map(({ service }) => service);
