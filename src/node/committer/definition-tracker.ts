// SPDX-License-Identifier: Apache-2.0
// What validation must know of the chaincodes that are deployed on the channel. It is plain data,
// since it travels to verify workers; policies are made of it for each configuration.

/** One collection of a deployed chaincode. */
export interface CollectionPolicyDefinition {
  readonly name: string;
  /** Serialized protos.ApplicationPolicy; absent when the chaincode's policy guards the collection. */
  readonly endorsementPolicy?: Uint8Array;
}

/** What `lscc` says of a chaincode, as far as validation goes. */
export interface LegacyDefinition {
  readonly version: string;
  /** Name of its validation plugin. */
  readonly vscc: string;
  /** Serialized common.SignaturePolicyEnvelope. */
  readonly policy: Uint8Array;
  /** The same: who may upgrade it. */
  readonly instantiationPolicy: Uint8Array;
  /** Serialized protos.CollectionConfigPackage, if there is one. */
  readonly collections?: Uint8Array;
}

/** The validation info of a deployed chaincode. */
export interface NamespaceDefinition {
  readonly name: string;
  readonly validationPlugin: string;
  /** The plugin's parameter: serialized protos.ApplicationPolicy for `vscc`. */
  readonly validationParameter: Uint8Array;
  readonly collections: readonly CollectionPolicyDefinition[];
  /** Beside what `_lifecycle` defines, or alone: see isLegacy. It is what counts before application capability V2_0. */
  readonly legacy?: LegacyDefinition;
  /** All of this comes from `lscc`: its policy guards whatever is called a collection, and it has no implicit ones. */
  readonly isLegacy?: true;
}

/** Definitions as the commits so far leave them. */
export interface DefinitionTracker {
  /** Resolves to the same array as long as nothing changed. Rejects when the state cannot be read. */
  current(): Promise<readonly NamespaceDefinition[]>;
  /** A block that wrote to `_lifecycle` or `lscc` was committed. */
  invalidate(): void;
}
