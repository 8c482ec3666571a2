// SPDX-License-Identifier: Apache-2.0
export {
  type EndorserPvtSimulationResults,
  TransientStore,
  type TransientStoreOptions,
} from './transient-store.ts';
export { TransientStoreProvider } from './transient-store-provider.ts';
