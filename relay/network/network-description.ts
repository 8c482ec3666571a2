// SPDX-License-Identifier: Apache-2.0
// `GET /network.json`: what a tab needs to know before it has any identity.
import type {
  ChaincodeDefinition,
  ChannelDescription,
  NetworkDescription,
} from '../../src/common/network/types.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import type { ChaincodeConfig } from './chaincode-config.ts';
import { type ChaincodePackage, isSample, packChaincode } from './chaincode-packages.ts';
import { ConfigError } from './config-reader.ts';
import type { Network } from './network.ts';

/**
 * Where libp2p's WebSocket is. The root, because a multiaddr that @libp2p/websockets 10 can dial has no path: tabs dial
 * `/dns4/<host>/tcp/<port>[/tls]/ws/p2p/<peerId>`.
 */
export const WS_PATH = '/';

/**
 * The description, and the packages that it points to. A sample that cannot be packed is reported and left out. Rejects with ConfigError for
 * any other source that cannot be.
 */
export async function describeNetwork(
  network: Network,
  options: { readonly peerId: string; readonly samples: string; readonly log: Logger },
): Promise<{ description: NetworkDescription; packages: readonly ChaincodePackage[] }> {
  const { organisations, orderer, gossip, iceServers } = network.config;
  const packages = new Map<string, ChaincodePackage>();
  const channels: ChannelDescription[] = [];
  for (const { chaincodes, ...channel } of network.config.channels) {
    const definitions: ChaincodeDefinition[] = [];
    for (const chaincode of chaincodes) {
      const packed = await pack(chaincode, options);
      if (packed) packages.set(packed.path, packed);
      definitions.push(define(chaincode, packed));
    }
    const { name, stateDatabase, historyDatabase } = channel;
    channels.push({
      name,
      ...(stateDatabase && { stateDatabase }),
      ...(historyDatabase !== undefined && { historyDatabase }),
      chaincodes: definitions,
    });
  }
  const description = {
    networkId: network.id,
    relay: { peerId: options.peerId, wsPath: WS_PATH },
    ordererMspId: orderer.mspId,
    organisations: organisations.map(({ name, mspId, domain, caName }) => ({
      name,
      mspId,
      domain,
      caName,
    })),
    channels,
    gossip,
    iceServers,
  };
  return { description, packages: [...packages.values()] };
}

function define(
  chaincode: ChaincodeConfig,
  packed: ChaincodePackage | undefined,
): ChaincodeDefinition {
  const { package: _source, ...definition } = chaincode;
  return packed
    ? { ...definition, packagePath: packed.path, packageId: packed.packageId }
    : definition;
}

async function pack(
  { name, version, package: source }: ChaincodeConfig,
  { samples, log }: { samples: string; log: Logger },
): Promise<ChaincodePackage | undefined> {
  if (source === undefined) return undefined;
  try {
    return await packChaincode(samples, { name, version, package: source });
  } catch (error) {
    if (!isSample(source)) {
      const message = `the package ${source} of chaincode ${name}: ${messageOf(error)}`;
      throw new ConfigError('BAD_CONFIG', message, { cause: error });
    }
    log.warn(
      `the sample ${source} of chaincode ${name} cannot be packed; tabs must install it by hand`,
      { error },
    );
    return undefined;
  }
}
