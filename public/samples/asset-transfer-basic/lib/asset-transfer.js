// SPDX-License-Identifier: Apache-2.0
// The asset-transfer-basic contract that Fabric's users know: same functions, arguments and fields. Every function runs
// at each endorsing peer, and all of them must write the same bytes: no clock, no chance, and JSON with sorted keys.

const { Contract } = require('fabric-contract-api');
const stringify = require('json-stringify-deterministic');
const sortKeys = require('sort-keys-recursive');

const FIRST_ASSETS = [
  ['asset1', 'blue', 5, 'Tomoko', 300],
  ['asset2', 'red', 5, 'Brad', 400],
  ['asset3', 'green', 10, 'Jin Soo', 500],
  ['asset4', 'yellow', 10, 'Max', 600],
  ['asset5', 'black', 15, 'Adriana', 700],
  ['asset6', 'white', 15, 'Michel', 800],
];

/** @returns {Buffer} the same bytes for the same asset, at every peer */
function encode(asset) {
  return Buffer.from(stringify(sortKeys(asset)));
}

/** Arguments arrive as text. */
function makeAsset(ID, Color, Size, Owner, AppraisedValue) {
  const asset = { ID, Color, Size: Number(Size), Owner, AppraisedValue: Number(AppraisedValue) };
  for (const field of ['Size', 'AppraisedValue']) {
    if (!Number.isFinite(asset[field])) throw new Error(`${field} of asset ${ID} is not a number`);
  }
  return asset;
}

class AssetTransfer extends Contract {
  /** Puts six assets on the ledger, so that there is something to look at. */
  async InitLedger(ctx) {
    for (const fields of FIRST_ASSETS) {
      const asset = makeAsset(...fields);
      await ctx.stub.putState(asset.ID, encode({ ...asset, docType: 'asset' }));
    }
  }

  /** Issues a new asset; gives it back as JSON. Emits the event CreateAsset. */
  async CreateAsset(ctx, id, color, size, owner, appraisedValue) {
    if (await this.AssetExists(ctx, id)) throw new Error(`The asset ${id} already exists`);
    const asset = makeAsset(id, color, size, owner, appraisedValue);
    const bytes = encode(asset);
    await ctx.stub.putState(id, bytes);
    ctx.stub.setEvent('CreateAsset', bytes);
    return JSON.stringify(asset);
  }

  /** The asset with this id, as JSON. */
  async ReadAsset(ctx, id) {
    const bytes = await ctx.stub.getState(id);
    if (bytes.length === 0) throw new Error(`The asset ${id} does not exist`);
    return bytes.toString();
  }

  /** Replaces all fields of an asset. */
  async UpdateAsset(ctx, id, color, size, owner, appraisedValue) {
    if (!(await this.AssetExists(ctx, id))) throw new Error(`The asset ${id} does not exist`);
    const asset = makeAsset(id, color, size, owner, appraisedValue);
    await ctx.stub.putState(id, encode(asset));
    return JSON.stringify(asset);
  }

  /** Takes an asset off the ledger; its history stays. */
  async DeleteAsset(ctx, id) {
    if (!(await this.AssetExists(ctx, id))) throw new Error(`The asset ${id} does not exist`);
    await ctx.stub.deleteState(id);
  }

  /** Whether an asset with this id is on the ledger. */
  async AssetExists(ctx, id) {
    const bytes = await ctx.stub.getState(id);
    return bytes.length > 0;
  }

  /** Gives an asset to someone else; returns the owner before. Emits the event TransferAsset. */
  async TransferAsset(ctx, id, newOwner) {
    const asset = JSON.parse(await this.ReadAsset(ctx, id));
    const oldOwner = asset.Owner;
    asset.Owner = newOwner;
    const bytes = encode(asset);
    await ctx.stub.putState(id, bytes);
    ctx.stub.setEvent('TransferAsset', bytes);
    return oldOwner;
  }

  /** All assets in the order of their ids, as a JSON array. */
  async GetAllAssets(ctx) {
    const assets = [];
    for await (const { value } of ctx.stub.getStateByRange('', '')) {
      assets.push(JSON.parse(value.toString()));
    }
    return JSON.stringify(assets);
  }
}

module.exports = { AssetTransfer };
