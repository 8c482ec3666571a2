// SPDX-License-Identifier: Apache-2.0
// NobleBCCSP without its curves until something is asked of it: where there is WebCrypto, a page and its workers never load them.
import type { EcdsaPublicKey, KeyPair, PrivateKeyHandle, PublicKey } from './keys.ts';
import type { NobleBCCSP } from './noble-bccsp.ts';
import type { BCCSP, VerifyOptions } from './types.ts';

type NobleModule = typeof import('./noble-bccsp.ts');

/** The module with curves in plain JavaScript. */
export function loadNoble(): Promise<NobleModule> {
  return import('./noble-bccsp.ts');
}

export class NobleOnDemand implements BCCSP {
  readonly kind = 'noble';
  #loading: Promise<NobleBCCSP> | undefined;

  async sha256(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#noble()).sha256(data);
  }

  async generateKey(): Promise<KeyPair> {
    return (await this.#noble()).generateKey();
  }

  async importKey(pkcs8: Uint8Array): Promise<KeyPair> {
    return (await this.#noble()).importKey(pkcs8);
  }

  async exportKey(key: KeyPair): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#noble()).exportKey(key);
  }

  async sign(key: PrivateKeyHandle, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#noble()).sign(key, message);
  }

  async checkKey(key: EcdsaPublicKey): Promise<void> {
    return (await this.#noble()).checkKey(key);
  }

  async verify(
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
    options?: VerifyOptions,
  ): Promise<boolean> {
    return (await this.#noble()).verify(key, message, signature, options);
  }

  // Whoever asks next tries again: a page may have been without its server for a moment.
  #noble(): Promise<NobleBCCSP> {
    this.#loading ??= loadNoble().then(
      (module) => new module.NobleBCCSP(),
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}
