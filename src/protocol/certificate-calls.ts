import * as v from 'valibot';
import type { ClientCallRow } from './call-table.ts';
import * as c from './certificate-words.ts';
import { list } from './list.ts';
import * as s from './words.ts';

const ofOrder = { key: s.key, host: c.certifiable };

/** What a proxy calls that orders certificates. All of it is about hosts of services that it may see. */
export const CERTIFICATE_CALLS = {
  certificates: () => ({
    right: 'proxy',
    audited: false,
    params: v.object({}),
    answer: v.object({ certificates: v.array(c.hostCertificate) }),
    about: 'The certificates that the hub keeps, with their keys.',
  }),
  'certificate.order': () => ({
    right: 'proxy',
    led: true,
    audited: false,
    params: v.object({
      key: s.key,
      directory: c.directory,
      hosts: list(c.certifiable, 10_000),
    }),
    answer: v.object({
      host: v.nullable(c.certifiable),
      account: v.nullable(c.pem),
      wait: s.milliseconds,
    }),
    about:
      'Asks which of these hosts, of which the caller has no certificate or an old one, it shall order one for, by the key `account` at this authority. With a host, it has three minutes, in which nobody else orders any. Without one, it asks again after `wait`. `key` names the order; random.',
  }),
  'certificate.challenge': () => ({
    right: 'proxy',
    led: true,
    audited: false,
    params: v.object({ ...ofOrder, challenge: c.challenge }),
    answer: v.null(),
    about:
      'Has all proxies answer a challenge while the order lasts. Returns when they do, after 2 s at the latest.',
  }),
  'certificate.keep': () => ({
    right: 'proxy',
    led: true,
    audited: true,
    params: v.object({ ...ofOrder, directory: c.directory, chain: c.pem, privateKey: c.pem }),
    answer: v.null(),
    about: 'Ends an order: this is the certificate, and its key. The hub keeps both for all proxies.',
  }),
  'certificate.failed': () => ({
    right: 'proxy',
    led: true,
    audited: true,
    params: v.object({ ...ofOrder, asked: v.boolean(), why: s.shortText }),
    answer: v.object({ wait: s.milliseconds }),
    about:
      'Ends an order without a certificate. `asked`: the authority was asked for it, and must not be asked often. Answers for how long nobody tries this host again.',
  }),
} satisfies Record<string, () => ClientCallRow>;
