// SPDX-License-Identifier: Apache-2.0
// Checks signatures and does nothing else: what the machine could do at most with the cryptography that a peer uses.
import { type BCCSP, type PublicKey, parseCertificatePem } from '../../src/common/crypto/index.ts';

export interface Signed {
  /** PEM. */
  readonly certificate: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const WARM_UP_MS = 500;

/** How many signatures this thread verifies in a second. Throws when one is wrong. */
export async function verifyRate(
  bccsp: BCCSP,
  sample: readonly Signed[],
  ms: number,
): Promise<number> {
  const keys = new Map<string, PublicKey>();
  const keyOf = (pem: string): PublicKey => {
    const key = keys.get(pem) ?? parseCertificatePem(pem).publicKey;
    keys.set(pem, key);
    return key;
  };
  const round = async (): Promise<void> => {
    const checks = sample.map(({ certificate, message, signature }) =>
      bccsp.verify(keyOf(certificate), message, signature),
    );
    if ((await Promise.all(checks)).includes(false)) throw new Error('a signature is wrong');
  };
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) await round();
  const began = performance.now();
  let rounds = 0;
  for (; performance.now() < began + ms; rounds++) await round();
  return (rounds * sample.length * 1000) / (performance.now() - began);
}
