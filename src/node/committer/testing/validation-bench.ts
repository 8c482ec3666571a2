// SPDX-License-Identifier: Apache-2.0
// Crafted transactions, and the codes that both halves of validation give to a block of them.
import { collectionOf } from '../../testing/collections.ts';
import { policiesOf } from '../../testing/deployed.ts';
import type { TestChannel } from '../../testing/test-channel.ts';
import { validateBlock } from '../block-validator.ts';
import { codeName, type TxVerdict, verifySignatures } from '../index.ts';
import { blockOf, type Crafted, craft } from './crafted.ts';
import { MemoryValidationLedger } from './memory-validation-ledger.ts';

const once = { version: '1.0', sequence: 1 };

const DEFINITIONS = [
  { ...once, name: 'basic', endorsementPolicy: "OR('Org1MSP.peer')" },
  {
    ...once,
    name: 'both',
    endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')",
    collections: [
      collectionOf('asChaincode'),
      collectionOf('own', { endorsementPolicy: "OR('Org1MSP.peer')" }),
    ],
  },
];

export interface ValidationBench {
  /** Writes key `k` of `basic`, endorsed by a peer of Org1, unless said otherwise. */
  transaction(options?: Partial<Crafted>): Promise<Uint8Array>;
  verdictsOf(envelopes: readonly Uint8Array[]): Promise<TxVerdict[]>;
  /** Names of the codes of a block of these. */
  codesOf(envelopes: readonly Uint8Array[], ledger?: MemoryValidationLedger): Promise<string[]>;
  /** Name of the code of such a transaction, alone in its block. */
  codeOf(options: Partial<Crafted>, ledger?: MemoryValidationLedger): Promise<string>;
}

export function validationBench(channel: TestChannel): ValidationBench {
  const { bundle, client } = channel;
  const policies = policiesOf(DEFINITIONS, bundle);
  const endorsers = [channel.peers.Org1MSP[0]];
  const writes = { basic: { keys: ['k'] } };
  const bench: ValidationBench = {
    transaction: (options = {}) => craft({ client, endorsers, writes, ...options }),
    verdictsOf: (envelopes) => verifySignatures(blockOf(envelopes), { bundle, policies }),
    async codesOf(envelopes, ledger = new MemoryValidationLedger()) {
      const verdicts = await bench.verdictsOf(envelopes);
      const flags = await validateBlock(blockOf(envelopes), verdicts, bundle, ledger);
      return Array.from(flags, codeName);
    },
    async codeOf(options, ledger) {
      const [code] = await bench.codesOf([await bench.transaction(options)], ledger);
      return code ?? 'none';
    },
  };
  return bench;
}
