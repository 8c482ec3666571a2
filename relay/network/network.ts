// SPDX-License-Identifier: Apache-2.0
// The network that this relay made at its first start and keeps ever after: its id, the CAs and the orderer with their keys, the relay's
// libp2p key and the genesis blocks. All of it is written at once, so that a crash leaves either no network or a whole one.
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { createBundleFromBlock } from '../../src/common/channelconfig/bundle.ts';
import type { CertificateAuthority } from '../../src/common/crypto/ca.ts';
import { createSigningIdentity, type SigningIdentity } from '../../src/common/msp/index.ts';
import { createApplicationPolicy } from '../../src/common/policies/index.ts';
import { fromBase64, toBase64, toHex } from '../../src/common/runtime/bytes.ts';
import { FabricError } from '../../src/common/runtime/errors.ts';
import type { KVStore } from '../../src/ledger/kv-store.ts';
import {
  type CryptoComponents,
  createCa,
  createMember,
  loadCa,
  type StoredKey,
} from '../ca/issuer.ts';
import { Records } from '../data/records.ts';
import type { ChaincodeConfig } from './chaincode-config.ts';
import { createGenesisBlocks } from './genesis.ts';
import type { ChannelConfig, NetworkConfig } from './network-config.ts';

export interface Network {
  /** Scopes topics and the databases of browsers. */
  readonly id: string;
  readonly config: NetworkConfig;
  /** libp2p's, persistent: addresses contain its peer id. */
  readonly privateKey: PrivateKey;
  /** By CA name: the organisations' and the orderer organisation's. */
  readonly cas: ReadonlyMap<string, CertificateAuthority>;
  readonly orderer: SigningIdentity;
  /** Serialized common.Block by channel name. */
  readonly genesisBlocks: ReadonlyMap<string, Uint8Array>;
  /** True when it was made just now. */
  readonly isNew: boolean;
}

interface StoredNetwork {
  readonly version: 1;
  readonly id: string;
  readonly config: NetworkConfig;
  /** libp2p protobuf of the private key, base64. */
  readonly privateKey: string;
  readonly cas: Readonly<Record<string, StoredKey>>;
  readonly orderer: StoredKey;
  readonly genesisBlocks: Readonly<Record<string, string>>;
}

export interface NetworkComponents extends CryptoComponents {
  readonly store: KVStore;
}

const RECORD = 'self';
const ORDERER_DAYS = 10 * 365;

/**
 * The network in the store, or a new one made to `config`. `isExplicit` says that a person wrote `config`: then it must name the organisations
 * and channels that an existing network has, and define the same chaincodes, else NETWORK_DIFFERS; their packages, and settings of peers
 * alone, replace the stored ones.
 */
export async function openNetwork(
  components: NetworkComponents,
  config: NetworkConfig,
  isExplicit: boolean,
): Promise<Network> {
  const records = new Records<StoredNetwork>(components.store, 'network');
  const known = await records.get(RECORD);
  if (!known) {
    const made = await createNetwork(components, config);
    await components.store.write([records.put(RECORD, made)], { durable: true });
    return load(components, made, true);
  }
  if (known.version !== 1) {
    throw new FabricError(
      'DATA_TOO_NEW',
      'the data directory was written by a newer version; use that version',
    );
  }
  return load(
    components,
    isExplicit ? { ...known, config: merge(known.config, config) } : known,
    false,
  );
}

async function createNetwork(
  components: NetworkComponents,
  config: NetworkConfig,
): Promise<StoredNetwork> {
  const cas: Record<string, StoredKey> = {};
  const live = new Map<string, CertificateAuthority>();
  for (const { caName, domain } of [...config.organisations, config.orderer]) {
    const { ca, stored } = await createCa(components, domain);
    cas[caName] = stored;
    live.set(caName, ca);
  }
  const privateKey = privateKeyToProtobuf(await generateKeyPair('Ed25519'));
  const genesisBlocks = createGenesisBlocks(config, (name) => caOf(live, name), components);
  // A configuration that no orderer would take must not become a network.
  for (const block of genesisBlocks.values()) await createBundleFromBlock(block, components.bccsp);
  return {
    version: 1,
    id: toHex(components.random(8)),
    config,
    privateKey: toBase64(privateKey),
    cas,
    orderer: await createMember(components, caOf(live, config.orderer.caName), {
      commonName: `orderer.${config.orderer.domain}`,
      role: 'orderer',
      days: ORDERER_DAYS,
    }),
    genesisBlocks: Object.fromEntries(
      [...genesisBlocks].map(([channel, block]) => [channel, toBase64(block)]),
    ),
  };
}

