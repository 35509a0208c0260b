import { createPrivateKey, X509Certificate } from 'node:crypto';
import { factsIn, type HostCertificate } from '../../protocol/certificates.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';

/** What a proxy has brought back from an authority. */
export interface Issued extends HostCertificate {
  directory: string;
}

/** Returns what is known of a certificate. Throws EPROTOCOL if it is not one for the host, with its key. */
export function factsOf({ host, chain, privateKey }: Omit<Issued, 'directory'>) {
  try {
    const certificate = new X509Certificate(chain);
    if (!certificate.checkPrivateKey(createPrivateKey(privateKey))) throw new Error('it has another key');
    if (certificate.checkHost(host) === undefined) throw new Error('it is for another host');
    return factsIn(certificate);
  } catch (cause) {
    const why = messageOf(cause);
    throw new FleetError('EPROTOCOL', `not a certificate for ${host}: ${why}`, { cause });
  }
}
