import { caddyText } from './caddy.ts';
import { jsonText } from './json.ts';
import { nginxText } from './nginx.ts';
import { prometheusText } from './prometheus.ts';
import type { ServiceEndpoints } from './services.ts';
import { plainText } from './text.ts';

/** What writes the instances that get requests, by the name of the format: a whole file, or nothing. */
export const FORMATS = {
  text: plainText,
  json: jsonText,
  nginx: nginxText,
  caddy: caddyText,
  prometheus: prometheusText,
} as const satisfies Record<string, (services: readonly ServiceEndpoints[]) => string>;

export type Format = keyof typeof FORMATS;
