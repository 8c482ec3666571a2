// SPDX-License-Identifier: Apache-2.0
// What Chromium needs to be told before tabs of a test can reach each other.

/** Local addresses that WebRTC may use; and where tests run as root, as in a container, no sandbox of user namespaces. */
export const WEBRTC_ARGS: readonly string[] = Object.freeze([
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]);
