import type { ConnectOptions } from '../../client/types.ts';
import type { AuthorityOptions } from '../../proxy/acme/authority.ts';
import type { AcmeOptions, ProxyOptions } from '../../proxy/options.ts';
import type { Command } from '../command.ts';
import { say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, SERVICE_OPTIONS, SERVICE_VERBS } from '../options.ts';
import { authorityOptions, proxyOptions } from '../proxy-options.ts';
import type { Target } from '../target.ts';

const CHECKOUT_HINT = 'say which hub it is for, as in fleet proxy --remote=default';

export const proxyCommand: Command = {
  name: 'proxy',
  summary: 'Bring HTTP requests to the instances that are ready.',
  synopsis: [
    '[--listen=ADDRESS] [--tls[=ADDRESS] --cert=FILE --key=FILE | --acme=EMAIL] [--trust-proxy=NETWORK]... [--access-log=FILE] [+REMOTE]',
    'install [--user] [--print] [OPTION]...',
    'uninstall [--user]',
  ],
  operands: 'none',
  verbs: SERVICE_VERBS,
  options: [
    {
      name: 'listen',
      value: 'ADDRESS',
      help: 'Where it listens: `:8080`, or `127.0.0.1:8080` for one address. The default is `:80`; port 0 takes a free one.',
    },
    {
      name: 'tls',
      value: 'ADDRESS',
      otherwise: ':443',
      help: 'Listens with TLS, too. The default is `:443`. Needs `--cert` and `--key`, or `--acme`.',
    },
    {
      name: 'cert',
      value: 'FILE',
      repeat: true,
      help: 'A certificate with its chain (PEM). With more than one, that which has the host is taken, else the first.',
      completes: 'file',
    },
    {
      name: 'key',
      value: 'FILE',
      repeat: true,
      help: 'The key of a certificate (PEM): the first `--key` is that of the first `--cert`.',
      completes: 'file',
    },
    {
      name: 'acme',
      value: 'EMAIL',
      help: 'Orders a certificate for each host, and renews it, with this address for the authority. You agree to its terms of service by this. Listens with TLS at `:443`, unless `--tls` says otherwise.',
    },
    {
      name: 'acme-directory',
      value: 'URL',
      help: "The authority that issues the certificates: the URL of its ACME directory. The default is that of Let's Encrypt.",
    },
    {
      name: 'acme-ca',
      value: 'FILE',
      help: 'What the server of that authority is trusted by (PEM), instead of what the system trusts.',
      completes: 'file',
    },
    {
      name: 'trust-proxy',
      value: 'NETWORK',
      repeat: true,
      help: 'Other proxies, through which clients come: an address, or a network such as `10.0.0.0/8`. Only what these say in `X-Forwarded-*` is passed on. May be given more than once.',
    },
    {
      name: 'answer-within',
      value: 'TIME',
      help: 'How long an instance may take to begin its answer, while nothing is sent to it either. The default is `60s`.',
    },
    {
      name: 'max-body',
      value: 'SIZE',
      help: 'The largest body of a request that instances get, as in `64M`. A larger one is refused (413). There is no limit by default.',
    },
    {
      name: 'access-log',
      value: 'FILE',
      help: 'Adds a line of JSON for each request to a file, or prints it if this is `-`. `error` says why an instance did not answer. SIGHUP has the file opened again.',
      completes: 'file',
    },
    ...SERVICE_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    "Takes HTTP requests, and sends each to an instance that is ready: of the service which has its host and path as `host` in `fleet.toml`. The host itself goes before a wildcard, and a longer path before a shorter one. `*.example.com` stands for all names below `example.com`. Of a service's instances, the one with the fewest requests under way gets the next. While instances of two releases are ready, as with a canary, each release has its share of the requests by the number of its instances.",
    'It follows the hub, and knows within a second what is ready. An instance that leaves gets no new requests; it is stopped when those that are under way, websockets too, are answered; those that are not are cut after `drain` of `fleet.toml`. The connection of a client stays open meanwhile, and its next request goes to another instance.',
    'A request that could not be sent, because the instance takes no connection, goes to another instance. So does a GET, HEAD or OPTIONS without a body that an instance has not begun to answer, once. Who asks for a host that no service has gets status 404; 503 if the service has no instance that is ready, 502 if none could be reached or one broke off, 504 if one does not begin to answer in time. Early hints, and other informational answers, pass through, and so do the trailers of an answer; those of a request do not. A client that waits for `100 Continue` gets it when an instance takes the request.',
    'A client has 20 seconds for the headers of a request (408), of which 16 kB are read (431), and may be silent for as long as an instance may in a body; its connection is kept for 75 seconds after an answer. The headers of an answer may have 64 kB.',
    'It keeps what it knows in `endpoints.json` of the directory that it starts in, and acts by that if it starts while the hub is away. Any number of proxies may run, on any machine; each takes a secret that has the right `proxy`, and needs no other. Instances must be reachable from there: see `--address` in fleet-drone(1).',
    'Instances get `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, and of these, `Forwarded` and `X-Real-IP` nothing that a client has said.',
    'With `--tls`, a request that comes without TLS, also for a websocket, is redirected (308) if a certificate is for its host. Certificates are read again on SIGHUP, and within 10 seconds when a file was replaced; if that fails, those from before stay in use.',
    "With `--acme`, every host of a service gets a certificate from Let's Encrypt, or the authority of `--acme-directory`, unless it has a `*` or a `--cert` is for it. The authority asks for a challenge at port 80 of the host (HTTP-01), so that the name in DNS must lead to a proxy which listens there. Before it is asked for anything, the proxy asks for a challenge of its own in the same way, at each address of the host; a name that leads elsewhere costs nothing, and is tried again after 30 seconds, then ever more seldom. An authority that refuses is asked again after 15 minutes at the earliest. A certificate is renewed after two thirds of its life.",
    'Any number of proxies may have `--acme`. The hub has one of them order at a time, and all answer the challenge, those without `--acme` too. The hub keeps certificates, their keys and that of the account, encrypted; each proxy has a copy in `certificates.json` (0600), and serves with it while the hub is away.',
    'It keeps certificates with their keys in its directory. Other users must not be able to write there, nor replace it: see fleet-hub(1).',
    "`install` makes it a systemd service, which starts at every boot in the current directory, with the options that are given. It runs as the directory's owner, and may listen below 1024 without being root. systemd confines it as it does a hub, to half of the machine's memory; see fleet-hub(1). The secret goes into a file that only that user can read. `uninstall` removes the service.",
    'On SIGTERM or Ctrl-C it takes no new connections, and ends when requests under way are answered, after 10 seconds at the latest.',
  ],
  examples: [
    [
      'A proxy on port 80, with a token for nothing else:',
      'fleet token create edge --can=proxy > edge.token\nfleet proxy --hub=hub.example.com:7000 --secret-file=edge.token',
    ],
    [
      'With TLS:',
      'fleet proxy --tls --cert=fullchain.pem --key=privkey.pem --hub=hub.example.com:7000 --secret-file=edge.token',
    ],
    [
      'With certificates that are ordered:',
      'fleet proxy --acme=ops@example.com --hub=hub.example.com:7000 --secret-file=edge.token',
    ],
    [
      'Behind a balancer, with a log:',
      'fleet proxy --listen=:8080 --trust-proxy=10.0.0.0/8 --access-log=- --hub=hub.example.com:7000 --secret-file=edge.token',
    ],
  ],
  exitStatus: [
    ['0', 'It was asked to end.'],
    ['1', 'It cannot listen, or the hub refuses it and it knows of no instance. Standard error says why.'],
    ['2', 'The command line is wrong, or no hub was given.'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-endpoints(1)', 'fleet-drone(1)', 'fleet-token(1)', 'fleet.toml(5)'],
  async run(args, io) {
    if (args.verb === 'uninstall') {
      const { uninstall } = await import('../service.ts');
      await uninstall('proxy', args, io);
      return 0;
    }
    const { resolveDaemonTarget } = await import('../target.ts');
    const target = await resolveDaemonTarget(args, io, CHECKOUT_HINT);
    const options = proxyOptions(args, io);
    const authority = authorityOptions(args, io);
    if (args.verb === 'install') {
      const { installFor } = await import('../service.ts');
      await installFor('proxy', target, args, io);
      return 0;
    }
    const [{ becomeDaemon, ENDING, untilSignal }, { followHub }, { createProxy }, { AccessLog }] =
      await Promise.all([
        import('../daemon.ts'),
        import('../../client/follow-endpoints.ts'),
        import('../../proxy/proxy.ts'),
        import('../access-log.ts'),
      ]);
    becomeDaemon('proxy', args, io);
    const log = AccessLog.of(args.text('access-log'), io);
    const follow: ProxyOptions['follow'] = (how) => followHub(hubOf(target), how);
    const access = log ? (entry: object) => log.write(entry) : undefined;
    const acme = authority ? await acmeOptions(authority, hubOf(target)) : undefined;
    const proxy = await createProxy({ ...options, follow, access, acme });
    io.onSignal('SIGHUP', () => {
      log?.reopen();
      proxy.reload();
    });
    say(io, `proxy listening on :${proxy.port}`);
    if (proxy.tlsPort !== null) say(io, `proxy listening on :${proxy.tlsPort} with TLS`);
    const signals = ENDING.filter((signal) => signal !== 'SIGHUP');
    try {
      await Promise.race([untilSignal(signals, io), proxy.ended]);
    } finally {
      await proxy.close();
      log?.close();
    }
    return 0;
  },
};

const hubOf = ({ hub, secret, ca, fingerprint, timeout }: Target) => ({
  hub,
  secret,
  ca,
  fingerprint,
  timeout,
});

/** Loads what orders certificates, which is large. */
async function acmeOptions(authority: AuthorityOptions, hub: ConnectOptions): Promise<AcmeOptions> {
  const [{ acmeAuthority }, { certificateHub }, { PUBLIC_WAY }] = await Promise.all([
    import('../../proxy/acme/authority.ts'),
    import('../../client/certificate-hub.ts'),
    import('../../proxy/acme/arrival.ts'),
  ]);
  return { authority: acmeAuthority(authority), hub: certificateHub(hub), way: PUBLIC_WAY };
}
