// SPDX-License-Identifier: Apache-2.0
// In place of @grpc/grpc-js: the only call that fabric-shim makes is ChaincodeSupport.Register, whose stream is the
// worker's port.

let open: (() => unknown) | undefined;
let connected = false;

/** Says where the stream to the peer comes from. */
export function connectWith(makeStream: () => unknown): void {
  open = makeStream;
}

/** True once chaincode has asked for the stream. */
export function isConnected(): boolean {
  return connected;
}

class Client {
  register(): unknown {
    if (!open || connected) throw new Error('chaincode can be started once');
    connected = true;
    return open();
  }
}

export function makeGenericClientConstructor(): typeof Client {
  return Client;
}

function unavailable(): never {
  throw new Error('chaincode cannot open or accept connections');
}

export const credentials = { createInsecure: () => ({}), createSsl: unavailable };
export const ServerCredentials = { createInsecure: unavailable, createSsl: unavailable };
export class Server {
  constructor() {
    unavailable();
  }
}
