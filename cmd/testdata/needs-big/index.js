const Big = require('big.js');
const { Contract } = require('fabric-contract-api');

class Sums extends Contract {
  async sum(_ctx, a, b) {
    return new Big(a).plus(b).toString();
  }
}
exports.contracts = [Sums];
