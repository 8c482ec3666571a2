// SPDX-License-Identifier: Apache-2.0
// What is wrong with a rich query, in CouchDB's words and as Fabric passes them on to the chaincode.
import { LedgerError } from '../../../../types.ts';

/** @param error CouchDB's name of the kind. */
export function queryError(error: string, reason: string): LedgerError {
  const text = `error handling CouchDB request. Error:${error},  Status Code:400,  Reason:${reason}`;
  return new LedgerError('QUERY_INVALID', text, { data: { error, reason } });
}
