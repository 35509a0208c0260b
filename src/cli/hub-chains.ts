import { ChainCheck, START } from '../hub/audit/chain.ts';
import type { AuditVerdict } from '../protocol/answers.ts';

/** An entry of one of several hubs, as `--json` prints it. */
const OF_HUB = /^\{"hub":"([^"\\]+)",/;

interface Where {
  file: string;
  line: number;
}

/** The chain of a hub, and where the first thing is that is wrong with it. */
interface HubChain {
  check: ChainCheck;
  fault: Where | null;
}

/** Checks lines of the audit trails of several hubs, or of one that is alone, whose name is '' here. */
export class HubChains {
  private readonly chains = new Map<string, HubChain>();
  private last: Where = { file: '', line: 0 };

  /** `expect`: the entry that each must have. */
  constructor(private readonly expect: Readonly<Record<string, AuditVerdict['last']>>) {}

  /** True once something is wrong. */
  get isFaulty(): boolean {
    return [...this.chains.values()].some(({ fault }) => fault !== null);
  }

  add(text: string, where: Where): void {
    this.last = where;
    const chain = this.of(OF_HUB.exec(text)?.[1] ?? '');
    const { check } = chain;
    check.add(text.replace(OF_HUB, '{'));
    if (check.fault !== null) chain.fault ??= { ...where, line: where.line - check.lines + check.fault.line };
  }

  /** Returns what was found, by the name of the hub. */
  end(): Record<string, AuditVerdict> {
    if (this.chains.size === 0) this.of('');
    const { file, line } = this.last;
    const verdicts = [...this.chains].map(([hub, { check, fault: where }]): [string, AuditVerdict] => {
      const { entries, unchained, last } = check;
      const fault = check.end(null);
      const at = where ?? { file, line: line + 1 };
      return [hub, { entries, unchained, last: last ?? START, fault: fault && { ...fault, ...at } }];
    });
    return Object.fromEntries(verdicts);
  }

  private of(hub: string): HubChain {
    const chain = this.chains.get(hub) ?? {
      check: new ChainCheck(null, this.expect[hub] ?? null),
      fault: null,
    };
    this.chains.set(hub, chain);
    return chain;
  }
}
