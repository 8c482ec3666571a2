// SPDX-License-Identifier: Apache-2.0
// The second half of validation: what needs the ledger, in transaction order. Mirrors Fabric's
// core/committer/txvalidator/v20/validator.go; MVCC is the ledger's own stage, after this one.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { SignedData } from '../../common/policies/types.ts';
import { common, protos } from '../../common/protos/index.ts';
import type { ParsedTx, SerializedBlock } from '../../ledger/blkstorage/index.ts';
import { ChangedKeyPolicies, type KeyPolicies, namespaceEndorsed } from './key-level-policies.ts';
import { endorsedActionOf } from './message-checks.ts';
import { legacyValidation, legacyValidator } from './router.ts';
import { endorsementSignatures } from './signatures/endorsement-signatures.ts';
import type { NamespaceVerdict, TxVerdict } from './verdict.ts';

const { TxValidationCode: Code } = protos;

/** What validation asks of the ledger. */
export interface ValidationLedger extends KeyPolicies {
  txIDExists(txId: string): Promise<boolean>;
}

/** One validation code a transaction: the verdicts, duplicates, and policies of single keys. */
export async function validateBlock(
  { transactions }: Pick<SerializedBlock, 'transactions'>,
  verdicts: readonly TxVerdict[],
  bundle: ChannelConfigBundle,
  ledger: ValidationLedger,
): Promise<Uint8Array> {
  const flags = Uint8Array.from(verdicts, (verdict) => verdict.code);
  await markKnownIds(verdicts, flags, ledger);
  const legacy = legacyValidation(bundle);
  const v14 = legacy && (await legacyValidator());
  const changed = new ChangedKeyPolicies();
  for (const [index, verdict] of verdicts.entries()) {
    if (flags[index] !== Code.VALID) continue;
    const tx = transactions[index];
    if (!tx) throw new RangeError('more verdicts than transactions');
    const endorsed = keyLevelOf(tx, changed, ledger, bundle);
    flags[index] = v14
      ? await v14.legacyCode(verdict, legacy, endorsed, (one) => changed.note(one))
      : await endorsementCode(verdict, changed, endorsed);
  }
  const before = flags.slice();
  if (legacy?.forbidDuplicateTxIdInBlock !== false) markDuplicates(verdicts, flags);
  v14?.markUpgradeConflicts(verdicts, flags, (index) => before[index] === Code.VALID);
  return flags;
}

async function markKnownIds(
  verdicts: readonly TxVerdict[],
  flags: Uint8Array,
  ledger: ValidationLedger,
): Promise<void> {
  await Promise.all(
    verdicts.map(async ({ txId, type }, index) => {
      // Any code found after Fabric's look-up is overruled by a known id, since the look-up comes first.
      const lookedUp = flags[index] === Code.VALID || isAfterLookUp(flags[index] ?? 0);
      if (type !== common.HeaderType.ENDORSER_TRANSACTION || !lookedUp) return;
      if (await ledger.txIDExists(txId)) flags[index] = Code.DUPLICATE_TXID;
    }),
  );
}

const AFTER_LOOK_UP: readonly number[] = [
  Code.INVALID_OTHER_REASON,
  Code.BAD_HEADER_EXTENSION,
  Code.BAD_RESPONSE_PAYLOAD,
  Code.BAD_RWSET,
  Code.INVALID_CHAINCODE,
  Code.ILLEGAL_WRITESET,
];

function isAfterLookUp(code: number): boolean {
  return AFTER_LOOK_UP.includes(code);
}

function keyLevelOf(
  tx: ParsedTx,
  changed: ChangedKeyPolicies,
  ledger: ValidationLedger,
  bundle: ChannelConfigBundle,
): (namespace: NamespaceVerdict) => Promise<boolean> {
  let signatures: SignedData[] | undefined;
  const extract = (): SignedData[] => {
    signatures ??= endorsementSignatures(endorsedActionOf(tx));
    return signatures;
  };
  return (namespace) => namespaceEndorsed(namespace, changed, ledger, bundle, extract);
}

async function endorsementCode(
  { namespaces }: TxVerdict,
  changed: ChangedKeyPolicies,
  isEndorsed: (namespace: NamespaceVerdict) => Promise<boolean>,
): Promise<number> {
  const endorsed: NamespaceVerdict[] = [];
  for (const namespace of namespaces) {
    if (await isEndorsed(namespace)) endorsed.push(namespace);
  }
  // Counts even when another namespace of the transaction is not endorsed, as the plugin sees one namespace at a time.
  for (const namespace of endorsed) changed.note(namespace);
  return endorsed.length === namespaces.length ? Code.VALID : Code.ENDORSEMENT_POLICY_FAILURE;
}

// Among the transactions of one block that are still valid, the first with an id wins.
function markDuplicates(verdicts: readonly TxVerdict[], flags: Uint8Array): void {
  const seen = new Set<string>();
  for (const [index, { txId }] of verdicts.entries()) {
    if (flags[index] !== Code.VALID || txId === '') continue;
    if (seen.has(txId)) flags[index] = Code.DUPLICATE_TXID;
    seen.add(txId);
  }
}
