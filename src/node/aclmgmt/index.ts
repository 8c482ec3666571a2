// SPDX-License-Identifier: Apache-2.0
// Access to what a peer offers.
export { AclProvider, type LocalMSP } from './acl-provider.ts';
export { CHANNEL_RESOURCES, LOCAL_RESOURCES } from './resources.ts';
