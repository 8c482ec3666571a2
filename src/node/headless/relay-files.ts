// SPDX-License-Identifier: Apache-2.0
// What a headless peer fetches from the relay by HTTP: the description of the network, and packages that its operator asks for by name.
import type { ChannelDescription, NetworkDescription } from '../../common/network/types.ts';
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { MAX_PACKAGE_BYTES } from '../chaincode/package.ts';
import { checkClock } from '../clock-skew.ts';

const TIMEOUT_MS = 20_000;
const MAX_DESCRIPTION_BYTES = 4 * 1024 * 1024;

/** What the relay says of its network. Rejects with FabricError RELAY_UNREACHABLE, CLOCK_BEHIND or CLOCK_AHEAD. */
export async function fetchNetwork(relay: URL, signal?: AbortSignal): Promise<NetworkDescription> {
  const url = new URL('/network.json', relay);
  const { bytes, date } = await getDated(url, MAX_DESCRIPTION_BYTES, signal);
  checkClock(date, Date.now());
  const text = fromUtf8(bytes);
  try {
    return checkedNetwork(JSON.parse(text));
  } catch (cause) {
    const message = `${relay.origin} is no relay of Tabric: /network.json ${messageOf(cause)}`;
    throw new FabricError('RELAY_UNREACHABLE', message, { cause });
  }
}

/** A file of the relay by its path. Rejects with FabricError PACKAGE_UNAVAILABLE or RELAY_UNREACHABLE. */
export async function fetchFile(
  relay: URL,
  path: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const url = new URL(path, relay);
  if (url.origin !== relay.origin) {
    throw new FabricError('PACKAGE_UNAVAILABLE', `${url} is not at the relay`);
  }
  return get(url, MAX_PACKAGE_BYTES, signal);
}

/** The package that the network names for a chaincode. Rejects with FabricError PACKAGE_UNAVAILABLE. */
export async function fetchPackage(
  relay: URL,
  channels: readonly ChannelDescription[],
  chaincode: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const found = channels.flatMap(({ chaincodes }) => chaincodes);
  const path = found.find(({ name }) => name === chaincode)?.packagePath;
  if (path === undefined) {
    const text = `the network has no package of chaincode ${chaincode}: say --chaincode ${chaincode}=FILE`;
    throw new FabricError('PACKAGE_UNAVAILABLE', text);
  }
  return fetchFile(relay, path, signal);
}

async function get(url: URL, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  const { bytes } = await getDated(url, maxBytes, signal);
  return bytes;
}

/** With the relay's time of the answer. */
async function getDated(
  url: URL,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly date: string | null }> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    return { bytes: await bodyOf(response, maxBytes), date: response.headers.get('date') };
  } catch (cause) {
    signal?.throwIfAborted();
    const text = `GET ${url} failed: ${reasonOf(cause)}`;
    throw new FabricError('RELAY_UNREACHABLE', text, { cause });
  }
}

async function bodyOf({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

// Of a connection that was refused, fetch says so only in the cause.
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause instanceof Error && cause.message !== '' ? cause : error);
}

function checkedNetwork(found: unknown): NetworkDescription {
  const network = (found ?? {}) as Partial<NetworkDescription>;
  const { networkId, relay, ordererMspId, organisations, channels, gossip } = network;
  if (
    typeof networkId !== 'string' ||
    typeof relay?.peerId !== 'string' ||
    typeof ordererMspId !== 'string' ||
    !Array.isArray(organisations) ||
    !Array.isArray(channels) ||
    typeof gossip !== 'object'
  ) {
    throw new Error('describes no network');
  }
  return network as NetworkDescription;
}
