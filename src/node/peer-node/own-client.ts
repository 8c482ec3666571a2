// SPDX-License-Identifier: Apache-2.0
// The user of a node: whose transactions its gateway sends, by which name people know them, and the gateway service of the node itself, that this
// and other clients of the user ask (Fabric's gateway client beside its peer).
import { displayNameIn } from '../../common/identity/certificate-name.ts';
import { createSigningIdentity, type SigningIdentity } from '../../common/msp/index.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { ownClient } from '../../common/wire/local-client.ts';
import type { EnrolledIdentity } from '../enrolment.ts';
import { type ConnectOptions, connect, type Gateway, LazyGateway } from '../gateway/index.ts';
import type { NodeGatewayComponents } from './gateway-components.ts';
import type { RenameClient } from './ports.ts';

export interface OwnClientComponents {
  readonly mspId: string;
  /** Name of the peer. */
  readonly name: string;
  readonly client: EnrolledIdentity;
  readonly renameClient: RenameClient;
  /** Asked when the service is first used. */
  readonly about: () => NodeGatewayComponents;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly trace: TraceBus;
}

/** What a client needs to connect (gateway/client). */
export type GatewayAccess = Pick<ConnectOptions, 'identity' | 'client'>;

export class OwnClient {
  readonly #components: OwnClientComponents;
  readonly #service: LazyGateway;
  #client: EnrolledIdentity;
  #displayName: string | undefined;
  #gateway: Gateway;

  constructor(components: OwnClientComponents) {
    this.#components = components;
    this.#service = new LazyGateway(async () => {
      const { gatewayComponents } = await import('./gateway-components.ts');
      return gatewayComponents(components.about());
    });
    this.#client = components.client;
    this.#displayName = displayNameIn(components.client.certificate);
    this.#gateway = this.#connect();
  }

  /** By which people know the user: what the certificate says. */
  get displayName(): string | undefined {
    return this.#displayName;
  }

  get gateway(): Gateway {
    return this.#gateway;
  }

  /** For other clients of the user. */
  get access(): GatewayAccess {
    const { mspId, name } = this.#components;
    return {
      identity: signing(mspId, this.#client),
      client: ownClient(this.#service.services, name),
    };
  }

  /** Gets the service ready before anybody waits for it. */
  load(): void {
    this.#service.load().catch(() => {});
  }

  /** @param reason what those are told who still wait. */
  stop(reason?: Error): void {
    this.#service.stop(reason);
  }

  /** Another name, or none; transactions from now on carry it. Rejects as RenameClient does. */
  async rename(name: string): Promise<void> {
    this.#client = await this.#components.renameClient(this.#client, name);
    this.#displayName = displayNameIn(this.#client.certificate);
    this.#gateway = this.#connect();
  }

  #connect(): Gateway {
    const { clock, randomBytes, trace, name } = this.#components;
    return connect({ ...this.access, clock, randomBytes, trace, name });
  }
}

/** An enrolled identity that signs. */
export function signing(mspId: string, { certificate, key }: EnrolledIdentity): SigningIdentity {
  return createSigningIdentity(mspId, certificate, key);
}
