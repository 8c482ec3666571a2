// SPDX-License-Identifier: Apache-2.0
// What validation must know of the chaincodes that are deployed on the channel. It is plain data,
// since it travels to verify workers; policies are made of it for each configuration.

/** One collection of a deployed chaincode. */
export interface CollectionPolicyDefinition {
  readonly name: string;
  /** Serialized protos.ApplicationPolicy; absent when the chaincode's policy guards the collection. */
  readonly endorsementPolicy?: Uint8Array;
}

/** The validation info of a deployed chaincode. */
export interface NamespaceDefinition {
  readonly name: string;
  readonly validationPlugin: string;
  /** The plugin's parameter: serialized protos.ApplicationPolicy for `vscc`. */
  readonly validationParameter: Uint8Array;
  readonly collections: readonly CollectionPolicyDefinition[];
}

/** Definitions as the commits so far leave them. */
export interface DefinitionTracker {
  /** Resolves to the same array as long as nothing changed. Rejects when the state cannot be read. */
  current(): Promise<readonly NamespaceDefinition[]>;
  /** A block that wrote to `_lifecycle` was committed. */
  invalidate(): void;
}
