// SPDX-License-Identifier: Apache-2.0
// The one place that tells which rules of validation hold for a channel: those of 2.0, or those of 1.x, as the capabilities in
// force at a block say (core/committer/txvalidator/router.go). Nothing else asks.
import {
  type ApplicationCapabilities,
  applicationCapabilities,
} from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';

/** Validation by the rules of 1.x. */
export function legacyValidator(): Promise<typeof import('./v14/index.ts')> {
  return import('./v14/index.ts');
}

/** The capabilities by which a channel is validated as 1.x did; undefined when it is validated as 2.0 does. */
export function legacyValidation(bundle: ChannelConfigBundle): ApplicationCapabilities | undefined {
  const capabilities = applicationCapabilities(bundle.application.capabilities);
  return capabilities.v2_0Validation ? undefined : capabilities;
}
