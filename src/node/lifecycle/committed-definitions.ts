// SPDX-License-Identifier: Apache-2.0
// Keeps the definitions that the ledger's state holds at hand, until a block changes them. Fabric reads the state for each
// namespace of each transaction (deployedcc_infoprovider.go); here, once for all.
import { equalBytes } from '../../common/runtime/bytes.ts';
import { LedgerError, type PeerLedger } from '../../ledger/types.ts';
import type { DefinitionTracker, NamespaceDefinition } from '../committer/definition-tracker.ts';
import {
  type CommittedChaincode,
  namespaceDefinitionOf,
  queryChaincodeDefinitions,
} from './committed-chaincode.ts';

export class CommittedDefinitions implements DefinitionTracker {
  readonly #ledger: Pick<PeerLedger, 'newQueryExecutor'>;
  #latest: readonly NamespaceDefinition[] = [];
  #chaincodes: readonly CommittedChaincode[] = [];
  #reading: Promise<readonly NamespaceDefinition[]> | undefined;
  #version = 0;

  constructor(ledger: Pick<PeerLedger, 'newQueryExecutor'>) {
    this.#ledger = ledger;
  }

  current(): Promise<readonly NamespaceDefinition[]> {
    if (this.#reading) return this.#reading;
    const reading = this.#read();
    // A failure is not kept: the next call tries again.
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  /** The definitions with all that they hold. Rejects as `current` does. */
  async chaincodes(): Promise<readonly CommittedChaincode[]> {
    await this.current();
    return this.#chaincodes;
  }

  /** Grows whenever a block may have changed the definitions. */
  get version(): number {
    return this.#version;
  }

  invalidate(): void {
    this.#reading = undefined;
    this.#version++;
  }

  async #read(): Promise<readonly NamespaceDefinition[]> {
    this.#chaincodes = await this.#query();
    const found = this.#chaincodes.map(namespaceDefinitionOf);
    if (!sameDefinitions(found, this.#latest)) this.#latest = found;
    return this.#latest;
  }

  async #query(): Promise<CommittedChaincode[]> {
    for (;;) {
      const executor = this.#ledger.newQueryExecutor();
      try {
        return await queryChaincodeDefinitions(executor);
      } catch (error) {
        // The commits went on meanwhile; what they left is as good.
        if (!(error instanceof LedgerError && error.code === 'SNAPSHOT_EXPIRED')) throw error;
      } finally {
        executor.done();
      }
    }
  }
}

function sameDefinitions(
  a: readonly NamespaceDefinition[],
  b: readonly NamespaceDefinition[],
): boolean {
  return a.length === b.length && a.every((one, i) => sameDefinition(one, b[i]));
}

function sameDefinition(a: NamespaceDefinition, b: NamespaceDefinition | undefined): boolean {
  return (
    b !== undefined &&
    a.name === b.name &&
    a.validationPlugin === b.validationPlugin &&
    equalBytes(a.validationParameter, b.validationParameter) &&
    a.collections.length === b.collections.length &&
    a.collections.every(({ name, endorsementPolicy }, i) => {
      const other = b.collections[i];
      return other?.name === name && samePolicy(endorsementPolicy, other.endorsementPolicy);
    })
  );
}

function samePolicy(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? equalBytes(a, b) : a === b;
}
