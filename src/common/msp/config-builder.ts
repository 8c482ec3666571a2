// SPDX-License-Identifier: Apache-2.0
// An MSP definition from PEM certificates (msp/configbuilder.go, without the directories).
import { msp } from '../protos/index.ts';
import { utf8 } from '../runtime/bytes.ts';

export interface MSPDefinition {
  readonly mspId: string;
  /** PEM certificates. */
  readonly rootCerts: readonly string[];
  readonly intermediateCerts?: readonly string[];
  /** Listed admins; none are needed with NodeOUs. */
  readonly admins?: readonly string[];
  /** PEM revocation lists. */
  readonly revocationList?: readonly string[];
  readonly tlsRootCerts?: readonly string[];
  /** PEM certificate of the CA under which OUs say the role; absent: NodeOUs are off; empty: any of the CAs. */
  readonly nodeOUsCertificate?: string;
}

/** Serialized msp.MSPConfig. */
export function createMSPConfig(definition: MSPDefinition): Uint8Array {
  const pems = (list: readonly string[] = []) => list.map(utf8);
  const { nodeOUsCertificate: ca } = definition;
  const unit = (name: string) => ({
    organizational_unit_identifier: name,
    certificate: utf8(ca ?? ''),
  });
  const nodeOUs = {
    enable: true,
    client_ou_identifier: unit('client'),
    peer_ou_identifier: unit('peer'),
    admin_ou_identifier: unit('admin'),
    orderer_ou_identifier: unit('orderer'),
  };
  const config = msp.FabricMSPConfig.encode({
    name: definition.mspId,
    root_certs: pems(definition.rootCerts),
    intermediate_certs: pems(definition.intermediateCerts),
    admins: pems(definition.admins),
    revocation_list: pems(definition.revocationList),
    crypto_config: {
      signature_hash_family: 'SHA2',
      identity_identifier_hash_function: 'SHA256',
    },
    tls_root_certs: pems(definition.tlsRootCerts),
    fabric_node_ous: ca === undefined ? null : nodeOUs,
  }).finish();
  return msp.MSPConfig.encode({ type: 0, config }).finish();
}
