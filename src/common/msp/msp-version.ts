// SPDX-License-Identifier: Apache-2.0
// The rules of membership changed with the capabilities of channels (newBccspMsp of msp/mspimpl.go lists which function
// serves which version). A channel keeps the rules that it asks for.

/** Named after the channel capability that brought it. */
export type MSPVersion = 'V1_0' | 'V1_1' | 'V1_3' | 'V1_4_3' | 'V3_0';

export interface MSPRules {
  /**
   * - none: all valid identities are alike, whatever the definition says
   * - clients-and-peers: every identity is one of both, and both must be named; listed admins are clients
   * - any: each of client, peer, admin and orderer may be named, and an admin or orderer may be known by its unit
   */
  readonly nodeOUs: 'none' | 'clients-and-peers' | 'any';
  /** Whether COMBINED and ANONYMITY principals mean anything. */
  readonly combinedPrincipals: boolean;
  /** Whether there must be an admin: listed, or known by its unit. */
  readonly requiresAdmin: boolean;
  /** Whether members may have Ed25519 keys. */
  readonly ed25519Members: boolean;
}

const RULES: Readonly<Record<MSPVersion, MSPRules>> = {
  V1_0: { nodeOUs: 'none', combinedPrincipals: false, requiresAdmin: false, ed25519Members: false },
  V1_1: {
    nodeOUs: 'clients-and-peers',
    combinedPrincipals: false,
    requiresAdmin: false,
    ed25519Members: false,
  },
  V1_3: {
    nodeOUs: 'clients-and-peers',
    combinedPrincipals: true,
    requiresAdmin: false,
    ed25519Members: false,
  },
  V1_4_3: { nodeOUs: 'any', combinedPrincipals: true, requiresAdmin: true, ed25519Members: false },
  V3_0: { nodeOUs: 'any', combinedPrincipals: true, requiresAdmin: true, ed25519Members: true },
};

export function mspRulesOf(version: MSPVersion): MSPRules {
  return RULES[version];
}
