// SPDX-License-Identifier: Apache-2.0
// In place of yargs: the command line that Fabric's start command would have been given.

export const argv: Record<string, string> = {
  $0: 'fabric-chaincode-node',
  'peer.address': 'peer:7052',
  'module-path': '/',
};
