// SPDX-License-Identifier: Apache-2.0
// What functions a chaincode offers: the answer of fabric-contract-api's system contract, asked locally and without a
// transaction.

import { protos } from '../../common/protos/index.ts';
import { NONCE_BYTES } from '../../common/protoutil/index.ts';
import { createChaincodeProposal } from '../../common/protoutil/proputils.ts';
import { EMPTY_BYTES, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import type { ChaincodeSupport } from '../chaincode/chaincode-support.ts';

/** A function of a contract. */
export interface ContractFunction {
  /** With the contract's name before it, `Contract:fn`, unless it is the default contract's. */
  readonly name: string;
  readonly params: readonly string[];
  /** False when the contract says that it only reads. */
  readonly submit: boolean;
}

export interface DescribeComponents {
  readonly chaincodes: Pick<ChaincodeSupport, 'execute'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

const GET_METADATA = 'org.hyperledger.fabric:GetMetadata';
const MAX_FUNCTIONS = 1_000;

/**
 * The functions of a chaincode, in its own order. Starts it if need be. Rejects with FabricError when it cannot run, or has no
 * metadata because it is written on the stub alone.
 *
 * @param creator serialized identity on whose behalf the chaincode is asked; the shim wants an X.509 certificate in it.
 */
export async function describeContract(
  { chaincodes, clock, random }: DescribeComponents,
  channel: { readonly name: string; readonly ledger: PeerLedger },
  chaincode: string,
  creator: Uint8Array,
): Promise<ContractFunction[]> {
  const input = { args: [utf8(GET_METADATA)] };
  const spec = { chaincode_spec: { chaincode_id: { name: chaincode }, input } };
  const { proposal, txId } = createChaincodeProposal(
    { channelId: channel.name, spec, creator },
    { now: clock.now(), nonce: random(NONCE_BYTES) },
  );
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  const signedProposal = { proposal_bytes, signature: EMPTY_BYTES };
  const simulator = channel.ledger.newTxSimulator(txId);
  try {
    const params = {
      channelId: channel.name,
      txId,
      signedProposal,
      simulator,
      history: channel.ledger,
    };
    const { response } = await chaincodes.execute(params, chaincode, input);
    if (response.status !== 200) throw new FabricError('NO_METADATA', response.message);
    return parseMetadata(fromUtf8(response.payload));
  } finally {
    simulator.done();
  }
}

/** Reads contract metadata, which is a stranger's JSON. Throws FabricError NO_METADATA. */
export function parseMetadata(text: string): ContractFunction[] {
  let contracts: [string, unknown][];
  try {
    contracts = Object.entries(Object(JSON.parse(text).contracts));
  } catch (cause) {
    throw new FabricError('NO_METADATA', `contract metadata is malformed: ${messageOf(cause)}`, {
      cause,
    });
  }
  const own = contracts.filter(([name]) => name !== 'org.hyperledger.fabric');
  const main = own.find(([, contract]) => Object(contract).default === true) ?? own[0];
  return own
    .flatMap(([name, contract]) => {
      const transactions: unknown = Object(contract).transactions;
      const prefix = name === main?.[0] ? '' : `${name}:`;
      return Array.isArray(transactions) ? transactions.map((one) => functionOf(prefix, one)) : [];
    })
    .slice(0, MAX_FUNCTIONS);
}

function functionOf(prefix: string, transaction: unknown): ContractFunction {
  const { name, parameters, tag, tags } = Object(transaction);
  const marks: unknown[] = [tag, tags].flat().filter((mark) => typeof mark === 'string');
  const params: unknown[] = Array.isArray(parameters) ? parameters : [];
  return {
    name: prefix + String(name),
    params: params.map((param, i) => String(Object(param).name ?? `arg${i}`)),
    submit: marks.length === 0 || marks.some((mark) => /^submit/i.test(String(mark))),
  };
}
