// SPDX-License-Identifier: Apache-2.0
// Who this tab is: a slot of the browser, and the identities that belong to it, enrolled on the first visit.
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { NetworkDescription } from '../../common/network/types.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { StartPeerOptions } from '../api/joining.ts';
import { type EnrolledIdentity, enrolTab } from '../enrolment.ts';
import { claimSlot, type TabSlot } from './tab-slots.ts';
import { Wallet, type WalletEntry } from './wallet.ts';

export interface TabIdentity {
  readonly entry: WalletEntry;
  readonly slot: TabSlot;
  /** False when the browser refuses storage: the identity is gone with the tab. */
  readonly kept: boolean;
  /** Keeps the client's new certificate and key, where anything is kept. */
  keepClient(client: EnrolledIdentity): Promise<void>;
}

/** The network that this browser was last in, among those that were at this address. */
const NETWORK_KEY = 'tabric/network';
const sessionKey = (networkId: string): string => `tabric/${networkId}/tab`;

/**
 * Claims a slot and loads or enrols its identities. Throws FabricError JOIN_NEEDED when there is neither link nor earlier visit, and
 * what the certificate authority says when it refuses.
 */
export async function tabIdentity({
  network,
  join,
  onProgress,
}: StartPeerOptions): Promise<TabIdentity> {
  onProgress({ step: 'identity' });
  const wallet = await openWallet(network.networkId);
  const last = lastTab(network.networkId);
  const org = join?.org ?? last?.org ?? (await wallet?.lastUsedOrg());
  if (org === undefined) throw joinNeeded(network.networkId);
  const scope = `tabric/${network.networkId}/${org}`;
  const slot = await claimSlot(scope, last?.org === org ? last.slot : undefined);
  try {
    const known = await wallet?.get(org, slot.number);
    const entry = { ...(known ?? (await enrol(org, slot))), lastUsed: Date.now() };
    // A full disk does not keep a known peer out: only the time of its last use is lost.
    await wallet?.put(entry).catch((error: unknown) => {
      if (!known) throw error;
    });
    rememberTab(network.networkId, { org, slot: slot.number });
    const keepClient = (client: EnrolledIdentity) => keep(network.networkId, { ...entry, client });
    return { entry, slot, kept: wallet !== undefined, keepClient };
  } catch (error) {
    slot.release();
    throw error;
  } finally {
    wallet?.close();
  }

  async function enrol(mspId: string, { number }: TabSlot): Promise<WalletEntry> {
    const invitation = join ?? (await wallet?.invitation(mspId));
    if (!invitation) throw joinNeeded(network.networkId);
    onProgress({ step: 'enrol' });
    const enrolment = await enrolTab(new URL(location.origin), invitation);
    const { org: to, secret } = invitation;
    await wallet?.keepInvitation({ org: to, secret });
    const libp2pKey = privateKeyToProtobuf(await generateKeyPair('Ed25519'));
    const ledger = `tabric/${network.networkId}/${mspId}/${number}`;
    return { org: mspId, slot: number, libp2pKey, ledger, lastUsed: 0, ...enrolment };
  }
}

async function keep(networkId: string, entry: WalletEntry): Promise<void> {
  const wallet = await openWallet(networkId);
  try {
    await wallet?.put(entry);
  } finally {
    wallet?.close();
  }
}

function joinNeeded(networkId: string): FabricError {
  const before = lastNetwork();
  if (before !== undefined && before !== networkId) {
    const message = `the network at this address is ${networkId}; this browser was in ${before}`;
    return new FabricError('NETWORK_CHANGED', message);
  }
  return new FabricError('JOIN_NEEDED', 'this browser has no identity here yet: open a join link');
}

async function openWallet(networkId: string): Promise<Wallet | undefined> {
  try {
    return await Wallet.open(networkId);
  } catch (error) {
    if (error instanceof FabricError && error.code === 'STORAGE_REFUSED') return undefined;
    throw error;
  }
}

interface LastTab {
  readonly org: string;
  readonly slot: number;
}

// sessionStorage lives as long as the tab, reloads included. A page may be denied it.
function lastTab(networkId: string): LastTab | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(sessionKey(networkId)) ?? 'null');
    const { org, slot } = (kept ?? {}) as Partial<LastTab>;
    return typeof org === 'string' && Number.isInteger(slot)
      ? { org, slot: Number(slot) }
      : undefined;
  } catch {
    return undefined;
  }
}

function rememberTab(networkId: NetworkDescription['networkId'], tab: LastTab): void {
  try {
    sessionStorage.setItem(sessionKey(networkId), JSON.stringify(tab));
    localStorage.setItem(NETWORK_KEY, networkId);
  } catch {
    // Without it a reload takes the lowest free slot, which is usually the same.
  }
}

function lastNetwork(): string | undefined {
  try {
    return localStorage.getItem(NETWORK_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
