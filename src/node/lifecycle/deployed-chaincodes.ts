// SPDX-License-Identifier: Apache-2.0
// What is deployed on a channel: the one answer for endorsement, validation, private data and views (Fabric's
// core/chaincode/lifecycle/deployedcc_infoprovider.go). A chaincode that the chain defines is what the chain says, `_lifecycle` before `lscc`;
// what the network description says of a name counts as long as the chain says nothing of it.
//
// Fabric reads the state for each namespace of each transaction; here the definitions are read once, until a block changes them.
import { compareUtf8, equalBytes } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import { LedgerError, type PeerLedger } from '../../ledger/types.ts';
import type {
  DefinitionTracker,
  LegacyDefinition,
  NamespaceDefinition,
} from '../committer/definition-tracker.ts';
import {
  type CommittedChaincode,
  type DeployedChaincode,
  namespaceDefinitionOf,
  queryChaincodeDefinitions,
} from './committed-chaincode.ts';
import { withLegacyDefinitions } from './lscc/deployed-legacy.ts';
import { queryLegacyDefinitions } from './lscc/legacy-chaincodes.ts';

export interface DeployedChaincodesComponents {
  readonly ledger: Pick<PeerLedger, 'newQueryExecutor'>;
  /** What the network describes; see describedChaincodes. */
  readonly described: readonly DeployedChaincode[];
  readonly log: Pick<Logger, 'warn'>;
}

export interface DeployedChaincodesEvents {
  /** A block has changed what is deployed; the detail is all that is deployed now. */
  'definitions:changed': readonly DeployedChaincode[];
}

interface Known {
  readonly chaincodes: readonly DeployedChaincode[];
  /** The part that validation needs; the same array as long as nothing of it changed. */
  readonly namespaces: readonly NamespaceDefinition[];
}

export class DeployedChaincodes implements DefinitionTracker {
  readonly events = new TypedEventTarget<DeployedChaincodesEvents>();
  readonly #components: DeployedChaincodesComponents;
  #latest: Known | undefined;
  #reading: Promise<Known> | undefined;
  #settling: Promise<void> = Promise.resolve();
  #version = 0;

  constructor(components: DeployedChaincodesComponents) {
    this.#components = components;
  }

  /** Grows with every block that may have changed what is deployed. */
  get version(): number {
    return this.#version;
  }

  async current(): Promise<readonly NamespaceDefinition[]> {
    return (await this.#known()).namespaces;
  }

  /** All that is deployed, by name in byte order. Rejects as `current` does. */
  async chaincodes(): Promise<readonly DeployedChaincode[]> {
    return (await this.#known()).chaincodes;
  }

  /** Undefined when nothing of that name is deployed. Rejects as `current` does. */
  async chaincode(name: string): Promise<DeployedChaincode | undefined> {
    return (await this.chaincodes()).find((one) => one.name === name);
  }

  invalidate(): void {
    this.#version++;
    this.#reading = undefined;
    this.#settling = this.#known().then(
      () => {},
      (error) => {
        // Whoever needs them next reads them again, and is told if it fails again.
        this.#components.log.warn(`the definitions cannot be read now: ${messageOf(error)}`);
      },
    );
  }

  /** Resolves when what the blocks so far have changed was read, or could not be. */
  settled(): Promise<void> {
    return this.#settling;
  }

  #known(): Promise<Known> {
    if (this.#reading) return this.#reading;
    const reading: Promise<Known> = this.#read(() => this.#reading === reading);
    // A failure is not kept: the next call tries again.
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  /** @param isNewest false when another block came meanwhile, whose reading takes over. */
  async #read(isNewest: () => boolean): Promise<Known> {
    const before = this.#latest;
    const chaincodes = layered(await this.#query(), this.#components.described);
    const namespaces = chaincodes.map(namespaceDefinitionOf);
    const known =
      before && sameAll(before.namespaces, namespaces, sameNamespace)
        ? { chaincodes, namespaces: before.namespaces }
        : { chaincodes, namespaces };
    if (!isNewest()) return known;
    this.#latest = known;
    if (before && !sameAll(before.chaincodes, chaincodes, sameChaincode)) {
      this.events.emit('definitions:changed', chaincodes);
    }
    return known;
  }

  async #query(): Promise<CommittedChaincode[]> {
    for (;;) {
      const executor = this.#components.ledger.newQueryExecutor();
      try {
        const legacy = await queryLegacyDefinitions(executor);
        return withLegacyDefinitions(await queryChaincodeDefinitions(executor), legacy);
      } catch (error) {
        // The commits went on meanwhile; what they left is as good.
        if (!(error instanceof LedgerError && error.code === 'SNAPSHOT_EXPIRED')) throw error;
      } finally {
        executor.done();
      }
    }
  }
}

function layered(
  committed: readonly CommittedChaincode[],
  described: readonly DeployedChaincode[],
): DeployedChaincode[] {
  const all = new Map(described.map((one) => [one.name, one]));
  for (const one of committed) all.set(one.name, { ...one, source: 'chain' });
  return [...all.values()].sort((a, b) => compareUtf8(a.name, b.name));
}

function sameAll<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      return other !== undefined && same(one, other);
    })
  );
}

// Whatever is committed for a name has a sequence of its own, or, in `lscc`, a version.
function sameChaincode(a: DeployedChaincode, b: DeployedChaincode): boolean {
  return (
    a.name === b.name &&
    a.source === b.source &&
    a.sequence === b.sequence &&
    a.version === b.version
  );
}

function sameNamespace(a: NamespaceDefinition, b: NamespaceDefinition): boolean {
  return (
    a.name === b.name &&
    a.validationPlugin === b.validationPlugin &&
    equalBytes(a.validationParameter, b.validationParameter) &&
    a.isLegacy === b.isLegacy &&
    sameLegacy(a.legacy, b.legacy) &&
    sameAll(
      a.collections,
      b.collections,
      (one, other) =>
        one.name === other.name && sameBytes(one.endorsementPolicy, other.endorsementPolicy),
    )
  );
}

function sameLegacy(a: LegacyDefinition | undefined, b: LegacyDefinition | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.version === b.version &&
    a.vscc === b.vscc &&
    equalBytes(a.policy, b.policy) &&
    equalBytes(a.instantiationPolicy, b.instantiationPolicy) &&
    sameBytes(a.collections, b.collections)
  );
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? equalBytes(a, b) : a === b;
}
