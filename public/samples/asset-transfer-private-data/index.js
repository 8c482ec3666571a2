// SPDX-License-Identifier: Apache-2.0

const { PrivateAssetTransfer } = require('./lib/private-asset-transfer.js');

module.exports.contracts = [PrivateAssetTransfer];
