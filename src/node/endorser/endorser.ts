// SPDX-License-Identifier: Apache-2.0
// Answers proposals (Fabric's core/endorser/endorser.go). In order:
//
//   unpack -> channel -> certificate expired? -> time window -> headers -> creator -> signature    else gRPC error
//   -> on a channel: transaction id unused -> ACL peer/Propose, unless a system chaincode is called  else gRPC error
//   -> definition -> simulate                                                                       else response 500
//   -> status >= 500: response and payload; without a channel, or 400-499: response; all unsigned
//   -> private writes to the transient store, and to whom their collections ask for              else response 500
//   -> sign
//
// A proposal without a channel is for system chaincodes; its creator is checked by the peer's own MSP. Fabric looks at the
// certificate's expiry and the time window before it knows the channel; here the certificate is parsed by the channel's MSPs, so the
// channel comes first. The order shows only to who breaks two rules at once. Fabric keeps the private data of failed transactions
// too, which nobody can ever submit.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { MSPManager, SigningIdentity } from '../../common/msp/types.ts';
import { protos, type transientstore } from '../../common/protos/index.ts';
import { getBytesProposalResponsePayload } from '../../common/protoutil/proputils.ts';
import { proposalAsSignedData } from '../../common/protoutil/signeddata.ts';
import { concat, EMPTY_BYTES, toHex } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import {
  GrpcStatus,
  ServiceError,
  type ServiceTable,
  unaryHandler,
} from '../../common/wire/service.ts';
import type { PeerLedger, SimulationResults, TxSimulator } from '../../ledger/types.ts';
import type { AclProvider, LocalMSP } from '../aclmgmt/index.ts';
import type { ChaincodeSupport, ExecutionResult } from '../chaincode/chaincode-support.ts';
import type { Lifecycle } from '../lifecycle/endorsement-info.ts';
import type { SystemChaincodes } from '../scc/index.ts';
import { chaincodeInterest } from './chaincode-interest.ts';
import { assemblePvtRWSet, type CollectionConfigs } from './pvt-rwset-assembler.ts';
import {
  checkCreator,
  checkExpiration,
  checkHeaders,
  checkTimeWindow,
  type UnpackedProposal,
  unpackProposal,
} from './unpacked-proposal.ts';

export const PROCESS_PROPOSAL = '/protos.Endorser/ProcessProposal';

// Values of Fabric's shim: below the threshold a response is endorsed.
const ERROR_THRESHOLD = 400;
const ERROR = 500;

/** What becomes of private data. */
export interface PrivateDataDistributor {
  /** Resolves when enough peers have the data, and this one's transient store. */
  distributePrivateData(
    txId: string,
    data: transientstore.ITxPvtReadWriteSetWithConfigInfo,
    blockHeight: number,
  ): Promise<void>;
}

/** A channel that the peer has joined. */
export interface EndorserChannel {
  readonly ledger: PeerLedger;
  readonly bundle: ChannelConfigBundle;
  readonly collections: CollectionConfigs;
  /** Without it, private writes cannot be endorsed. */
  readonly distributor: PrivateDataDistributor | undefined;
}

export interface EndorserComponents {
  /** Name of the peer, for traces. */
  readonly name: string;
  readonly identity: SigningIdentity;
  readonly channels: (channelId: string) => EndorserChannel | undefined;
  /** Judges proposals without a channel. */
  readonly localMsp: () => LocalMSP | undefined;
  readonly acl: Pick<AclProvider, 'checkAcl'>;
  readonly lifecycle: Lifecycle;
  readonly systemChaincodes: Pick<SystemChaincodes, 'get'>;
  readonly chaincodes: Pick<ChaincodeSupport, 'execute'>;
  readonly clock: Clock;
  readonly trace: TraceBus;
  readonly log: Logger;
}

/** What a simulation gave; no results when it took no simulator. */
interface Simulated extends ExecutionResult {
  readonly results?: SimulationResults;
}

