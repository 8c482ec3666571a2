// SPDX-License-Identifier: Apache-2.0
// A block in words: header, metadata and transactions as the page, the console and tests show them.
import { common } from '../../common/protos/index.ts';
import {
  blockHeaderHash,
  blockNumber,
  getLastConfigIndexFromBlock,
  getMetadataFromBlock,
  getTransactionsFilter,
  isConfigBlock,
  unmarshalSignatureHeader,
} from '../../common/protoutil/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import type { BlockView } from '../api/ledger-views.ts';
import { describeIdentity, txViewOf } from './tx-view.ts';

const NOT_VALIDATED = 254;

/** The view of a stored block. Throws ProtoError when the bytes are no block. */
export function blockViewOf(bytes: Uint8Array): BlockView {
  const block = common.Block.decode(bytes);
  const number = blockNumber(block);
  const header = block.header ?? { previous_hash: new Uint8Array(), data_hash: new Uint8Array() };
  const flags = getTransactionsFilter(block);
  const commitHash = getMetadataFromBlock(block, common.BlockMetadataIndex.COMMIT_HASH).value;
  const orderer = ordererOf(block);
  return {
    number,
    hash: toHex(blockHeaderHash(header)),
    previousHash: toHex(header.previous_hash),
    dataHash: toHex(header.data_hash),
    ...(commitHash.length > 0 && { commitHash: toHex(commitHash) }),
    sizeBytes: bytes.length,
    ...(orderer && { orderer }),
    isConfig: isConfigBlock(block),
    lastConfig: number === 0 ? 0 : getLastConfigIndexFromBlock(block),
    transactions: (block.data?.data ?? []).map((envelope, index) =>
      txViewOf(envelope, { block: number, index, code: flags[index] ?? NOT_VALIDATED }),
    ),
  };
}

function ordererOf(block: common.Block): string | undefined {
  try {
    const { signatures } = getMetadataFromBlock(block, common.BlockMetadataIndex.SIGNATURES);
    const [signature] = signatures;
    if (!signature) return undefined;
    return describeIdentity(unmarshalSignatureHeader(signature.signature_header).creator).name;
  } catch {
    return undefined;
  }
}
