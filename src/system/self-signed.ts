import { generateKeyPairSync, randomBytes } from 'node:crypto';
// Only what a certificate needs from node-forge: the rest would add 130 KB to the package.
import forge from 'node-forge/lib/forge.js';
import 'node-forge/lib/pki.js';
import 'node-forge/lib/sha256.js';
import 'node-forge/lib/x509.js';

const VALID_YEARS = 20;

/**
 * Returns a new key and a self-signed certificate for it, as PEM. Peers pin the key, so names and dates in the
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
  // A day of slack, for peers whose clock is behind.
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + VALID_YEARS * 365 * 86_400_000);
  const name = [{ name: 'commonName', value: 'fleet hub' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: pair.privateKey };
}
