// SPDX-License-Identifier: Apache-2.0
// Runs in a worker of a page: signatures and nothing else.
import * as Comlink from 'comlink';
import { defaultBCCSP } from '../../src/common/crypto/index.ts';
import { verifyRate } from './verify-loop.ts';

/** What a page is served for it: bytes as base64. */
export type SampleFile = readonly { certificate: string; message: string; signature: string }[];

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

Comlink.expose({
  verifyRate: async (url: string, ms: number): Promise<number> => {
    const file: SampleFile = await (await fetch(url)).json();
    const sample = file.map(({ certificate, message, signature }) => ({
      certificate,
      message: bytesOf(message),
      signature: bytesOf(signature),
    }));
    return verifyRate(defaultBCCSP(), sample, ms);
  },
});
