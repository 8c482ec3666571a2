// SPDX-License-Identifier: Apache-2.0
import { FabricError } from '../../common/runtime/errors.ts';

/** Throws FabricError with this code where Node's permission model is missing, or is an experiment (before Node 22.13). */
export function needPermissionModel(code: string, what: string): void {
  if (process.allowedNodeEnvironmentFlags.has('--permission')) return;
  throw new FabricError(code, `Node ${process.version} cannot keep ${what}: it needs Node 24`);
}
