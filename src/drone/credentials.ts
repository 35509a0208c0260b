import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HubTarget } from '../protocol/address.ts';
import type { Welcome } from '../protocol/drone-calls.ts';
import type { Challenge, Proof } from '../protocol/drone-proof.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { readRegularIfThere } from '../system/regular-file.ts';
import { DroneKey } from './key.ts';

/** What is said if another drone with the same key is connected. */
export const COPIED_KEY =
  'one of the two directories is a copy, and only one may have the key; in the copy, give --join an invitation of its own';

/** How a drone shows its hub who it is: by a secret, or by a key of its own, which an invitation lets in. */
export class Credentials {
  private key: DroneKey | null = null;
  private pass: string | undefined;
  private invitation: string | undefined;

  /** Makes a key if there is an invitation and no key. Throws ECONFIG, EIO. */
  constructor(
    private readonly dir: string,
    private readonly options: HubTarget & { join?: string | undefined },
  ) {
    this.invitation = options.join ?? keptInvitation(dir);
    // Whoever gives a secret means that.
    if (this.invitation === undefined && options.secret !== undefined) return;
    this.key = DroneKey.in(dir) ?? (this.invitation === undefined ? null : DroneKey.make(dir));
  }

  /** How to reach the hub. With a key, git shows the pass that the hub has given. */
  get target(): HubTarget {
    return this.key ? { ...this.options, secret: this.pass } : this.options;
  }

  /** Signs what the hub asks for; undefined without a key. */
  get prove(): ((challenge: Challenge) => Proof) | undefined {
    const { key, invitation } = this;
    return key ? (challenge) => key.prove(challenge, invitation) : undefined;
  }

  /** Takes the pass for git. The invitation is of no more use. */
  joined({ pass }: Pick<Welcome, 'pass'>): void {
    this.pass = pass;
    if (this.invitation === undefined) return;
    this.invitation = undefined;
    rmSync(keptIn(this.dir), { force: true });
  }

  /** Gets ready to join as another drone: with a new key, for which it takes an invitation. Returns false without one. */
  renew(): boolean {
    if (!this.key) return true;
    if (this.invitation === undefined) return false;
    this.key = DroneKey.make(this.dir);
    return true;
  }
}

/** Where `fleet drone install` leaves an invitation for the first start. */
export function keptIn(dir: string): string {
  return join(dir, 'invitation');
}

function keptInvitation(dir: string): string | undefined {
  const path = keptIn(dir);
  try {
    return readRegularIfThere(path)?.trim() || undefined;
  } catch (cause) {
    if (cause instanceof FleetError) throw cause;
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
