// SPDX-License-Identifier: Apache-2.0
// What a chaincode worker and whoever launched it tell each other. Transactions do not travel here: they have a
// MessagePort of their own that speaks Fabric's chaincode shim protocol.

/** Paths relative to the chaincode's root (`package.json`, `lib/contract.js`) to source text. */
export type SourceFiles = Readonly<Record<string, string>>;

/** The only message a launcher sends. `port` is transferred; its other end belongs to the peer. */
export interface StartMessage {
  readonly type: 'start';
  readonly files: SourceFiles;
  /** Package id, `label:hash`. */
  readonly ccid: string;
  /** What `stub.getMspID()` answers. */
  readonly mspId: string;
  /** CRITICAL, ERROR, WARNING, INFO or DEBUG; Fabric's CORE_CHAINCODE_LOGGING_LEVEL. */
  readonly logLevel: string;
  readonly port: MessagePort;
}

/** What a worker says. `booted` comes once, before anything else. */
export type WorkerMessage =
  | { readonly type: 'booted' }
  | { readonly type: 'started' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'log'; readonly level: string; readonly text: string; readonly txId?: string }
  | { readonly type: 'exit'; readonly code: number };

/** Checks a message that came out of a sandbox; undefined for anything else than a WorkerMessage. */
export function parseWorkerMessage(data: unknown): WorkerMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, message, level, text, txId, code } = data as Record<string, unknown>;
  switch (type) {
    case 'booted':
    case 'started':
      return { type };
    case 'failed':
      return { type, message: String(message).slice(0, MAX_TEXT_LENGTH) };
    case 'log':
      return {
        type,
        level: String(level).slice(0, 10),
        text: String(text).slice(0, MAX_TEXT_LENGTH),
        ...(typeof txId === 'string' && { txId: txId.slice(0, MAX_TX_ID_LENGTH) }),
      };
    case 'exit':
      return { type, code: Number(code) };
    default:
      return undefined;
  }
}

/** Fabric's have 64; a name of the chaincode's own making shall not be larger than a line. */
const MAX_TX_ID_LENGTH = 200;

/** Characters of a log line or an error; the rest is cut off. */
export const MAX_TEXT_LENGTH = 8_000;
