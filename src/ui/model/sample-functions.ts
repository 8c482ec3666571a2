// SPDX-License-Identifier: Apache-2.0
// Functions that everybody knows: those of fabric-samples' asset-transfer-basic. They fill in where a chaincode's
// metadata names no parameters (plain JavaScript contracts), and give every form values worth pressing a button with.
import type { ChaincodeInfo } from '../../node/api/ledger-views.ts';

export interface FunctionShape {
  readonly name: string;
  readonly params: readonly string[];
  /** Whether it writes, so that Submit is the button to press. */
  readonly submit: boolean;
}

const ASSET = ['id', 'color', 'size', 'owner', 'appraisedValue'] as const;

export const SAMPLE_FUNCTIONS: readonly FunctionShape[] = [
  { name: 'CreateAsset', params: ASSET, submit: true },
  { name: 'ReadAsset', params: ['id'], submit: false },
  { name: 'TransferAsset', params: ['id', 'newOwner'], submit: true },
  { name: 'UpdateAsset', params: ASSET, submit: true },
  { name: 'GetAllAssets', params: [], submit: false },
  { name: 'AssetExists', params: ['id'], submit: false },
  { name: 'DeleteAsset', params: ['id'], submit: true },
  { name: 'InitLedger', params: [], submit: true },
];

const samples = new Map(SAMPLE_FUNCTIONS.map((shape) => [shape.name, shape]));

/** The functions to offer: the chaincode's own, else the sample's for the sample's chaincode, else none. */
export function functionsOf(chaincode: ChaincodeInfo): readonly FunctionShape[] {
  if (!chaincode.functions || chaincode.functions.length === 0) {
    return chaincode.name === 'basic' ? SAMPLE_FUNCTIONS : [];
  }
  const own = chaincode.functions.map((own) => {
    const sample = samples.get(own.name);
    if (!sample || (own.params.length > 0 && own.params.length !== sample.params.length))
      return own;
    return sample;
  });
  return own.sort((a, b) => rank(a.name) - rank(b.name));
}

function rank(name: string): number {
  const at = SAMPLE_FUNCTIONS.findIndex((sample) => sample.name === name);
  return at < 0 ? SAMPLE_FUNCTIONS.length : at;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  id: 'asset7',
  key: 'asset7',
  color: 'blue',
  size: '5',
  owner: 'Tomoko',
  newOwner: 'Brad',
  appraisedValue: '300',
  value: '1',
};

/** A value to start with for a parameter of this name. */
export function defaultArgument(param: string): string {
  return DEFAULTS[param] ?? '';
}

/** More are not tried: whoever has so many assets will type an id. */
const MAX_TRIES = 100;

/** Where a member begins to count: members that press the button at the same time shall not want the same id. */
export function firstId(peerName: string, mspId: string): string {
  const [peer = 0, org = 0] = [peerName, mspId].map((name) =>
    Number(/\d{1,6}/.exec(name)?.[0] ?? 0),
  );
  // Two digits for the organisation: peer 1 of organisation 11 is not peer 11 of organisation 1.
  return `asset${peer}${String(org).padStart(2, '0')}1`;
}

/** The first id from `id` on that is not taken, so that what a form offers can be created; `id` itself when it cannot be known. */
export async function freeId(
  id: string,
  isTaken: (id: string) => Promise<boolean>,
): Promise<string> {
  try {
    let candidate = id;
    for (let i = 0; i < MAX_TRIES; i++, candidate = nextId(candidate))
      if (!(await isTaken(candidate))) return candidate;
  } catch {
    // The ledger cannot be read now.
  }
  return id;
}

/** `asset8` after `asset7`: what to create next. */
export function nextId(id: string): string {
  return id.replace(/\d{1,9}$/, (digits) =>
    String(Number(digits) + 1).padStart(digits.length, '0'),
  );
}
