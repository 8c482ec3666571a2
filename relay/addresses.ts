// SPDX-License-Identifier: Apache-2.0
// Where the relay can be reached: links for people, multiaddrs for libp2p.
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Host names or addresses under which a server bound to `host` can be reached, the one to show first first. */
export function reachableHosts(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => address.family === 'IPv4' && !address.internal)
    .map((address) => address.address);
  return [...addresses, '127.0.0.1'];
}

/** `http://192.168.1.5:7050`, without a default port. */
export function httpUrl(host: string, port: number, secure: boolean): string {
  const url = new URL(`${secure ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}`);
  url.port = String(port);
  return url.origin;
}

/** The multiaddr of libp2p's WebSocket at an http(s) URL. */
export function webSocketMultiaddr(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'https:';
  const family = isIP(host) === 6 ? 'ip6' : isIP(host) === 4 ? 'ip4' : 'dns4';
  return `/${family}/${host}/tcp/${port || (secure ? 443 : 80)}${secure ? '/tls' : ''}/ws`;
}

/** The link by which invitations are shown, renewed and cancelled, for all organisations whose administrators' secrets it has. */
export function inviteLink(
  url: string,
  secrets: readonly (readonly [mspId: string, secret: string])[],
): string {
  const admin = secrets.map(([mspId, secret]) => `${mspId}:${secret}`).join(',');
  return `${url}/#/invite?${new URLSearchParams({ admin })}`;
}

/** The link that makes whoever opens it a member. The secret stays behind `#`, so that no server or log ever sees it. */
export function joinLink(url: string, mspId: string, secret: string): string {
  return `${url}/#/join?${new URLSearchParams({ org: mspId, secret })}`;
}
