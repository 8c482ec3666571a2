// SPDX-License-Identifier: Apache-2.0
// Who is who, by the rules of each version.
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { common, msp } from '../protos/index.ts';
import { utf8 } from '../runtime/bytes.ts';
import { MSP } from './msp.ts';
import type { MSPVersion } from './msp-version.ts';
import { createOrganisation, type TestOrganisation } from './testing/organisation.ts';
import { Classification, MSPRoleType, principal, role } from './testing/principals.ts';
import type { SigningIdentity } from './types.ts';

const VERSIONS: readonly MSPVersion[] = ['V1_0', 'V1_1', 'V1_3', 'V1_4_3'];
const { CLIENT, PEER, ADMIN, ORDERER, MEMBER } = MSPRoleType;
const bccsp = createBCCSP();

let org: TestOrganisation;
let members: Readonly<
  Record<'none' | 'client' | 'peer' | 'admin' | 'orderer' | 'both', SigningIdentity>
>;

beforeAll(async () => {
  org = await createOrganisation('Org1MSP');
  members = {
    none: await org.member('none', []),
    client: await org.member('client', ['client']),
    peer: await org.member('peer', ['peer']),
    admin: await org.member('admin', ['admin']),
    orderer: await org.member('orderer', ['orderer']),
    both: await org.member('both', ['client', 'peer']),
  };
});

/** Which roles an identity has. */
async function rolesOf(
  version: MSPVersion,
  member: SigningIdentity,
  config = org.mspConfig({ admins: [members.client.certificate] }),
): Promise<string[]> {
  const provider = await MSP.create(config, bccsp, version);
  const identity = await provider.identity(utf8(member.certificate), member.serialize());
  const roles = { MEMBER, CLIENT, PEER, ADMIN, ORDERER };
  const found: string[] = [];
  for (const [name, type] of Object.entries(roles)) {
    if (await identity.satisfiesPrincipal(role('Org1MSP', type))) found.push(name);
  }
  return found;
}

describe.each(VERSIONS)('an MSP of %s', (version) => {
  const hasUnits = version !== 'V1_0';
  const hasAll = version === 'V1_4_3';
  const expected: Readonly<Record<keyof typeof members, readonly string[]>> = {
    none: hasUnits ? [] : ['MEMBER'],
    // It is listed as an admin.
    client: hasUnits ? ['MEMBER', 'CLIENT', 'ADMIN'] : ['MEMBER', 'ADMIN'],
    peer: hasUnits ? ['MEMBER', 'PEER'] : ['MEMBER'],
    admin: hasAll ? ['MEMBER', 'ADMIN'] : hasUnits ? [] : ['MEMBER'],
    orderer: hasAll ? ['MEMBER', 'ORDERER'] : hasUnits ? [] : ['MEMBER'],
    both: hasUnits ? [] : ['MEMBER'],
  };

  it('tells roles apart as it did then', async () => {
    for (const [name, roles] of Object.entries(expected)) {
      expect(await rolesOf(version, members[name as keyof typeof members]), name).toEqual(roles);
    }
  });

  it('knows combined principals and anonymity from V1_3 on', async () => {
    const provider = await MSP.create(org.mspConfig(), bccsp, version);
    const { peer } = members;
    const identity = await provider.identity(utf8(peer.certificate), peer.serialize());
    const combined = common.CombinedPrincipal.encode({
      principals: [role('Org1MSP', MEMBER)],
    }).finish();
    const isKnown = version === 'V1_3' || version === 'V1_4_3';
    for (const [classification, bytes] of [
      [Classification.COMBINED, combined],
      [Classification.ANONYMITY, new Uint8Array()],
    ] as const) {
      expect(await identity.satisfiesPrincipal(principal(classification, bytes))).toBe(isKnown);
    }
  });

  it('asks for admins from V1_4_3 on, and before it for admins that are clients', async () => {
    const creation = (changes: Parameters<TestOrganisation['mspConfig']>[0]) =>
      MSP.create(org.mspConfig(changes), bccsp, version);
    const { admin, peer } = members;
    const admins = creation({ admins: [admin.certificate] });
    if (version === 'V1_1' || version === 'V1_3') await expect(admins).rejects.toThrow('invalid');
    else await expect(admins).resolves.toBeDefined();
    const peers = creation({ admins: [peer.certificate] });
    if (hasUnits) await expect(peers).rejects.toThrow('invalid');
    else await expect(peers).resolves.toBeDefined();
    const nobody = MSP.create(withoutUnits(), bccsp, version);
    if (hasAll) await expect(nobody).rejects.toThrow('administrators must');
    else await expect(nobody).resolves.toBeDefined();
  });

  it('needs units of clients and peers, where there are only these', async () => {
    const created = MSP.create(withoutPeers(), bccsp, version);
    if (hasUnits && !hasAll) await expect(created).rejects.toThrow('NodeOUs must name');
    else await expect(created).resolves.toBeDefined();
  });
});

function changed(change: (config: msp.FabricMSPConfig) => void): Uint8Array {
  const { type, config: bytes } = msp.MSPConfig.decode(org.mspConfig());
  const config = msp.FabricMSPConfig.decode(bytes);
  change(config);
  return msp.MSPConfig.encode({
    type,
    config: msp.FabricMSPConfig.encode(config).finish(),
  }).finish();
}

function withoutUnits(): Uint8Array {
  return changed((config) => Object.assign(config, { fabric_node_ous: null }));
}

function withoutPeers(): Uint8Array {
  return changed(({ fabric_node_ous }) =>
    Object.assign(fabric_node_ous ?? {}, { peer_ou_identifier: null }),
  );
}
