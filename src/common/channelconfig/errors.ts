// SPDX-License-Identifier: Apache-2.0
import { FabricError, type FabricErrorOptions } from '../runtime/errors.ts';

/**
 * - CONFIG_MALFORMED: not a configuration that Fabric would accept
 * - CAPABILITY_UNSUPPORTED: the channel demands what this software does not have; update it
 * - CONFIG_UPDATE: an update that does not fit the current configuration
 * - CONFIG_UNAUTHORIZED: an update without the signatures that its changes need
 */
export type ConfigErrorCode =
  | 'CONFIG_MALFORMED'
  | 'CAPABILITY_UNSUPPORTED'
  | 'CONFIG_UPDATE'
  | 'CONFIG_UNAUTHORIZED';

export class ConfigError extends FabricError {
  override readonly name: string = 'ConfigError';
  declare readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: FabricErrorOptions) {
    super(code, message, options);
  }
}
