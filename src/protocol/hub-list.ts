import { addressUrl, fingerprintToPin, type HubTarget, hubUrl, isLoopback, parseAddress } from './address.ts';
import { FleetError } from './errors.ts';

/** More than anybody has; each is dialled. */
const MAX_HUBS = 100;

/**
 * Returns the hubs of a target that names several, separated by commas, each with its own fingerprint. Throws EUSAGE if
 * one is not an address or is there twice, if fingerprints and hubs are not as many, or if only some have TLS: whoever
 * keeps a client from these would get its secret in the clear from the others.
 */
export function hubsOf(target: HubTarget): HubTarget[] {
  const { hub, fingerprint } = target;
  const hubs = hub.split(',').map((one) => one.trim());
  const parsed = hubs.map((one) => {
    if (one === '' && hubs.length > 1) throw wrong(hub, 'an address is missing between two commas');
    return parseAddress(one);
  });
  const urls = parsed.map(addressUrl);
  const twice = hubs.find((_, at) => urls.indexOf(urls[at] ?? '') !== at);
  if (twice !== undefined) throw wrong(hub, `${twice} is there twice`);
  if (hubs.length > MAX_HUBS) throw wrong(hub, `they are more than ${MAX_HUBS}`);
  const open = hubs.find((_, at) => !parsed[at]?.secure && !isLoopback(parsed[at]?.host ?? ''));
  if (open !== undefined && parsed.some(({ secure }) => secure))
    throw wrong(hub, `${open} has no TLS, and others do; write https://${open.replace(/^\w+:\/\//, '')}`);
  const fingerprints = fingerprintsFor(hubs, fingerprint);
  return hubs.map((one, at) => ({ ...target, hub: one, fingerprint: fingerprints[at] }));
}

/** Returns the hubs of a target as URLs. Throws EUSAGE. */
export function urlsOf(hub: string): string[] {
  return hubsOf({ hub }).map((one) => hubUrl(one.hub));
}

/** Returns the fingerprints of some of the hubs of a target, as it has them; those of others if it does not know these. */
export function fingerprintsOf(hub: string, target: HubTarget): string | undefined {
  if (!target.fingerprint?.includes(',')) return target.fingerprint;
  const known = new Map(hubsOf(target).map((one) => [hubUrl(one.hub), one.fingerprint]));
  const own = urlsOf(hub).map((url) => known.get(url));
  return own.includes(undefined) ? target.fingerprint : own.join(',');
}

function fingerprintsFor(hubs: string[], fingerprint: string | undefined): (string | undefined)[] {
  if (fingerprint === undefined) return hubs.map(() => undefined);
  const given = fingerprint.split(',').map((one) => one.trim());
  for (const one of given) fingerprintToPin(one);
  // One for all is that of hubs which share a key.
  if (given.length === 1) return hubs.map(() => given[0]);
  if (given.length === hubs.length) return given;
  throw new FleetError(
    'EUSAGE',
    `--fingerprint has ${given.length} fingerprints for ${hubs.length} hubs; give one for each, in the same order`,
  );
}

function wrong(hub: string, why: string): FleetError {
  return new FleetError('EUSAGE', `'${hub}' does not name hubs: ${why}`);
}
