import { ZERO } from './push-head.ts';
import { FLUSH, packet } from './side-band.ts';

/** What every git since 2.4 can do that receives a push. */
const CAPABILITIES = 'report-status delete-refs side-band-64k quiet atomic ofs-delta agent=fleet';

/** Returns what `git receive-pack` advertises of a repository without refs (gitprotocol-pack(5)). */
export function emptyAdvertisement(): Buffer {
  const head = [packet('# service=git-receive-pack\n'), FLUSH];
  return Buffer.concat([...head, packet(`${ZERO} capabilities^{}\0${CAPABILITIES}\n`), FLUSH]);
}
