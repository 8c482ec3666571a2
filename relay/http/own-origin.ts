// SPDX-License-Identifier: Apache-2.0
// Keeps other websites out. A page anywhere can make its visitor's browser post to a relay in the visitor's network, and open WebSockets to it;
// and a name that its owner points at the relay's address makes such a page look like the relay's own (DNS rebinding). Browsers say where a
// request comes from, and programs, which say nothing, decide for themselves where they connect.
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Why a request that changes something is refused; undefined when it may pass. `ownHosts` are names by which the relay is known besides those of every machine. */
export function foreignOrigin(
  { host = '', origin, 'content-type': contentType }: IncomingHttpHeaders,
  ownHosts: readonly string[],
): string | undefined {
  const name = hostnameOf(`http://${host}`);
  if (name === undefined || !isOwnName(name, ownHosts))
    return `this relay is not known as '${name ?? host}'; start it with --public-url, if it should be`;
  if (origin !== undefined && !isOwnOrigin(origin, host, ownHosts))
    return `requests of pages of ${origin} are not answered`;
  if (contentType !== undefined && !/^application\/json\s*(;|$)/i.test(contentType))
    return `content-type ${contentType} is none that is read here; application/json is`;
  return undefined;
}

// An address cannot be rebound, and names without a dot, those of the local network and those for tests (RFC 6761) are not given to strangers.
function isOwnName(name: string, ownHosts: readonly string[]): boolean {
  const bare = name.replace(/^\[|\]$/g, '');
  return (
    isIP(bare) !== 0 ||
    !bare.includes('.') ||
    /\.(local|localhost|test|home\.arpa|internal)$/.test(bare) ||
    [hostname().toLowerCase(), ...ownHosts].includes(bare)
  );
}

// The scheme may differ: a proxy in front may speak TLS.
function isOwnOrigin(origin: string, host: string, ownHosts: readonly string[]): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (!url || url.host === '') return false;
  return url.host === host.toLowerCase() || ownHosts.includes(url.hostname);
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