/** Simulates proposals and signs what comes out. */
export class Endorser {
  readonly #components: EndorserComponents;
  /** `/protos.Endorser/ProcessProposal`. */
  readonly services: ServiceTable;

  constructor(components: EndorserComponents) {
    this.#components = components;
    const handler = unaryHandler((request) => this.processProposal(request));
    this.services = new Map([[PROCESS_PROPOSAL, handler]]);
  }

  /**
   * Serialized SignedProposal in, serialized ProposalResponse out. Throws ServiceError UNKNOWN, as a Go peer's gRPC error, for a
   * proposal that is refused before anything runs.
   */
  async processProposal(request: Uint8Array): Promise<Uint8Array> {
    const started = this.#components.clock.now();
    let proposal: UnpackedProposal;
    let channel: EndorserChannel | undefined;
    try {
      proposal = unpackProposal(request);
      const { channelId } = proposal;
      channel = channelId === '' ? undefined : this.#components.channels(channelId);
      if (channelId !== '' && !channel) return encodeFailure(`channel '${channelId}' not found`);
      await this.#preProcess(proposal, channel);
    } catch (cause) {
      this.#components.log.warn(`proposal refused: ${messageOf(cause)}`);
      throw new ServiceError(GrpcStatus.UNKNOWN, messageOf(cause), { cause });
    }
    const response = await this.#endorse(proposal, channel);
    this.#tell(proposal, response, started);
    return protos.ProposalResponse.encode(response).finish();
  }

