import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { MODERN_TLS } from '../system/modern-tls.ts';
import { covers } from './certificate-names.ts';

/** PEM files. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

interface Loaded {
  pem: { cert: Buffer; key: Buffer };
  names: string[];
  context: SecureContext;
}

const DAY_MS = 86_400_000;
/** Whoever renews certificates does it long before. */
const WARN_BEFORE_DAYS = 14;

/** The certificates of a proxy, the first of which is for whoever names no host that another one has. */
export class Certificates {
  private loaded: Loaded[];
  private renewed: () => void = () => {};
  private seen: string;

  /** Throws ECONFIG if a file cannot be used. */
  constructor(
    private readonly files: readonly CertificateFiles[],
    private readonly log: (line: string) => void,
  ) {
    this.seen = stamps(files);
    this.loaded = files.map((one) => this.load(one));
  }

  /** Returns true if one of them is for this host. */
  has(host: string): boolean {
    return this.loaded.some(({ names }) => covers(names, host));
  }

  /** Returns the one for a host; undefined if there is none, and it is that of whoever names no host. */
  contextFor(host: string): SecureContext | undefined {
    return this.loaded.find(({ names }) => covers(names, host))?.context;
  }

  /** Calls `use` with the one for whoever names no host, now and when it was read again. */
  useFirst(use: (pem: { cert: Buffer; key: Buffer }) => void): void {
    this.renewed = () => {
      const [first] = this.loaded;
      if (first) use(first.pem);
    };
    this.renewed();
  }

  /** Reads the files again. If that fails, what there was stays, and a line says why. */
  reload(): void {
    this.seen = stamps(this.files);
    try {
      this.loaded = this.files.map((one) => this.load(one));
      this.renewed();
      this.log('read the certificates again');
    } catch (error) {
      this.log(`${messageOf(error)}; those from before stay in use`);
    }
  }

  /** The same, if a file was replaced since. */
  reloadIfChanged(): void {
    if (stamps(this.files) !== this.seen) this.reload();
  }

  private load({ cert, key }: CertificateFiles): Loaded {
    try {
      const pem = { cert: readFileSync(cert), key: readFileSync(key) };
      const context = createSecureContext({ ...pem, ...MODERN_TLS });
      const parsed = new X509Certificate(pem.cert);
      if (!parsed.checkPrivateKey(createPrivateKey(pem.key)))
        throw new Error('the key belongs to another one');
      const days = Math.floor((new Date(parsed.validTo).getTime() - Date.now()) / DAY_MS);
      if (days < WARN_BEFORE_DAYS)
        this.log(`warning: ${cert} ${days < 0 ? 'has expired' : `expires in ${days} days`}`);
      return { pem, names: namesOf(parsed), context };
    } catch (cause) {
      throw new FleetError('ECONFIG', `${cert} and ${key} cannot be used: ${messageOf(cause)}`, { cause });
    }
  }
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name.toLowerCase());
}

/** Returns what changes when one of the files is replaced. */
function stamps(files: readonly CertificateFiles[]): string {
  const all = files.flatMap(({ cert, key }) => [cert, key]);
  return all
    .map((path) => {
      const { mtimeMs, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
      return `${ino} ${mtimeMs}`;
    })
    .join();
}
