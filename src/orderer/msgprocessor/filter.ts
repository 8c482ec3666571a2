// SPDX-License-Identifier: Apache-2.0
// Rules that a message must pass before it is ordered (orderer/common/msgprocessor/filter.go @ v2.5). A rule sees one
// bundle, not "the current configuration": configuration may change while a signature is being checked.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { common } from '../../common/protos/index.ts';
import { OrdererError } from '../errors.ts';

export interface Rule {
  /** Throws (or rejects with) an OrdererError when the message must not be ordered. */
  apply(message: common.Envelope, bundle: ChannelConfigBundle): void | Promise<void>;
}

/** Refuses envelopes without payload. */
export const emptyRejectRule: Rule = Object.freeze({
  apply(message: common.Envelope): void {
    if (message.payload.length === 0) {
      throw new OrdererError('REJECTED', 'message payload is empty');
    }
  },
});

/** One rule made of several, applied in order. */
export function ruleSet(rules: readonly Rule[]): Rule {
  return {
    async apply(message, bundle) {
      for (const rule of rules) await rule.apply(message, bundle);
    },
  };
}
