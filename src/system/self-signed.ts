import { generateKeyPairSync, randomBytes } from 'node:crypto';
// One part of node-forge is enough, and keeps the bundle small.
import forge from 'node-forge';

const YEARS = 20;

/**
 * A new key and a certificate that it signs itself, as PEM. Peers pin the key, so that names and dates in the
 * certificate do not matter to them.
 */
export function selfSigned(): { cert: string; key: string } {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 3072,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  certificate.serialNumber = `00${randomBytes(16).toString('hex')}`;
  // A day's slack, for peers whose clock is behind.
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + YEARS * 365 * 86_400_000);
  const name = [{ name: 'commonName', value: 'fleet hub' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: pair.privateKey };
}
