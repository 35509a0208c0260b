/** Those that keep what was recorded secret although a key is lost later, and authenticate what they encrypt. */
const SUITES = [
  ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
];

/** The options of every server with TLS, and of every context that it uses: what Node alone would also accept is left out. */
export const MODERN_TLS = { minVersion: 'TLSv1.2', ciphers: SUITES.join(':') } as const;
