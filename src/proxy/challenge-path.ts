/** Below this, authorities ask for the answers to their challenges (RFC 8555, 8.3). */
export const CHALLENGE_PATH = '/.well-known/acme-challenge/';
