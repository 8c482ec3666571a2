// SPDX-License-Identifier: Apache-2.0
// The CAs of a network behind their REST interface, with the registrars made at the first start and the invitations that are shown.

import type { Logger } from '../../src/common/runtime/log.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import type { HttpRoute } from '../http/http-server.ts';
import { caOf, type Network, type NetworkComponents } from '../network/network.ts';
import { Administrators } from './administrators.ts';
import { Affiliations } from './affiliations.ts';
import { caApi } from './ca-api.ts';
import { CertificateRecords } from './certificate-records.ts';
import { FabricCA } from './fabric-ca.ts';
import { FailureLimit } from './failure-limit.ts';
import { IdentityRegistry } from './identity-registry.ts';
import { type Invitation, type InvitationOptions, Invitations } from './invitations.ts';
import { certificateIssuer } from './issuer.ts';
import { newSecret } from './secrets.ts';

const REGISTRAR = 'admin';
const REGISTRARS_FILE = 'registrars.json';

export interface CaServiceComponents extends NetworkComponents {
  readonly network: Network;
  readonly data: DataDirectory;
  /** Of new invitations. */
  readonly invitation: InvitationOptions;
  /** The link by which people join. */
  readonly joinLink: (mspId: string, secret: string) => string;
  readonly log: Logger;
}

/** The CAs of a running relay. */
export class CaService {
  readonly route: HttpRoute;
  readonly #invitations: Invitations;
  readonly #options: InvitationOptions;
  readonly #administrators: Administrators;

  private constructor(
    route: HttpRoute,
    invitations: Invitations,
    options: InvitationOptions,
    administrators: Administrators,
  ) {
    this.route = route;
    this.#invitations = invitations;
    this.#options = options;
    this.#administrators = administrators;
  }

  static async open(components: CaServiceComponents): Promise<CaService> {
    const { network, store, clock, invitation, joinLink, log } = components;
    const organisations = [...network.config.organisations, network.config.orderer];
    const cas = organisations.map(({ caName, mspId, domain }) => {
      const issuer = certificateIssuer(components, caOf(network.cas, caName));
      const registry = new IdentityRegistry(store, caName);
      const certificates = new CertificateRecords(store, caName);
      const affiliations = new Affiliations(store, caName, registry);
      return new FabricCA(
        { issuer, registry, certificates, affiliations, clock },
        { caName, mspId, domain },
      );
    });
    for (const ca of cas) await ca.migrate();
    await bootstrap(cas, components.data);
    const invitations = new Invitations({ store, clock });
    const failures = new FailureLimit(clock);
    const administrators = new Administrators(store);
    const api = { cas, invitations, administrators, failures, joinLink, clock, log };
    const route = caApi({ ...api, invitationOptions: invitation });
    return new CaService(route, invitations, invitation, administrators);
  }

  /** The invitation to show for an organisation. */
  invitation(mspId: string): Promise<Invitation> {
    return this.#invitations.current(mspId, this.#options);
  }

  /** The secret of an organisation's administrator's link. */
  administratorSecret(mspId: string): Promise<string> {
    return this.#administrators.secretOf(mspId);
  }
}

// fabric-samples' admin:adminpw would let everybody on the network register an admin, so the secret is random and lies in a file.
async function bootstrap(cas: readonly FabricCA[], data: DataDirectory): Promise<void> {
  const registrars: Record<string, { id: string; secret: string }> = {};
  for (const ca of cas) {
    if (await ca.isBootstrapped()) continue;
    registrars[ca.description.caName] = { id: REGISTRAR, secret: newSecret() };
  }
  if (Object.keys(registrars).length === 0) return;
  // The file first: a registrar whose secret nobody knows would be of no use.
  await data.writeSecretFile(REGISTRARS_FILE, `${JSON.stringify(registrars, null, 2)}\n`);
  for (const ca of cas) {
    const registrar = registrars[ca.description.caName];
    if (registrar) await ca.bootstrap(registrar);
  }
}
