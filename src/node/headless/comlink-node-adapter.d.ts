// SPDX-License-Identifier: Apache-2.0
// Comlink declares the types of its adapter for another extension than the one that Node loads.
declare module 'comlink/dist/esm/node-adapter.mjs' {
  export { default } from 'comlink/dist/esm/node-adapter';
}
