import type { TokenInfo } from '../../protocol/answers.ts';
import { doerOf, type Principal } from '../access/principal.ts';
import { networkOf } from '../access/throttle.ts';
import type { CountedDeeds } from './counted-deeds.ts';

/** Returns what adds requests that were not let in to the audit trail. */
export function noting(deeds: CountedDeeds) {
  return {
    wrongSecret: (address: string): void =>
      deeds.add({ call: 'login', who: 'unknown', address, result: 'wrong secret' }, networkOf(address)),
    forbidden: (who: Principal, url: string, result: string): void =>
      deeds.add({ call: callOf(url), ...doerOf(who), result }),
    invited: (by: TokenInfo, key: string, address: string): void =>
      deeds.add({ call: 'invitation', ...doerOf({ ...by, address }), key, result: 'ok' }, key),
  };
}

function callOf(url: string): string {
  if (url.includes('git-receive-pack')) return 'push';
  return url.includes('git-upload-pack') ? 'fetch' : 'join';
}
