// SPDX-License-Identifier: Apache-2.0
// Holds an envelope's signature against a policy of the channel (orderer/common/msgprocessor/sigfilter.go @ v2.5).
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { common } from '../../common/protos/index.ts';
import { envelopeAsSignedData } from '../../common/protoutil/index.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { OrdererError } from '../errors.ts';
import type { Rule } from './filter.ts';

/** Policies for broadcast: who may write in normal operation, and in maintenance mode. */
export const WRITERS = Object.freeze({
  normal: '/Channel/Writers',
  maintenance: '/Channel/Orderer/Writers',
});

/** Policies for deliver. */
export const READERS = Object.freeze({
  normal: '/Channel/Readers',
  maintenance: '/Channel/Orderer/Readers',
});

/** A rule that refuses, with PERMISSION_DENIED, what does not satisfy the policy that is in force. */
export function sigFilter(policies: {
  readonly normal: string;
  readonly maintenance: string;
}): Rule {
  return {
    async apply(message: common.Envelope, bundle: ChannelConfigBundle): Promise<void> {
      const signed = envelopeAsSignedData(message);
      const path = bundle.orderer.maintenance ? policies.maintenance : policies.normal;
      const policy = bundle.policyManager.getPolicy(path);
      let satisfied: boolean;
      try {
        satisfied = await policy.evaluateSignedData(signed);
      } catch (cause) {
        if (!(cause instanceof FabricError)) throw cause;
        const text = `${messageOf(cause)}: permission denied`;
        throw new OrdererError('PERMISSION_DENIED', text, { cause });
      }
      if (!satisfied) {
        const text = `signature did not satisfy policy ${path}: permission denied`;
        throw new OrdererError('PERMISSION_DENIED', text);
      }
    },
  };
}
