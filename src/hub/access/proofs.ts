import { createPublicKey, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TokenInfo } from '../../protocol/answers.ts';
import { challengeHeader, type Proof, proofOf, signedPart } from '../../protocol/drone-proof.ts';
import type { Challenges } from './challenges.ts';
import type { DroneKey, DroneKeys } from './drone-keys.ts';
import type { Principal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import type { ServedCertificate } from './served-certificate.ts';
import { sha256, type Tokens } from './tokens.ts';

export interface ProofsParts {
  keys: DroneKeys;
  tokens: Tokens;
  challenges: Challenges;
  /** The certificate that those who connect get. */
  served: Pick<ServedCertificate, 'publicKey'>;
  /** Is told which invitation has let in which key. */
  invited(invitation: TokenInfo, key: string, address: string): void;
}

/** Why a drone is not let in. `isGuess`: it may be somebody who tries until something fits. */
export interface NotProven {
  refusal: Refusal;
  isGuess: boolean;
}

const wrong = (message: string): NotProven => ({ refusal: { status: 401, message }, isGuess: true });
const refused = (status: 401 | 403 | 429, message: string): NotProven => ({
  refusal: { status, message },
  isGuess: false,
});

/** Finds out which drone makes a request, by what it has signed with its key. */
export class Proofs {
  constructor(private readonly parts: ProofsParts) {}

  /**
   * Returns who has signed; undefined if the request shows no proof at all. A key that is not known is let in by an
   * invitation, once. Throws EIO, ELIMIT if the key cannot be stored.
   */
  check({ headers, socket }: IncomingMessage, address: string): Promise<Principal | NotProven> | undefined {
    const proof = proofOf(headers.authorization);
    return proof === undefined ? undefined : this.judge(proof, 'encrypted' in socket, address);
  }

  private async judge(
    proof: Proof | 'broken' | null,
    isEncrypted: boolean,
    address: string,
  ): Promise<Principal | NotProven> {
    if (proof === null) return this.challenge();
    if (proof === 'broken' || !isSigned(proof)) return wrong('wrong proof');
    const { keys, challenges } = this.parts;
    if (!challenges.isFresh(proof.key, proof.nonce))
      return refused(429, 'this proof was used before, or comes too late; try again');
    const known = keys.find(proof.key);
    const elsewhere = this.isElsewhere(proof, isEncrypted, known);
    if (known) challenges.spend(proof.key, proof.nonce);
    if (known && !elsewhere) return this.principal(known, address);
    if (elsewhere && !elsewhere.mayMove) return elsewhere.why;
    if (proof.invitation !== undefined) return this.enrol(proof, proof.invitation, address);
    return elsewhere?.why ?? refused(401, UNKNOWN_KEY);
  }

  private challenge(): NotProven {
    const nonce = this.parts.challenges.next();
    const headers = { 'WWW-Authenticate': challengeHeader(nonce) };
    return {
      refusal: { status: 401, message: 'this hub wants its challenge signed', headers },
      isGuess: false,
    };
  }

  /** Returns why a proof may have been passed on by somebody else; null if it was made for this hub. */
  private isElsewhere(
    { at, tls }: Proof,
    isEncrypted: boolean,
    known: DroneKey | undefined,
  ): { why: NotProven; mayMove: boolean } | null {
    if (isEncrypted) {
      if (tls === this.parts.served.publicKey) return null;
      const why =
        'the drone has met another certificate than the one of this hub: somebody is in between, or a proxy that ends TLS; let that talk to the hub without TLS';
      return { why: refused(403, why), mayMove: false };
    }
    if (!known || known.at === at) return null;
    const why = `this drone has joined at ${known.at}, not at ${at}; dial that, or move it with an invitation: fleet token invite`;
    return { why: refused(403, why), mayMove: true };
  }

  private async enrol(proof: Proof, text: string, address: string): Promise<Principal | NotProven> {
    const { keys, tokens, challenges, invited } = this.parts;
    const hash = sha256(text);
    const invitation = hash.toString('hex');
    const guest = keys.invitedBy(invitation);
    if (guest) return used(guest);
    const token = tokens.find(hash);
    if (!token?.invitation) return wrong(`there is no such invitation; each works once: ${ASK}`);
    if (!tokens.isValid(token)) return refused(401, `this invitation has expired: ${ASK}`);
    challenges.spend(proof.key, proof.nonce);
    const known = await keys.add(proof.key, { only: token.drone ?? null, at: proof.at, invitation });
    if (known.key !== proof.key) return used(known);
    // If this fails, the key says that the invitation was used.
    await tokens.remove(token.name);
    invited(token, known.name, address);
    return this.principal(known, address);
  }

  private principal(known: DroneKey, address: string): Principal {
    const { keys } = this.parts;
    return {
      name: known.name,
      address,
      rights: new Set(['drone']),
      repo: null,
      drone: known.only,
      hasKey: true,
      expires: null,
      isValid: () => keys.isValid(known),
    };
  }
}

const ASK = 'ask for another one, made with fleet token invite';
const UNKNOWN_KEY = `this hub does not know the key of this drone: it was removed, or is of another hub; to join, give --join an invitation, made with fleet token invite`;

function used({ drone, name }: DroneKey): NotProven {
  return refused(401, `this invitation was used by ${drone ?? name}; each works once: ${ASK}`);
}

function isSigned(proof: Proof): boolean {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: proof.key };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return verify(null, signedPart(proof), key, Buffer.from(proof.signature, 'base64url'));
  } catch {
    return false;
  }
}
