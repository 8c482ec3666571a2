// SPDX-License-Identifier: Apache-2.0
// Answers proposals (Fabric's core/endorser/endorser.go). In order:
//
//   unpack -> channel -> certificate expired? -> time window -> headers -> creator -> signature    else gRPC error
//   -> transaction id unused -> ACL peer/Propose                                                    else gRPC error
//   -> definition -> simulate                                                                       else response 500
//   -> status >= 500: response and payload, 400-499: response; both unsigned
//   -> private writes to the transient store, and to whom their collections ask for              else response 500
//   -> sign
//
// Fabric looks at the certificate's expiry and the time window before it knows the channel; here the certificate is parsed by the
// channel's MSPs, so the channel comes first. The order shows only to who breaks two rules at once. Fabric keeps the private data of
// failed transactions too, which nobody can ever submit.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { protos, type transientstore } from '../../common/protos/index.ts';
import { getBytesProposalResponsePayload } from '../../common/protoutil/proputils.ts';
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
import type { PeerLedger, SimulationResults } from '../../ledger/types.ts';
import type { ChaincodeSupport, DefinitionLookup } from '../chaincode/chaincode-support.ts';
import { chaincodeEndorsementInfo } from '../chaincode/invocation-check.ts';
import { checkAcl, proposalAsSignedData } from './acl.ts';
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

/** What the endorser does with the private data of a channel. */
export interface PrivateDataSupport {
  readonly collections: CollectionConfigs;
  readonly distributor: {
    /** Resolves when enough peers have the data, and this one's transient store. */
    distributePrivateData(
      txId: string,
      data: transientstore.ITxPvtReadWriteSetWithConfigInfo,
      blockHeight: number,
    ): Promise<void>;
  };
}

export interface EndorserComponents {
  /** Name of the peer, for traces. */
  readonly name: string;
  readonly identity: SigningIdentity;
  readonly ledgers: (channelId: string) => PeerLedger | undefined;
  readonly bundles: (channelId: string) => ChannelConfigBundle | undefined;
  readonly definitions: DefinitionLookup;
  readonly privateData: (channelId: string) => PrivateDataSupport | undefined;
  readonly clock: Clock;
  readonly trace: TraceBus;
  readonly log: Logger;
}

interface Channel {
  readonly ledger: PeerLedger;
  readonly bundle: ChannelConfigBundle;
}

/** Simulates proposals and signs what comes out. */
export class Endorser {
  readonly #components: EndorserComponents;
  #support: Pick<ChaincodeSupport, 'execute'> | undefined;
  /** `/protos.Endorser/ProcessProposal`. */
  readonly services: ServiceTable;

  constructor(components: EndorserComponents) {
    this.#components = components;
    const handler = unaryHandler((request) => this.processProposal(request));
    this.services = new Map([[PROCESS_PROPOSAL, handler]]);
  }

  /** Says what runs the chaincodes, which in turn needs this endorser's `checkAcl`. */
  use(support: Pick<ChaincodeSupport, 'execute'>): void {
    this.#support = support;
  }

  /** Rejects with FabricError ACCESS_DENIED unless the proposal's creator may use `resource` on the channel. */
  readonly checkAcl = async (
    resource: string,
    channelId: string,
    signedProposal: protos.ISignedProposal,
  ): Promise<void> => {
    const bundle = this.#components.bundles(channelId);
    if (!bundle) throw new FabricError('CHANNEL_NOT_FOUND', `channel '${channelId}' not found`);
    await checkAcl(bundle, resource, proposalAsSignedData(signedProposal));
  };

  /**
   * Serialized SignedProposal in, serialized ProposalResponse out. Throws ServiceError UNKNOWN, as a Go peer's gRPC error, for a
   * proposal that is refused before anything runs.
   */
  async processProposal(request: Uint8Array): Promise<Uint8Array> {
    const { clock, trace, name, log } = this.#components;
    const started = clock.now();
    let proposal: UnpackedProposal;
    let channel: Channel | undefined;
    try {
      proposal = unpackProposal(request);
      channel = this.#channel(proposal.channelId);
      if (channel) await this.#preProcess(proposal, channel);
    } catch (cause) {
      log.warn(`proposal refused: ${messageOf(cause)}`);
      throw new ServiceError(GrpcStatus.UNKNOWN, messageOf(cause), { cause });
    }
    const { channelId, txId } = proposal;
    if (!channel) return encodeFailure(`channel '${channelId}' not found`);
    const response = await this.#endorse(proposal, channel);
    const at = clock.now();
    const data = { chaincode: proposal.chaincodeName, status: response.response?.status };
    trace.emit({
      at,
      peer: name,
      stage: 'endorse',
      channel: channelId,
      txId,
      ms: at - started,
      data,
    });
    return protos.ProposalResponse.encode(response).finish();
  }

