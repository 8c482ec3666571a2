// SPDX-License-Identifier: Apache-2.0
// The system chaincodes of 1.x (IsSysCC and its like in core/committer/txvalidator/v14/vscc_validator.go).

const ALL: readonly string[] = ['vscc', 'escc', 'lscc', 'qscc', 'cscc'];

export function isSystemChaincode(name: string): boolean {
  return ALL.includes(name);
}

/** No client may invoke it. */
export function isClosedToClients(name: string): boolean {
  return name === 'vscc' || name === 'escc';
}

/** No transaction of another chaincode may have written to it. */
export function isClosedToChaincodes(name: string): boolean {
  return isClosedToClients(name) || name === 'cscc';
}
