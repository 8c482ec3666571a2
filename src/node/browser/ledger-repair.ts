// SPDX-License-Identifier: Apache-2.0
// What a person can do about a ledger that cannot be opened: found out where it is opened, and done at the next start, before it is
// opened again. Fabric has commands for it (`peer node rebuild-dbs`, `unjoin`, `resume`), for those who know which to use.
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { LedgerError, type LedgerProvider } from '../../ledger/types.ts';
import type { LedgerDamage, LedgerRemedy } from '../api/joining.ts';

/** Codes that tell of what is stored, not of the browser that stores it. */
const DAMAGE: ReadonlySet<string> = new Set([
  'LEDGER_CORRUPT',
  'LEDGER_FAILED',
  'LEDGER_FROM_SNAPSHOT',
  'STORE_UNREADABLE',
  'BLOCK_MALFORMED',
  'FLAGS_MISMATCH',
  'CONFIG_INVALID',
]);

/** Does to a closed ledger what a person chose. One that is gone already needs no removal: an earlier one was finished. */
export async function repairLedger(
  ledgers: LedgerProvider,
  ledgerId: string,
  remedy: LedgerRemedy,
): Promise<void> {
  if (remedy === 'rebuildDBs') await ledgers.rebuildDBs(ledgerId);
  else if (remedy === 'resume') await ledgers.resume(ledgerId);
  else if ((await ledgers.statuses()).has(ledgerId)) await ledgers.remove(ledgerId);
}

/**
 * What opening a ledger threw, with the remedies for it as LedgerDamage in `data`; as it was when there are none.
 * @param ledger name of the databases, so that no other ledger gets the remedy.
 * @param tried the remedy that was of no use.
 */
export function withRemedies(thrown: unknown, ledger: string, tried?: LedgerRemedy): unknown {
  const error = asFabricError(thrown);
  const remedies = remediesFor(error, tried);
  if (remedies.length === 0) return error;
  const damage: LedgerDamage = { ledger, remedies };
  return new FabricError(error.code, error.message, {
    cause: thrown,
    data: { ...error.data, ...damage },
  });
}

function remediesFor({ code, cause }: FabricError, tried?: LedgerRemedy): LedgerRemedy[] {
  if (code === 'LEDGER_PAUSED') return ['resume'];
  if (!DAMAGE.has(code) || isOfNewerVersion(cause)) return [];
  if (code === 'LEDGER_FROM_SNAPSHOT' || tried === 'rebuildDBs') return ['remove'];
  return ['rebuildDBs', 'remove'];
}

// IndexedDB's own word for a database of a newer schema: it is whole, and must not be touched.
function isOfNewerVersion(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'VersionError';
}

// What is not ours was thrown by a decoder: garbage that no check has caught before.
function asFabricError(thrown: unknown): FabricError {
  if (thrown instanceof FabricError) return thrown;
  const text = `the ledger cannot be opened: ${messageOf(thrown)}`;
  return new LedgerError('LEDGER_CORRUPT', text, { cause: thrown });
}
