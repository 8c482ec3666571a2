// SPDX-License-Identifier: Apache-2.0
// Checks the signatures of whole blocks. Chromium runs WebCrypto on the thread that calls it, so more threads are what
// makes it faster.
import * as Comlink from 'comlink';
import { createBundle } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import {
  decodeBlock,
  definedNamespacePolicies,
  type NamespaceDefinition,
  type SignatureContext,
  type TxVerdict,
  verifySignatures,
} from '../committer/index.ts';
import { committedNamespacePolicies } from '../lifecycle/index.ts';
import { carryErrors } from './worker-errors.ts';

export interface VerifyWorkerApi {
  /** Makes this configuration the one that blocks are checked under. */
  configure(
    channelId: string,
    config: Uint8Array,
    described: readonly ChaincodeDefinition[],
    committed: readonly NamespaceDefinition[],
  ): Promise<void>;
  verify(block: Uint8Array): Promise<TxVerdict[]>;
}

let context: SignatureContext | undefined;

const api: VerifyWorkerApi = {
  configure: async (channelId, config, described, committed) => {
    const bundle: ChannelConfigBundle = await createBundle(channelId, config);
    const base = definedNamespacePolicies(described, bundle);
    context = { bundle, policies: committedNamespacePolicies(committed, base, bundle) };
  },
  verify: async (bytes) => {
    if (!context) throw new Error('the verify worker has no configuration');
    return verifySignatures(decodeBlock(bytes), context);
  },
};

carryErrors();
Comlink.expose(api);
