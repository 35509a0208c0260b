import { type ServiceEndpoints, targetOf } from './services.ts';

/** Returns what `file_sd_configs` and `http_sd_configs` of Prometheus read: a target for each instance. */
export function prometheusText(services: readonly ServiceEndpoints[]): string {
  const groups = services.flatMap(({ endpoints }) =>
    endpoints.flatMap((one) => {
      const target = targetOf(one);
      const { app, service, slot, drone, release } = one;
      const labels = { app, service, slot: String(slot), drone, release: `v${release}` };
      return target === null ? [] : [{ targets: [target], labels }];
    }),
  );
  return `${JSON.stringify(groups, null, 2)}\n`;
}
