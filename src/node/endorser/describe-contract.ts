// SPDX-License-Identifier: Apache-2.0
// What functions a chaincode offers: the answer of fabric-contract-api's system contract, asked locally and without a
// transaction.

import { protos } from '../../common/protos/index.ts';
import { NONCE_BYTES } from '../../common/protoutil/index.ts';
import { createChaincodeProposal } from '../../common/protoutil/proputils.ts';
import { EMPTY_BYTES, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
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
  readonly chaincodes: Pick<ChaincodeSupport, 'launch' | 'ask'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

const GET_METADATA = 'org.hyperledger.fabric:GetMetadata';
const MAX_FUNCTIONS = 1_000;

/**
 * The functions of a program, in its own order; undefined when it tells none, as chaincode on the stub alone does. Starts it if need be,
 * and rejects with FabricError when it cannot run.
 *
 * @param creator serialized identity on whose behalf the chaincode is asked; the shim wants an X.509 certificate in it.
 */
export async function describeContract(
  { chaincodes, clock, random }: DescribeComponents,
  channel: { readonly name: string; readonly ledger: PeerLedger },
  { name, ccid }: { readonly name: string; readonly ccid: string },
  creator: Uint8Array,
): Promise<readonly ContractFunction[] | undefined> {
  const input = { args: [utf8(GET_METADATA)] };
  const spec = { chaincode_spec: { chaincode_id: { name }, input } };
  const { proposal, txId } = createChaincodeProposal(
    { channelId: channel.name, spec, creator },
    { now: clock.now(), nonce: random(NONCE_BYTES) },
  );
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  const signedProposal = { proposal_bytes, signature: EMPTY_BYTES };
  const { ledger } = channel;
  const simulator = ledger.newTxSimulator(txId);
  try {
    await chaincodes.launch(ccid);
    const params = { channelId: channel.name, txId, signedProposal, simulator, history: ledger };
    const answered = await chaincodes.ask(ccid, params, name, input).catch(() => undefined);
    return answered?.status === 200 ? parseMetadata(fromUtf8(answered.payload)) : undefined;
  } finally {
    simulator.done();
  }
}

/** Reads contract metadata, which is a stranger's JSON; undefined when it is none. */
export function parseMetadata(text: string): readonly ContractFunction[] | undefined {
  let contracts: [string, unknown][];
  try {
    contracts = Object.entries(Object(JSON.parse(text).contracts));
  } catch {
    return undefined;
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
