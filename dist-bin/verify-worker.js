import {
  createSignatureWorker
} from "./chunk-RZ6HIO2P.js";
import "./chunk-GQA564GI.js";
import {
  createBCCSP
} from "./chunk-R4E6L3MR.js";
import {
  CURVES,
  derToRaw,
  equalBytes,
  isLowS,
  publicKeyToSpki,
  rawToDer
} from "./chunk-4AZXMRM6.js";

// src/node/headless/verify-worker.ts
import { parentPort } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";

// src/node/headless/node-bccsp.ts
import { createPublicKey, hash as digest, verify } from "node:crypto";
function createNodeBCCSP() {
  const webCrypto = createBCCSP("webcrypto");
  const imported = /* @__PURE__ */ new WeakMap();
  const importKey = (key) => {
    const known = imported.get(key);
    if (known) return known;
    const der = Buffer.from(publicKeyToSpki(key));
    const keyObject = createPublicKey({ key: der, format: "der", type: "spki" });
    imported.set(key, keyObject);
    return keyObject;
  };
  return {
    kind: webCrypto.kind,
    generateKey: (options) => webCrypto.generateKey(options),
    importKey: (pkcs8, options) => webCrypto.importKey(pkcs8, options),
    exportKey: (key) => webCrypto.exportKey(key),
    sign: (key, message) => webCrypto.sign(key, message),
    checkKey: (key) => webCrypto.checkKey(key),
    sha256: async (data) => new Uint8Array(digest("sha256", data, "buffer")),
    verify: async (key, message, signature, { hash = "SHA-256", allowHighS = false } = {}) => {
      const curve = CURVES[key.curve];
      const raw = derToRaw(signature, curve);
      if (!raw || !allowHighS && !isLowS(raw, curve)) return false;
      try {
        const keyObject = importKey(key);
        if (verify(hash, message, keyObject, signature)) return true;
        const canonical = rawToDer(raw);
        return !equalBytes(canonical, signature) && verify(hash, message, keyObject, canonical);
      } catch {
        return false;
      }
    }
  };
}

// src/node/headless/verify-worker.ts
if (!parentPort) throw new Error("this is no program, but a worker");
Comlink.expose(createSignatureWorker(createNodeBCCSP()), nodeEndpoint(parentPort));
