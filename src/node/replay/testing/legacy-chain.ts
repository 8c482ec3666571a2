// SPDX-License-Identifier: Apache-2.0
// Blocks as orderers and peers of 1.x kept them: the signature is over the header alone, the last configuration stands in a slot of its
// own with a signature of its own, Kafka's offsets in another, and there is no commit hash.
import { sha256 } from '@noble/hashes/sha2.js';
import type { SigningIdentity } from '../../../common/msp/types.ts';
import { common } from '../../../common/protos/index.ts';
import { blockSignatureBytes } from '../../../common/protoutil/index.ts';
import { concat } from '../../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../../common/runtime/clock.ts';
import { parseBlock } from '../../../ledger/blkstorage/index.ts';

const NONE = new Uint8Array();
/** ab.KafkaMetadata: the offset that was persisted last. */
const KAFKA_METADATA = Uint8Array.of(0x08, 0x2a);

export interface LegacyBlock {
  readonly envelopes: readonly Uint8Array[];
  /** What the peer found. */
  readonly codes: readonly number[];
  /** Of 1.0; there was one more slot later. */
  readonly slots?: 3 | 4;
}

/** The chain that begins with this genesis block. Its configuration is the last one. */
export async function legacyChain(
  genesis: Uint8Array,
  orderer: SigningIdentity,
  blocks: readonly LegacyBlock[],
): Promise<Uint8Array[]> {
  const chain = [genesis];
  let previous_hash = parseBlock(genesis).headerHash;
  for (const { envelopes, codes, slots = 4 } of blocks) {
    const data = { data: [...envelopes] };
    const header = { number: chain.length, previous_hash, data_hash: sha256(concat(...envelopes)) };
    const lastConfig = common.LastConfig.encode({ index: 0 }).finish();
    const metadata = [
      await signed(orderer, NONE, header),
      await signed(orderer, lastConfig, header),
      Uint8Array.from(codes),
      common.Metadata.encode({ value: KAFKA_METADATA }).finish(),
    ].slice(0, slots);
    const bytes = common.Block.encode({ header, data, metadata: { metadata } }).finish();
    chain.push(bytes);
    previous_hash = parseBlock(bytes).headerHash;
  }
  return chain;
}

async function signed(
  orderer: SigningIdentity,
  value: Uint8Array,
  header: common.IBlockHeader,
): Promise<Uint8Array> {
  const creator = orderer.serialize();
  const nonce = systemRandomBytes(24);
  const signature_header = common.SignatureHeader.encode({ creator, nonce }).finish();
  const signature = await orderer.sign(blockSignatureBytes(value, signature_header, header));
  const signatures = [{ signature_header, signature }];
  return common.Metadata.encode({ value, signatures }).finish();
}
