// SPDX-License-Identifier: Apache-2.0

const { AssetTransfer } = require('./lib/asset-transfer.js');

module.exports.contracts = [AssetTransfer];
