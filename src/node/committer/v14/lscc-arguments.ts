// SPDX-License-Identifier: Apache-2.0
// What a transaction asked `lscc` to do. Clients send whole chaincode packages along; only what they are called is looked at.
import { protos } from '../../../common/protos/index.ts';
import type { ParsedTx } from '../../../ledger/blkstorage/index.ts';

const { Type } = protos.ChaincodeSpec;

export interface LsccArguments {
  readonly fn: string;
  readonly args: readonly Uint8Array[];
}

/** Throws, or gives undefined, when the transaction holds no invocation of a chaincode. */
export function lsccArgumentsOf({ payload }: Pick<ParsedTx, 'payload'>): LsccArguments | undefined {
  const [action] = protos.Transaction.decode(payload.data).actions;
  const { chaincode_proposal_payload } = protos.ChaincodeActionPayload.decode(
    action?.payload ?? new Uint8Array(),
  );
  const { input } = protos.ChaincodeProposalPayload.decode(chaincode_proposal_payload);
  const { chaincode_spec } = protos.ChaincodeInvocationSpec.decode(input);
  const [fn, ...args] = chaincode_spec?.input?.args ?? [];
  return fn && { fn: new TextDecoder().decode(fn), args };
}

/**
 * The name of the chaincode that the transaction upgrades, if it does (getTxCCInstance in
 * core/committer/txvalidator/v14/validator.go): as there, only of chaincodes in Go.
 */
export function upgradedChaincode(tx: Pick<ParsedTx, 'payload'>): string | undefined {
  try {
    const asked = lsccArgumentsOf(tx);
    const deployment = asked?.fn === 'upgrade' ? asked.args[1] : undefined;
    if (!deployment) return undefined;
    const { chaincode_spec } = protos.ChaincodeDeploymentSpec.decode(deployment);
    if (chaincode_spec?.type !== Type.GOLANG) return undefined;
    return chaincode_spec.chaincode_id?.name;
  } catch {
    return undefined;
  }
}
