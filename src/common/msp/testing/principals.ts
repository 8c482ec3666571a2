// SPDX-License-Identifier: Apache-2.0
// Principals for tests.
import { common } from '../../protos/index.ts';

export const { MSPRoleType } = common.MSPRole;
export const { Classification } = common.MSPPrincipal;

export function principal(classification: number, bytes: Uint8Array): common.MSPPrincipal {
  const message = { principal_classification: classification, principal: bytes };
  return common.MSPPrincipal.decode(common.MSPPrincipal.encode(message).finish());
}

export function role(mspId: string, type: number): common.MSPPrincipal {
  const bytes = common.MSPRole.encode({ msp_identifier: mspId, role: type }).finish();
  return principal(Classification.ROLE, bytes);
}
