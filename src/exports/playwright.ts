// SPDX-License-Identifier: Apache-2.0
// `tabric/playwright`: real networks and tabs for tests of applications.
export { expect } from '@playwright/test';
export type { PageGlobals } from '../node/browser/window.ts';
export { WEBRTC_ARGS } from '../playwright/browser-args.ts';
export { type TabricFixtures, type TabricOptions, test } from '../playwright/fixtures.ts';
export { type Outcome, openTab, openTabIn, Tab } from '../playwright/tab.ts';
export {
  type ChaincodeOptions,
  type NetworkOptions,
  TestNetwork,
} from '../playwright/test-network.ts';
