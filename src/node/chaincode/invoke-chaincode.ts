// SPDX-License-Identifier: Apache-2.0
// A chaincode that calls another (HandleInvokeChaincode of Fabric's core/chaincode/handler.go). On the same channel both
// write through one simulator, each in its own namespace; on another channel the callee may only read: its writes are dropped. System
// chaincodes check access themselves.
import { protos } from '../../common/protos/index.ts';
import { proposalAsSignedData } from '../../common/protoutil/index.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import type { AclProvider } from '../aclmgmt/index.ts';
import type { SystemChaincodes } from '../scc/index.ts';
import type { RequestHandler } from './state-requests.ts';
import type { InvocationParams, TransactionParams } from './transaction-context.ts';

export interface InvokeChaincodeComponents {
  /** The ledger of a channel that this peer has joined. */
  readonly ledgers: (channelId: string) => PeerLedger | undefined;
  readonly acl: Pick<AclProvider, 'checkAcl'>;
  readonly systemChaincodes: Pick<SystemChaincodes, 'isSystemChaincode'>;
  /** Runs the callee, for the message that it ends with. */
  readonly invoke: (
    params: InvocationParams,
    chaincode: string,
    input: protos.IChaincodeInput,
  ) => Promise<protos.ChaincodeMessage>;
}

/** Serves INVOKE_CHAINCODE. */
export function invokeChaincodeRequest({
  ledgers,
  acl,
  systemChaincodes,
  invoke,
}: InvokeChaincodeComponents): RequestHandler {
  return async ({ params }, payload) => {
    const spec = protos.ChaincodeSpec.decode(payload);
    const { name, channelId } = parseTarget(spec.chaincode_id?.name ?? '', params.channelId);
    if (!systemChaincodes.isSystemChaincode(name)) {
      const signed = proposalAsSignedData(params.signedProposal);
      await acl.checkAcl('peer/ChaincodeToChaincode', channelId, signed);
    }
    const callee =
      channelId === params.channelId ? params : otherChannel(params, channelId, ledgers);
    try {
      const message = await invoke(callee, name, spec.input ?? {});
      return protos.ChaincodeMessage.encode(message).finish();
    } catch (cause) {
      throw new FabricError('EXECUTE_FAILED', `execute failed: ${messageOf(cause)}`, { cause });
    } finally {
      if (callee !== params) callee.simulator.done();
    }
  };
}

// `name`, `name:version`, `name/channel` or `name:version/channel`.
function parseTarget(target: string, channelId: string): { name: string; channelId: string } {
  const [path = '', channel = ''] = target.split('/', 2);
  const [name = ''] = path.split(':', 1);
  return { name, channelId: channel === '' ? channelId : channel };
}

function otherChannel(
  params: TransactionParams,
  channelId: string,
  ledgers: InvokeChaincodeComponents['ledgers'],
): TransactionParams {
  const ledger = ledgers(channelId);
  if (!ledger) {
    throw new FabricError('CHANNEL_NOT_FOUND', `failed to find ledger for channel: ${channelId}`);
  }
  return { ...params, channelId, simulator: ledger.newTxSimulator(params.txId), history: ledger };
}