  #channel(channelId: string): Channel | undefined {
    const ledger = this.#components.ledgers(channelId);
    const bundle = this.#components.bundles(channelId);
    return ledger && bundle ? { ledger, bundle } : undefined;
  }

  async #preProcess(proposal: UnpackedProposal, { ledger, bundle }: Channel): Promise<void> {
    // After a reset. Fabric refuses on every channel until all have their heights again; here each channel is for itself.
    if (ledger.preResetHeight !== undefined) {
      const text = 'endorse requests are blocked while ledgers are being rebuilt';
      throw new FabricError('LEDGER_REBUILDING', text);
    }
    const now = this.#components.clock.now();
    await checkExpiration(proposal, bundle.mspManager, now);
    checkTimeWindow(proposal, now);
    try {
      checkHeaders(proposal);
      await checkCreator(proposal, bundle.mspManager);
    } catch (cause) {
      const text = `error validating proposal: ${messageOf(cause)}`;
      throw new FabricError('INVALID_PROPOSAL', text, { cause });
    }
    const { txId, signatureHeader, signedProposal } = proposal;
    if (await ledger.txIDExists(txId)) {
      const creator = toHex(signatureHeader.creator);
      throw new FabricError(
        'DUPLICATE_TXID',
        `duplicate transaction found [${txId}]. Creator [${creator}]`,
      );
    }
    await checkAcl(bundle, 'peer/Propose', proposalAsSignedData(signedProposal));
  }

  async #endorse(proposal: UnpackedProposal, channel: Channel): Promise<protos.IProposalResponse> {
    const simulator = channel.ledger.newTxSimulator(proposal.txId);
    try {
      const { channelId, chaincodeName } = proposal;
      const { definitions } = this.#components;
      const { version } = await chaincodeEndorsementInfo(
        definitions,
        channelId,
        chaincodeName,
        simulator,
      ).catch((cause) => {
        const text = `make sure the chaincode ${chaincodeName} has been successfully defined on channel ${channelId} and try again: ${messageOf(cause)}`;
        throw new FabricError('CHAINCODE_NOT_FOUND', text, { cause });
      });
      const { response, event, results } = await this.#simulate(proposal, channel, simulator);
      const { publicResults, privateReads } = results;
      const payload = getBytesProposalResponsePayload(proposal.proposalHash, {
        response,
        results: publicResults,
        events: event ? protos.ChaincodeEvent.encode(event).finish() : EMPTY_BYTES,
        chaincodeId: { name: chaincodeName, version },
      });
      return await this.#sign(response, payload, chaincodeInterest(publicResults, privateReads));
    } catch (error) {
      this.#components.log.warn(`[${proposal.txId.slice(0, 8)}] ${messageOf(error)}`);
      return failure(messageOf(error));
    } finally {
      simulator.done();
    }
  }

  async #simulate(
    proposal: UnpackedProposal,
    { ledger }: Channel,
    simulator: ReturnType<PeerLedger['newTxSimulator']>,
  ) {
    const { channelId, txId, signedProposal, chaincodeName, input } = proposal;
    if (!this.#support) throw new FabricError('NOT_STARTED', 'the peer runs no chaincode yet');
    try {
      const params = { channelId, txId, signedProposal, simulator, history: ledger };
      const result = await this.#support.execute(params, chaincodeName, input);
      const results = await simulator.getTxSimulationResults();
      if ((result.response.status ?? 0) < ERROR_THRESHOLD) {
        await this.#distribute(proposal, ledger, results);
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
    ledger: PeerLedger,
    { privateResults }: SimulationResults,
  ): Promise<void> {
    if (!privateResults) return;
    const support = this.#components.privateData(channelId);
    if (!support) {
      const text = `No private data handler for ${channelId}`;
      throw new FabricError('UNSUPPORTED', text);
    }
    const { height } = ledger.getBlockchainInfo();
    const data = await assemblePvtRWSet(privateResults, support.collections, height).catch(
      (cause) => {
        const text = `failed to obtain collections config: ${messageOf(cause)}`;
        throw new FabricError('COLLECTION_UNKNOWN', text, { cause });
      },
    );
    await support.distributor.distributePrivateData(txId, data, height);
  }

  async #sign(
    response: protos.IResponse,
    payload: Uint8Array,
    interest: protos.IChaincodeInterest,
  ): Promise<protos.IProposalResponse> {
    const status = response.status ?? 0;
    if (status >= ERROR) return { response, payload, interest };
    if (status >= ERROR_THRESHOLD) return { response };
    const { identity } = this.#components;
    const endorser = identity.serialize();
    const signature = await identity.sign(concat(payload, endorser));
    return { version: 1, response, payload, endorsement: { endorser, signature }, interest };
  }
}

function failure(message: string): protos.IProposalResponse {
  return { response: { status: ERROR, message } };
}

function encodeFailure(message: string): Uint8Array {
  return protos.ProposalResponse.encode(failure(message)).finish();
}
