// SPDX-License-Identifier: Apache-2.0
// Content security policies of what the relay serves. The page runs only its own scripts; a chaincode sandbox may evaluate code,
// but has an opaque origin and reaches nothing.

const PAGE = [
  "default-src 'self'",
  "script-src 'self'",
  // Workers of the page are files of its own; Vite inlines small ones as blobs.
  "worker-src 'self' blob:",
  // The page may dial another relay (a second network, a webrtc-direct address comes without any request).
  "connect-src 'self' ws: wss: http: https:",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  // preact sets style attributes.
  "style-src 'self' 'unsafe-inline'",
  "frame-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const SANDBOX = [
  'sandbox allow-scripts',
  "default-src 'none'",
  // ajv and the CommonJS loader compile with `new Function`.
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  'worker-src blob:',
  "connect-src 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Headers of a document, chosen by its path below the served folder. */
export function documentHeaders(path: string): Record<string, string> {
  const sandbox = /(^|\/)[\w-]*sandbox[\w-]*\.html$/.test(path);
  return { 'content-security-policy': sandbox ? SANDBOX : PAGE };
}
