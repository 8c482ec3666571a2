// SPDX-License-Identifier: Apache-2.0
// How a peer gets hold of a running chaincode (Fabric's core/container and core/chaincode/runtime_launcher.go).
import type { SourceFiles } from './runtime/control-messages.ts';

/** The peer's end of a chaincode's stream: each message is one serialized protos.ChaincodeMessage. */
export interface ChaincodePort {
  postMessage(message: ArrayBuffer, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  /** The other end is gone: a PortClosedEvent where the port knows why. */
  addEventListener(type: 'close', listener: (event: Event) => void): void;
  start(): void;
  close(): void;
}

/** Says why a chaincode has ended. */
export class PortClosedEvent extends Event {
  readonly reason: string;

  constructor(reason: string) {
    super('close');
    this.reason = reason;
  }
}

/** Starts and ends the programs of chaincodes, by package id. */
export interface ChaincodeLauncher {
  /**
   * Starts a chaincode and gives the port on which it will register. Rejects with FabricError CHAINCODE_NOT_INSTALLED when this
   * peer has no such package, CHAINCODE_START_FAILED with the chaincode's own error when it cannot start.
   */
  launch(ccid: string, options: { signal: AbortSignal }): Promise<ChaincodePort>;
  /** Ends it, whatever it is doing; its port goes silent. */
  kill(ccid: string): void;
}

/** What a program needs to start, wherever it runs. */
export interface LaunchRequest {
  readonly ccid: string;
  readonly files: SourceFiles;
  readonly mspId: string;
  /** CRITICAL, ERROR, WARNING, INFO or DEBUG. */
  readonly logLevel?: string;
}