async function load(
  components: NetworkComponents,
  stored: StoredNetwork,
  isNew: boolean,
): Promise<Network> {
  const cas = new Map<string, CertificateAuthority>();
  for (const [name, key] of Object.entries(stored.cas))
    cas.set(name, await loadCa(components, key));
  const { privateKey: handle } = await components.bccsp.importKey(fromBase64(stored.orderer.pkcs8));
  const { mspId } = stored.config.orderer;
  return {
    id: stored.id,
    config: stored.config,
    privateKey: privateKeyFromProtobuf(fromBase64(stored.privateKey)),
    cas,
    orderer: createSigningIdentity(mspId, stored.orderer.certificate, handle),
    genesisBlocks: new Map(
      Object.entries(stored.genesisBlocks).map(([channel, block]) => [channel, fromBase64(block)]),
    ),
    isNew,
  };
}

/** The CA of this name; every organisation of a network has one. */
export function caOf(
  cas: ReadonlyMap<string, CertificateAuthority>,
  name: string,
): CertificateAuthority {
  const ca = cas.get(name);
  if (!ca)
    throw new FabricError(
      'DATA_DAMAGED',
      `the network has no CA ${name}; restore the data directory from a backup`,
    );
  return ca;
}

// Members and channels are on the chains and in certificates; the rest is the relay's to tell.
function merge(stored: NetworkConfig, wanted: NetworkConfig): NetworkConfig {
  const membersOf = ({ name, organisations }: ChannelConfig): string =>
    `${name}: ${organisations.join(', ')}`;
  for (const [what, of] of [
    [
      'organisations',
      (config: NetworkConfig) => config.organisations.map(({ anchorPeers: _, ...names }) => names),
    ],
    ['orderer organisation', (config: NetworkConfig) => config.orderer],
    ['channels', (config: NetworkConfig) => config.channels.map(membersOf)],
  ] as const) {
    const [has, asked] = [JSON.stringify(of(stored)), JSON.stringify(of(wanted))];
    if (has === asked) continue;
    const message = `the network in the data directory has other ${what} (${has}) than the configuration file (${asked}); change them by a config update, or choose another --data`;
    throw new FabricError('NETWORK_DIFFERS', message);
  }
  for (const [i, { name, chaincodes }] of stored.channels.entries())
    requireSameDefinitions(name, chaincodes, wanted.channels[i]?.chaincodes ?? []);
  const channels = stored.channels.map((channel, i) => withSettingsOf(channel, wanted.channels[i]));
  return { ...stored, channels, gossip: wanted.gossip, iceServers: wanted.iceServers };
}

// A definition takes effect at a block or not at all. There is no block that would carry one of the network file, and peers that learn of it at
// different moments would judge the same transactions differently, for good.
function requireSameDefinitions(
  channel: string,
  stored: readonly ChaincodeConfig[],
  wanted: readonly ChaincodeConfig[],
): void {
  const names = new Set([...stored, ...wanted].map(({ name }) => name));
  for (const name of names) {
    const [has, asked] = [stored, wanted].map((all) => all.find((one) => one.name === name));
    const what = differenceOf(has, asked);
    if (what === undefined) continue;
    const message = `chaincode ${name} of ${channel} ${what}; peers that have joined would judge transactions differently from those that join now. Take the change back, or make a new network with another --data`;
    throw new FabricError('NETWORK_DIFFERS', message);
  }
}

/** In what two definitions differ, as words; undefined when they do not. Which package runs makes no difference to validation. */
function differenceOf(
  has: ChaincodeConfig | undefined,
  asked: ChaincodeConfig | undefined,
): string | undefined {
  if (!has) return 'is not in the network of the data directory but in the configuration file';
  if (!asked) return 'is in the network of the data directory but not in the configuration file';
  const [stored, wanted] = [has, asked].map(comparable);
  const field = Object.keys(wanted ?? {}).find((key) => stored?.[key] !== wanted?.[key]);
  if (field === undefined) return undefined;
  const [before, now] = [has, asked].map((one) => JSON.stringify(Reflect.get(one, field)));
  return `has another ${field} in the configuration file (${now}) than in the network of the data directory (${before})`;
}

function comparable(definition: ChaincodeConfig): Readonly<Record<string, string>> {
  const {
    version,
    sequence,
    endorsementPolicy,
    initRequired = false,
    collections = [],
  } = definition;
  return {
    version,
    sequence: String(sequence),
    // Blanks and the case of its words make no other policy.
    endorsementPolicy: toHex(createApplicationPolicy(endorsementPolicy)),
    initRequired: String(initRequired),
    collections: JSON.stringify(collections),
  };
}

// What each peer makes of the blocks can be changed at any time: its databases are made again from them.
function withSettingsOf(stored: ChannelConfig, wanted: ChannelConfig = stored): ChannelConfig {
  const { historyDatabase: _history, stateDatabase: _state, ...channel } = stored;
  const { chaincodes, historyDatabase, stateDatabase } = wanted;
  return {
    ...channel,
    chaincodes,
    ...(stateDatabase && { stateDatabase }),
    ...(historyDatabase === false && { historyDatabase }),
  };
}
