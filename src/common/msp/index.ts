// SPDX-License-Identifier: Apache-2.0
// Identities and who vouches for them (Fabric's package msp).
export { createMSPConfig, type MSPDefinition } from './config-builder.ts';
export { MSPError, type MSPErrorCode } from './errors.ts';
export type { X509Identity } from './identity.ts';
export { MSP } from './msp.ts';
export { MSPManagerImpl } from './msp-manager.ts';
export type { MSPVersion } from './msp-version.ts';
export {
  certificateOf,
  checkWellFormed,
  decodeSerializedIdentity,
  identityName,
  MAX_IDENTITY_BYTES,
  pkiIdOf,
  serializeIdentity,
} from './serialized-identity.ts';
export { createSigningIdentity } from './signing-identity.ts';
export type { Identity, MSPManager, SigningIdentity } from './types.ts';
