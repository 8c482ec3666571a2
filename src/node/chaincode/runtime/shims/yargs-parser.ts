// SPDX-License-Identifier: Apache-2.0
// In place of yargs-parser: never called, since yargs.ts says that fabric-chaincode-node was run.
export {};
