import {
  FabricError
} from "./chunk-4AZXMRM6.js";

// src/node/scc/system-chaincode.ts
var SYSTEM_CHAINCODE_VERSION = "syscc";
var RESERVED = ["_lifecycle", "lscc", "cscc", "qscc"];
function isReservedName(name) {
  return RESERVED.includes(name);
}
function systemChaincodeId(name) {
  return `${name}.${SYSTEM_CHAINCODE_VERSION}`;
}
var SystemChaincodes = class {
  #chaincodes = /* @__PURE__ */ new Map();
  /** Registers a chaincode (DeploySysCC). Throws FabricError CHAINCODE_EXISTS. */
  deploy(chaincode) {
    if (this.#chaincodes.has(chaincode.name)) {
      const text = `there is a system chaincode ${chaincode.name} already`;
      throw new FabricError("CHAINCODE_EXISTS", text);
    }
    this.#chaincodes.set(chaincode.name, chaincode);
  }
  get(name) {
    return this.#chaincodes.get(name);
  }
  isSystemChaincode = (name) => this.#chaincodes.has(name);
};

export {
  SYSTEM_CHAINCODE_VERSION,
  isReservedName,
  systemChaincodeId,
  SystemChaincodes
};