  #tell(
    { channelId, txId, chaincodeName }: UnpackedProposal,
    { response }: protos.IProposalResponse,
    started: number,
  ): void {
    const { clock, trace, name } = this.#components;
    const at = clock.now();
    trace.emit({
      at,
      peer: name,
      stage: 'endorse',
      ...(channelId !== '' && { channel: channelId }),
      txId,
      ms: at - started,
      data: { chaincode: chaincodeName, status: response?.status },
    });
  }

  async #preProcess(
    proposal: UnpackedProposal,
    channel: EndorserChannel | undefined,
  ): Promise<void> {
    // After a reset. Fabric refuses on every channel until all have their heights again; here each channel is for itself.
    if (channel?.ledger.preResetHeight !== undefined) {
      const text = 'endorse requests are blocked while ledgers are being rebuilt';
      throw new FabricError('LEDGER_REBUILDING', text);
    }
    const { clock, localMsp } = this.#components;
    await checkProposal(proposal, channel?.bundle.mspManager ?? localMsp() ?? NO_MSP, clock.now());
    if (channel) await this.#checkOnChannel(proposal, channel);
  }

  async #checkOnChannel(proposal: UnpackedProposal, { ledger }: EndorserChannel): Promise<void> {
    const { txId, channelId, chaincodeName, signatureHeader, signedProposal } = proposal;
    if (await ledger.txIDExists(txId)) {
      const creator = toHex(signatureHeader.creator);
      const text = `duplicate transaction found [${txId}]. Creator [${creator}]`;
      throw new FabricError('DUPLICATE_TXID', text);
    }
    if (this.#components.systemChaincodes.get(chaincodeName)) return;
    const signed = proposalAsSignedData(signedProposal);
    await this.#components.acl.checkAcl('peer/Propose', channelId, signed);
  }

  async #endorse(
    proposal: UnpackedProposal,
    channel: EndorserChannel | undefined,
  ): Promise<protos.IProposalResponse> {
    const { channelId, txId, chaincodeName } = proposal;
    const { lifecycle, systemChaincodes, log } = this.#components;
    const simulates = systemChaincodes.get(chaincodeName)?.simulates ?? true;
    const simulator = simulates ? channel?.ledger.newTxSimulator(txId) : undefined;
    try {
      const { version } = await lifecycle
        .chaincodeEndorsementInfo(channelId, chaincodeName, simulator)
        .catch((cause) => {
          const text = `make sure the chaincode ${chaincodeName} has been successfully defined on channel ${channelId} and try again: ${messageOf(cause)}`;
          throw new FabricError('CHAINCODE_NOT_FOUND', text, { cause });
        });
      const simulated = await this.#simulate(proposal, channel, simulator);
      return await this.#answer(proposal, version, simulated);
    } catch (error) {
      log.warn(`[${txId.slice(0, 8)}] ${messageOf(error)}`);
      return failure(messageOf(error));
    } finally {
      simulator?.done();
    }
  }

  async #simulate(
    proposal: UnpackedProposal,
    channel: EndorserChannel | undefined,
    simulator: TxSimulator | undefined,
  ): Promise<Simulated> {
    const { channelId, txId, signedProposal, chaincodeName, input } = proposal;
    try {
      const params = { channelId, txId, signedProposal, simulator, history: channel?.ledger };
      const result = await this.#components.chaincodes.execute(params, chaincodeName, input);
      if (!channel || !simulator) return result;
      const results = await simulator.getTxSimulationResults();
      if ((result.response.status ?? 0) < ERROR_THRESHOLD) {
        await this.#distribute(proposal, channel, results);
      }
      return { ...result, results };
    } catch (cause) {
      throw new FabricError('SIMULATION_FAILED', `error in simulation: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  async #distribute(
    { channelId, txId }: UnpackedProposal,
    { ledger, collections, distributor }: EndorserChannel,
    { privateResults }: SimulationResults,
  ): Promise<void> {
    if (!privateResults) return;
    if (!distributor) {
      const text = `No private data handler for ${channelId}`;
      throw new FabricError('UNSUPPORTED', text);
    }
    const { height } = ledger.getBlockchainInfo();
    const data = await assemblePvtRWSet(privateResults, collections, height).catch((cause) => {
      const text = `failed to obtain collections config: ${messageOf(cause)}`;
      throw new FabricError('COLLECTION_UNKNOWN', text, { cause });
    });
    await distributor.distributePrivateData(txId, data, height);
  }

  async #answer(
    { channelId, chaincodeName, proposalHash }: UnpackedProposal,
    version: string,
    { response, event, results }: Simulated,
  ): Promise<protos.IProposalResponse> {
    const status = response.status ?? 0;
    const payload = getBytesProposalResponsePayload(proposalHash, {
      response,
      results: results?.publicResults ?? EMPTY_BYTES,
      events: event ? protos.ChaincodeEvent.encode(event).finish() : EMPTY_BYTES,
      chaincodeId: { name: chaincodeName, version },
    });
    const interest = results && chaincodeInterest(results.publicResults, results.privateReads);
    const about = { response, payload, ...(interest && { interest }) };
    if (status >= ERROR) return about;
    if (status >= ERROR_THRESHOLD || channelId === '') return { response };
    const { identity } = this.#components;
    const endorser = identity.serialize();
    const signature = await identity.sign(concat(payload, endorser));
    return { ...about, version: 1, endorsement: { endorser, signature } };
  }
}

// The MSP of a peer that has none.
const NO_MSP: Pick<MSPManager, 'deserializeIdentity'> = {
  deserializeIdentity: () =>
    Promise.reject(new FabricError('MSP_UNKNOWN', 'this peer has no MSP of its own yet')),
};

async function checkProposal(
  proposal: UnpackedProposal,
  msps: Pick<MSPManager, 'deserializeIdentity'>,
  now: number,
): Promise<void> {
  await checkExpiration(proposal, msps, now);
  checkTimeWindow(proposal, now);
  try {
    checkHeaders(proposal);
    await checkCreator(proposal, msps);
  } catch (cause) {
    const text = `error validating proposal: ${messageOf(cause)}`;
    throw new FabricError('INVALID_PROPOSAL', text, { cause });
  }
}

function failure(message: string): protos.IProposalResponse {
  return { response: { status: ERROR, message } };
}

function encodeFailure(message: string): Uint8Array {
  return protos.ProposalResponse.encode(failure(message)).finish();
}
