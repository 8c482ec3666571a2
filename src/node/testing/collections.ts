// SPDX-License-Identifier: Apache-2.0
import type { CollectionDefinition } from '../../common/network/types.ts';

/** A collection of both organisations that anybody may use and whose data stays, but for what is said otherwise. */
export function collectionOf(
  name: string,
  changes: Partial<CollectionDefinition> = {},
): CollectionDefinition {
  return {
    name,
    policy: "OR('Org1MSP.member','Org2MSP.member')",
    requiredPeerCount: 0,
    maxPeerCount: 1,
    blockToLive: 0,
    memberOnlyRead: false,
    memberOnlyWrite: false,
    ...changes,
  };
}
