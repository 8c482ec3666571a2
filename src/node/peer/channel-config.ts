// SPDX-License-Identifier: Apache-2.0
// A channel's configuration as its ledger holds it, kept current as config blocks are committed (Fabric's
// core/peer/channel.go and configtx_processor.go).
import {
  createBundle,
  validateConfigEnvelope,
  validateNew,
} from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { common } from '../../common/protos/index.ts';
import { getLastConfigIndexFromBlock } from '../../common/protoutil/index.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import {
  CHANNEL_CONFIG_KEY,
  CHANNEL_CONFIG_NAMESPACE,
} from '../../ledger/kvledger/validation/batch-preparer.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import type { ConfigTracker } from '../committer/index.ts';

/** The current configuration of one channel. */
export class ChannelConfig implements ConfigTracker {
  readonly events = new TypedEventTarget<{ 'config:changed': ChannelConfigBundle }>();
  readonly #channelId: string;
  #bundle: ChannelConfigBundle;

  private constructor(channelId: string, bundle: ChannelConfigBundle) {
    this.#channelId = channelId;
    this.#bundle = bundle;
  }

  /** Reads the configuration that holds at the ledger's height. Throws FabricError CONFIG_REJECTED. */
  static async load(ledger: PeerLedger): Promise<ChannelConfig> {
    const envelope = await currentConfigEnvelope(ledger);
    return new ChannelConfig(ledger.ledgerId, await bundleOf(ledger.ledgerId, envelope));
  }

  get bundle(): ChannelConfigBundle {
    return this.#bundle;
  }

  async prepare(configEnvelope: Uint8Array): Promise<ChannelConfigBundle> {
    try {
      await validateConfigEnvelope(this.#bundle, configEnvelope);
      const next = await createBundle(this.#channelId, configEnvelope);
      validateNew(this.#bundle, next);
      return next;
    } catch (cause) {
      const text = `a new configuration of ${this.#channelId} is refused: ${messageOf(cause)}`;
      throw new FabricError('CONFIG_REJECTED', text, { cause });
    }
  }

  apply(bundle: ChannelConfigBundle): void {
    this.#bundle = bundle;
    this.events.emit('config:changed', bundle);
  }
}

// The state has the configuration too, which is all there is when its block was before a snapshot.
async function currentConfigEnvelope(ledger: PeerLedger): Promise<Uint8Array> {
  const { lastBlockInSnapshot } = ledger.getBlockchainInfo();
  if (lastBlockInSnapshot === undefined) return configEnvelopeOf(await configBlockOf(ledger));
  const stored = await ledger.getVersionedValue(CHANNEL_CONFIG_NAMESPACE, CHANNEL_CONFIG_KEY);
  if (stored) return stored.value;
  const text = `the snapshot of ${ledger.ledgerId} holds no configuration of the channel`;
  throw new FabricError('CONFIG_REJECTED', text);
}

/** The last block of a ledger that set the configuration, as it is stored (peer.ConfigBlockFromLedger). */
export async function configBlockOf(ledger: PeerLedger): Promise<Uint8Array> {
  const { height } = ledger.getBlockchainInfo();
  const last = await requireBlock(ledger, height - 1);
  const index = height === 1 ? 0 : getLastConfigIndexFromBlock(common.Block.decode(last));
  return requireBlock(ledger, index);
}

async function bundleOf(
  channelId: string,
  configEnvelope: Uint8Array,
): Promise<ChannelConfigBundle> {
  try {
    return await createBundle(channelId, configEnvelope);
  } catch (cause) {
    const text = `the configuration of ${channelId} cannot be used: ${messageOf(cause)}`;
    throw new FabricError('CONFIG_REJECTED', text, { cause });
  }
}

async function requireBlock(ledger: PeerLedger, blockNum: number): Promise<Uint8Array> {
  const block = await ledger.getBlockByNumber(blockNum);
  if (block) return block;
  const text = `block ${blockNum} of ${ledger.ledgerId} is missing from the ledger`;
  throw new FabricError('LEDGER_CORRUPT', text);
}

/** Serialized common.ConfigEnvelope in a config block. Throws when the block is none. */
export function configEnvelopeOf(block: Uint8Array): Uint8Array {
  const [envelope] = common.Block.decode(block).data?.data ?? [];
  const { payload } = common.Envelope.decode(envelope ?? new Uint8Array());
  return common.Payload.decode(payload).data;
}
