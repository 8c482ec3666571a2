// SPDX-License-Identifier: Apache-2.0
// The relay makes the runnable program of a package for its peers, since a tab can run neither npm nor a compiler. The program belongs to the
// package's own id, which stays the hash of what was packaged.
import { sha256 } from '@noble/hashes/sha2.js';
import { fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import {
  GrpcStatus,
  type ServiceClient,
  ServiceError,
  type ServiceHandler,
} from '../../common/wire/service.ts';

/** One request, the package; two responses, a {@link BuildReport} as JSON and the program, a packed tar of its files. */
export const BUILD_METHOD = '/tabric.ChaincodeBuild/Build';

export interface BuildReport {
  readonly packageId: string;
  /** SHA-256 of the program, in hex. */
  readonly sha256: string;
  /** What npm and the compiler said. */
  readonly log: string;
}

export interface BuiltChaincode extends BuildReport {
  readonly program: Uint8Array;
}

/** Said by a relay that does not build. */
export const BUILD_UNAVAILABLE = 'CHAINCODE_BUILD_UNAVAILABLE';

const MAX_REPORT_BYTES = 1024 * 1024;

/** Serves {@link BUILD_METHOD}; what `build` throws is told to the caller by code. */
export function buildService(
  build: (bytes: Uint8Array, signal: AbortSignal) => Promise<BuiltChaincode>,
): ServiceHandler {
  return async function* (requests, { signal }) {
    for await (const request of requests) {
      try {
        const { program, ...report } = await build(request, signal);
        yield utf8(JSON.stringify(report));
        yield program;
      } catch (error) {
        const code = error instanceof FabricError ? error.code : 'INTERNAL';
        throw new ServiceError(GrpcStatus.FAILED_PRECONDITION, `${code}: ${messageOf(error)}`);
      }
      return;
    }
  };
}

/**
 * Has the relay build a package. Rejects with FabricError CHAINCODE_BUILD_UNAVAILABLE when it does not build or is not there,
 * CHAINCODE_BUILD_FAILED with what the tools said, or that of the package's own fault.
 */
export async function buildAtRelay(
  relay: ServiceClient,
  packageId: string,
  bytes: Uint8Array,
  options: { signal: AbortSignal },
): Promise<BuiltChaincode> {
  const responses: Uint8Array[] = [];
  try {
    for await (const one of relay.call(BUILD_METHOD, [bytes], options))
      if (responses.push(one) > 2) break;
  } catch (error) {
    throw asFabricError(error);
  }
  const [report, program] = responses;
  if (!report || !program || responses.length > 2 || report.length > MAX_REPORT_BYTES)
    throw new FabricError('CHAINCODE_BUILD_FAILED', 'the relay sent no program');
  const { log, ...told } = readReport(report);
  if (told.packageId !== packageId || told.sha256 !== toHex(sha256(program)))
    throw new FabricError('CHAINCODE_BUILD_FAILED', 'the relay sent another program than it said');
  return { ...told, log, program };
}

function readReport(bytes: Uint8Array): BuildReport {
  const { packageId, sha256: hash, log } = Object(JSON.parse(fromUtf8(bytes)));
  return { packageId: String(packageId), sha256: String(hash), log: String(log) };
}

function asFabricError(error: unknown): FabricError {
  const message = messageOf(error);
  if (!(error instanceof ServiceError))
    return new FabricError(BUILD_UNAVAILABLE, message, { cause: error });
  const [, code = BUILD_UNAVAILABLE, text = message] =
    /^([A-Z_]{3,60}): (.*)$/s.exec(message) ?? [];
  return new FabricError(code, text, { cause: error });
}
