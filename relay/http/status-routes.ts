// SPDX-License-Identifier: Apache-2.0
// What Fabric's operations server answers (core/operations/system.go), without authentication: /healthz and /version; and /network.json.
import type { NetworkDescription } from '../../src/common/network/types.ts';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { type HttpRoute, json } from './http-server.ts';

export interface FailedCheck {
  readonly component: string;
  readonly reason: string;
}

export interface StatusComponents {
  readonly clock: Clock;
  readonly version: string;
  readonly description: NetworkDescription;
  readonly failedChecks: () => readonly FailedCheck[];
}

/** The route over `/healthz`, `/version` and `/network.json`. */
export function statusRoute({
  clock,
  version,
  description,
  failedChecks,
}: StatusComponents): HttpRoute {
  return ({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    switch (path) {
      case '/healthz': {
        const failed = failedChecks();
        const time = new Date(clock.now()).toISOString();
        return failed.length === 0
          ? json(200, { status: 'OK', time })
          : json(503, { status: 'Service Unavailable', time, failed_checks: failed });
      }
      case '/version':
        return json(200, { CommitSHA: '', Version: version });
      case '/network.json':
        return json(200, description);
      default:
        return undefined;
    }
  };
}
