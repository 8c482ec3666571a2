// SPDX-License-Identifier: Apache-2.0
// The gateway service of a page, which should be there before all of its code is: the service, and what it stands on, are loaded with the
// first call, or by `load`.
import {
  GrpcStatus,
  ServiceError,
  type ServiceHandler,
  type ServiceTable,
} from '../../../common/wire/service.ts';
import { METHODS } from '../methods.ts';
import type { GatewayServiceComponents, GatewayServiceOptions } from './components.ts';
import type { GatewayService } from './gateway-service.ts';

export class LazyGateway {
  /** As GatewayService.services. */
  readonly services: ServiceTable;
  readonly #components: () => Promise<GatewayServiceComponents>;
  readonly #options: Partial<GatewayServiceOptions>;
  #loading: Promise<GatewayService> | undefined;
  #stopped: unknown;

  /** @param components are asked for once, when they are needed. */
  constructor(
    components: () => Promise<GatewayServiceComponents>,
    options: Partial<GatewayServiceOptions> = {},
  ) {
    this.#components = components;
    this.#options = options;
    this.services = new Map(METHODS.map((method) => [method, this.#handler(method)]));
  }

  /** Loads and starts the service, unless that is done. After a failure, the next call tries again. */
  load(): Promise<GatewayService> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** @param reason what those get who wait for a block, and all further calls. */
  stop(reason: unknown = new ServiceError(GrpcStatus.UNAVAILABLE, 'the peer is stopping')): void {
    this.#stopped = reason;
    // When it could not be loaded, there is nothing to stop.
    this.#loading?.then(
      (service) => service.stop(reason),
      () => {},
    );
  }

  async #load(): Promise<GatewayService> {
    const [{ GatewayService }, components] = await Promise.all([
      import('./gateway-service.ts'),
      this.#components(),
    ]);
    if (this.#stopped !== undefined) throw this.#stopped;
    const service = new GatewayService(components, this.#options);
    service.start();
    return service;
  }

  #handler(method: string): ServiceHandler {
    const load = () => this.load();
    return async function* (requests, context) {
      const { services } = await load();
      yield* services.get(method)?.(requests, context) ?? [];
    };
  }
}
