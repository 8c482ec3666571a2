// SPDX-License-Identifier: Apache-2.0
// What happens to a message of an application channel before consensus (orderer/common/msgprocessor/standardchannel.go @
// v2.5): classification, filters, and the making of CONFIG envelopes out of config updates.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { common } from '../../common/protos/index.ts';
import { createSignedEnvelope, unmarshalEnvelopeOfType } from '../../common/protoutil/index.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { OrdererError } from '../errors.ts';
import { expirationFilter } from './expiration-filter.ts';
import { emptyRejectRule, type Rule, ruleSet } from './filter.ts';
import { sigFilter, WRITERS } from './sig-filter.ts';
import { sizeFilter } from './size-filter.ts';

/** How a message is to be handled. */
export type Classification = 'normal' | 'config-update' | 'config';

/** A CONFIG envelope, and the configuration sequence that it was checked against. */
export interface ProcessedConfig {
  readonly config: common.Envelope;
  readonly configSeq: number;
}

/** Checks messages against the configuration of one channel. */
export interface Processor {
  /** Resolves to the config sequence the message was checked against; rejects with the refusal. */
  processNormalMsg(message: common.Envelope): Promise<number>;
  /** From a CONFIG_UPDATE envelope; rejects with the refusal. */
  processConfigUpdateMsg(message: common.Envelope): Promise<ProcessedConfig>;
  /** Again, from a CONFIG envelope that was made against an older configuration. */
  processConfigMsg(message: common.Envelope): Promise<ProcessedConfig>;
}

export interface StandardChannelComponents {
  readonly channelId: string;
  readonly signingIdentity: SigningIdentity;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** The configuration in force. */
  bundle(): ChannelConfigBundle;
  /**
   * Authorises the update against `bundle`, checks what would come out of it, and gives it as serialized
   * common.ConfigEnvelope.
   */
  proposeConfigUpdate(update: common.Envelope, bundle: ChannelConfigBundle): Promise<Uint8Array>;
}

const NONCE_BYTES = 24;

/**
 * The class of a message by its header type. CONFIG is the orderer's to make, and ORDERER_TRANSACTION belonged to the
 * system channel of 1.x and 2.x: clients may send neither. Everything else is opaque here, even unknown types.
 */
export function classifyMsg(channelHeader: common.ChannelHeader): Classification {
  switch (channelHeader.type) {
    case common.HeaderType.CONFIG_UPDATE:
      return 'config-update';
    case common.HeaderType.CONFIG:
    case common.HeaderType.ORDERER_TRANSACTION:
      return 'config';
    default:
      return 'normal';
  }
}

/** The processor of an application channel. */
export class StandardChannel implements Processor {
  readonly #components: StandardChannelComponents;
  readonly #filters: Rule;

  constructor(components: StandardChannelComponents) {
    this.#components = components;
    this.#filters = ruleSet([
      emptyRejectRule,
      sizeFilter,
      expirationFilter(components.clock),
      sigFilter(WRITERS),
    ]);
  }

  async processNormalMsg(message: common.Envelope): Promise<number> {
    const bundle = this.#components.bundle();
    if (bundle.orderer.maintenance) {
      throw new OrdererError(
        'MAINTENANCE_MODE',
        'normal transactions are rejected: maintenance mode',
      );
    }
    await this.#filters.apply(message, bundle);
    return bundle.sequence;
  }

  async processConfigUpdateMsg(message: common.Envelope): Promise<ProcessedConfig> {
    const { channelId, signingIdentity, clock, randomBytes } = this.#components;
    const bundle = this.#components.bundle();
    await this.#filters.apply(message, bundle);
    const configEnvelope = await this.#propose(message, bundle);
    const config = await createSignedEnvelope(
      common.HeaderType.CONFIG,
      channelId,
      signingIdentity,
      configEnvelope,
      { now: clock.now(), nonce: randomBytes(NONCE_BYTES) },
    );
    // Once more, for its size above all: the whole configuration is larger than the update.
    await this.#filters.apply(config, bundle);
    return { config, configSeq: bundle.sequence };
  }

  async processConfigMsg(message: common.Envelope): Promise<ProcessedConfig> {
    const { message: configEnvelope } = unmarshalEnvelopeOfType(
      message,
      common.HeaderType.CONFIG,
      common.ConfigEnvelope,
    );
    if (configEnvelope.last_update === null) {
      throw new OrdererError('REJECTED', 'config envelope carries no update to check again');
    }
    return this.processConfigUpdateMsg(configEnvelope.last_update);
  }

  async #propose(message: common.Envelope, bundle: ChannelConfigBundle): Promise<Uint8Array> {
    try {
      return await this.#components.proposeConfigUpdate(message, bundle);
    } catch (cause) {
      if (!(cause instanceof FabricError)) throw cause;
      const text = `error applying config update to existing channel '${this.#components.channelId}': ${cause.message}`;
      throw new OrdererError('REJECTED', text, { cause });
    }
  }
}
