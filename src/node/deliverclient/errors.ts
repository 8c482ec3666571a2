// SPDX-License-Identifier: Apache-2.0
// What goes wrong between a peer and the ordering service.
import { common } from '../../common/protos/index.ts';
import { FabricError } from '../../common/runtime/errors.ts';

/**
 * - DELIVER_STATUS: the orderer answered with a status where a block was due; `status` is Fabric's
 * - DELIVER_ENDED: the stream ended early
 * - DELIVER_MALFORMED: a response that is neither block nor status, or another block than was asked for
 */
export type DeliverErrorCode = 'DELIVER_STATUS' | 'DELIVER_ENDED' | 'DELIVER_MALFORMED';

export class DeliverError extends FabricError {
  override readonly name: string = 'DeliverError';
  declare readonly code: DeliverErrorCode;
  /** common.Status, for DELIVER_STATUS. */
  readonly status: number | undefined;

  constructor(
    code: DeliverErrorCode,
    message: string,
    options: { cause?: unknown; status?: number } = {},
  ) {
    super(code, message, options);
    this.status = options.status;
  }
}

/** The error for a status of the orderer. */
export function statusError(channel: string, status: number): DeliverError {
  const name = common.Status[status] ?? 'UNKNOWN';
  return new DeliverError(
    'DELIVER_STATUS',
    `the orderer answered ${status} ${name} for channel ${channel}`,
    { status },
  );
}
