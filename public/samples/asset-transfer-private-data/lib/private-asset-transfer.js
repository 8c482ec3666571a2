// SPDX-License-Identifier: Apache-2.0
// Assets in public, and what they are worth in private: the value goes to the chaincode as transient data, which is no part of
// the transaction, and into a collection, of which everybody's ledger has only hashes.

const { createHash } = require('node:crypto');
const { Contract } = require('fabric-contract-api');

const VALUE = 'value';

/** @returns {Uint8Array} what the client sent beside the transaction */
function transientValue(ctx) {
  const value = ctx.stub.getTransient().get(VALUE);
  if (!value || value.length === 0) throw new Error(`transient data must have "${VALUE}"`);
  return Buffer.from(value);
}

class PrivateAssetTransfer extends Contract {
  /** Issues an asset; transient `value` goes into the collection under the same id. */
  async CreateAsset(ctx, collection, id, color) {
    if (await this.AssetExists(ctx, id)) throw new Error(`The asset ${id} already exists`);
    const asset = { Collection: collection, Color: color, ID: id };
    await ctx.stub.putState(id, Buffer.from(JSON.stringify(asset)));
    await ctx.stub.putPrivateData(collection, id, transientValue(ctx));
    return JSON.stringify(asset);
  }

  /** The public part of an asset, as JSON. */
  async ReadAsset(ctx, id) {
    const bytes = await ctx.stub.getState(id);
    if (bytes.length === 0) throw new Error(`The asset ${id} does not exist`);
    return bytes.toString();
  }

  /** Whether an asset with this id is on the ledger. */
  async AssetExists(ctx, id) {
    const bytes = await ctx.stub.getState(id);
    return bytes.length > 0;
  }

  /** Sets the private value to transient `value`. */
  async SetValue(ctx, collection, id) {
    await ctx.stub.putPrivateData(collection, id, transientValue(ctx));
  }

  /** The private value, for who may read the collection at a peer that has it. */
  async ReadValue(ctx, collection, id) {
    const bytes = await ctx.stub.getPrivateData(collection, id);
    if (bytes.length === 0) throw new Error(`There is no value of ${id} in ${collection}`);
    return bytes.toString();
  }

  /** SHA-256 of the private value in hex, at any peer. */
  async ValueHash(ctx, collection, id) {
    const hash = await ctx.stub.getPrivateDataHash(collection, id);
    return Buffer.from(hash).toString('hex');
  }

  /** Whether transient `value` is the private value, at any peer. */
  async VerifyValue(ctx, collection, id) {
    const hash = createHash('sha256').update(transientValue(ctx)).digest('hex');
    return hash === (await this.ValueHash(ctx, collection, id));
  }

  /** All private values from a key to before another, as JSON. */
  async ValuesByRange(ctx, collection, start, end) {
    const values = {};
    for await (const { key, value } of ctx.stub.getPrivateDataByRange(collection, start, end)) {
      values[key] = value.toString();
    }
    return JSON.stringify(values);
  }

  /** Deletes the private value; peers keep it in their history until it is purged. */
  async DeleteValue(ctx, collection, id) {
    await ctx.stub.deletePrivateData(collection, id);
  }

  /** Deletes the private value and all its history at every peer. */
  async PurgeValue(ctx, collection, id) {
    await ctx.stub.purgePrivateData(collection, id);
  }
}

module.exports = { PrivateAssetTransfer };
