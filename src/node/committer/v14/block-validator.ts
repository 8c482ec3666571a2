// SPDX-License-Identifier: Apache-2.0
// What needs the ledger, or the other transactions of the block, by the rules before application capability V2_0
// (core/committer/txvalidator/v14/validator.go).
import type { ApplicationCapabilities } from '../../../common/channelconfig/index.ts';
import { protos } from '../../../common/protos/index.ts';
import type { NamespaceVerdict, TxVerdict } from '../verdict.ts';

const { TxValidationCode: Code } = protos;

/** Whether the policies of the keys that a namespace writes are satisfied. */
export type KeyLevel = (namespace: NamespaceVerdict) => Promise<boolean>;

/**
 * The code of one transaction that may still be valid. Namespaces are looked at in order, up to the first that fails.
 *
 * @param noteEndorsed is told of each namespace that does not.
 */
export async function legacyCode(
  { namespaces }: TxVerdict,
  { keyLevelEndorsement }: ApplicationCapabilities,
  keyLevel: KeyLevel,
  noteEndorsed: (namespace: NamespaceVerdict) => void,
): Promise<number> {
  for (const namespace of namespaces) {
    if (namespace.code !== undefined) return namespace.code;
    const isEndorsed = keyLevelEndorsement
      ? await keyLevel(namespace)
      : namespace.chaincodePolicySatisfied;
    if (!isEndorsed) return Code.ENDORSEMENT_POLICY_FAILURE;
    noteEndorsed(namespace);
  }
  return Code.VALID;
}

/** Of several upgrades of one chaincode in a block, the last counts; whatever else invokes the chaincode does not. */
export function markUpgradeConflicts(
  verdicts: readonly TxVerdict[],
  flags: Uint8Array,
  /** Before duplicates were marked: one that is a duplicate takes part, too. */
  wasValid: (index: number) => boolean,
): void {
  const last = new Map<string, number>();
  for (const [index, { upgraded }] of verdicts.entries()) {
    if (upgraded === undefined || !wasValid(index)) continue;
    const former = last.get(upgraded);
    if (former !== undefined) flags[former] = Code.CHAINCODE_VERSION_CONFLICT;
    last.set(upgraded, index);
  }
  for (const [index, { invoked }] of verdicts.entries()) {
    if (invoked === undefined || !last.has(invoked) || flags[index] !== Code.VALID) continue;
    flags[index] = Code.CHAINCODE_VERSION_CONFLICT;
  }
}
