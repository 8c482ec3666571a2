// SPDX-License-Identifier: Apache-2.0
// Whether a reader may go on reading (common/deliver/acl.go @ v2.5).
import type { ChannelConfigBundle } from '../common/channelconfig/types.ts';
import type { common } from '../common/protos/index.ts';
import { envelopeAsSignedData } from '../common/protoutil/index.ts';
import type { Clock } from '../common/runtime/clock.ts';
import { OrdererError } from './errors.ts';
import { expiresAt } from './msgprocessor/expiration-filter.ts';
import { READERS, sigFilter } from './msgprocessor/sig-filter.ts';

const readersFilter = sigFilter(READERS);

/**
 * Access control of one seek: the policy is evaluated at the first block and whenever the configuration has changed
 * since, the certificate's expiry at every block.
 */
export class SessionAccessControl {
  readonly #envelope: common.Envelope;
  readonly #bundle: () => ChannelConfigBundle;
  readonly #clock: Clock;
  readonly #sessionEnd: number | undefined;
  #checkedSequence: number | undefined;

  private constructor(
    envelope: common.Envelope,
    bundle: () => ChannelConfigBundle,
    clock: Clock,
    sessionEnd: number | undefined,
  ) {
    this.#envelope = envelope;
    this.#bundle = bundle;
    this.#clock = clock;
    this.#sessionEnd = sessionEnd;
  }

  /** @param envelope the signed seek. Rejects with ProtoError when it says not who signed it. */
  static async create(
    envelope: common.Envelope,
    bundle: () => ChannelConfigBundle,
    clock: Clock,
  ): Promise<SessionAccessControl> {
    const [signed] = envelopeAsSignedData(envelope);
    const end = signed && (await expiresAt(signed.identity, bundle()));
    return new SessionAccessControl(envelope, bundle, clock, end);
  }

  /** Rejects with OrdererError PERMISSION_DENIED when the reader may not have the next block. */
  async evaluate(): Promise<void> {
    if (this.#sessionEnd !== undefined && this.#clock.now() > this.#sessionEnd) {
      const text = `deliver client identity expired at ${new Date(this.#sessionEnd).toISOString()}`;
      throw new OrdererError('PERMISSION_DENIED', text);
    }
    const bundle = this.#bundle();
    if (this.#checkedSequence !== undefined && bundle.sequence <= this.#checkedSequence) return;
    await readersFilter.apply(this.#envelope, bundle);
    this.#checkedSequence = bundle.sequence;
  }
}
