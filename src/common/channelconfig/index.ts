// SPDX-License-Identifier: Apache-2.0
// Channel configurations: reading, making and changing them.
export { createBundle, createBundleFromBlock } from './bundle.ts';
export { type ApplicationCapabilities, applicationCapabilities } from './capabilities.ts';
export { validateChannelId, validateConfigId } from './config-map.ts';
export { proposeConfigUpdate, validateConfigEnvelope, validateNew } from './config-update.ts';
export { formatDuration, parseDuration } from './duration.ts';
export {
  type ApplicationOrganizationProfile,
  type ChannelProfile,
  DEFAULT_POLICIES,
  type OrdererOrganizationProfile,
  type OrganizationProfile,
  ordererOrganizationPolicies,
  type PolicyTexts,
  peerOrganizationPolicies,
} from './encoder.ts';
export { ConfigError, type ConfigErrorCode } from './errors.ts';
export { createGenesisBlock, type GenesisOptions } from './genesis.ts';
export type {
  AnchorPeer,
  ApplicationConfig,
  ApplicationOrg,
  BatchSize,
  ChannelConfigBundle,
  OrdererConfig,
} from './types.ts';
