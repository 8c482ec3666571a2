// SPDX-License-Identifier: Apache-2.0
// The hard limit on the size of one message (orderer/common/msgprocessor/sizefilter.go @ v2.5).
import { messageSizeBytes } from '../blockcutter.ts';
import { OrdererError } from '../errors.ts';
import type { Rule } from './filter.ts';

/** Refuses envelopes of more than BatchSize.AbsoluteMaxBytes. */
export const sizeFilter: Rule = Object.freeze({
  apply(message, bundle): void {
    const limit = bundle.orderer.batchSize.absoluteMaxBytes;
    const size = messageSizeBytes(message);
    if (size > limit) {
      const text = `message payload is ${size} bytes and exceeds maximum allowed ${limit} bytes`;
      throw new OrdererError('REJECTED', text);
    }
  },
} satisfies Rule);
