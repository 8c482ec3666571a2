import {
  SYSTEM_CHAINCODE_VERSION,
  systemChaincodeId
} from "./chunk-GQA564GI.js";
import {
  CHANNEL_PREFIX,
  EXTENSION_OID,
  KEY_USAGE,
  LIFECYCLE_NAMESPACE,
  LedgerError,
  NAME_OID,
  PolicyError,
  PolicyManagerImpl,
  SIGNATURE_HASH,
  SignaturePolicy,
  applicationPolicy,
  channelIdFromEnvelope,
  common,
  commonName,
  configUpdateEnvelopeAsSignedData,
  createApplicationPolicy,
  decodePem,
  defaultBCCSP,
  derToPem,
  envelopeToConfigUpdate,
  extractEnvelope,
  isSignedBy,
  lifecycle,
  msp,
  nameText,
  nameValues,
  orderer,
  parseCertificate,
  parseExtensions,
  parsePolicy,
  parseReceived,
  payloadFromEnvelope,
  pemToDer,
  protos,
  rejectPolicy,
  sanitizeCertificate,
  serialText,
  sha256Sync,
  signerFor,
  toNumber,
  unmarshal,
  unmarshalBlock,
  verifySignatures
} from "./chunk-R4E6L3MR.js";
import {
  CURVES,
  CryptoError,
  DerReader,
  EMPTY_BYTES,
  FabricError,
  TAG,
  compareUtf8,
  concat,
  contextTag,
  derToRaw,
  equalBytes,
  messageOf,
  oidText,
  rawToDer,
  rightAligned,
  toHex,
  utf8
} from "./chunk-4AZXMRM6.js";

// src/common/msp/errors.ts
var MSPError = class extends FabricError {
  name = "MSPError";
  constructor(code, message, options) {
    super(code, message, options);
  }
};

// src/common/msp/serialized-identity.ts
var MAX_IDENTITY_BYTES = 64 * 1024;
function decodeSerializedIdentity(serialized) {
  if (serialized.length === 0 || serialized.length > MAX_IDENTITY_BYTES) {
    throw new MSPError("IDENTITY_MALFORMED", `identity of ${serialized.length} bytes`);
  }
  try {
    return msp.SerializedIdentity.decode(serialized);
  } catch (cause) {
    const text = `identity cannot be decoded: ${messageOf(cause)}`;
    throw new MSPError("IDENTITY_MALFORMED", text, { cause });
  }
}
function serializeIdentity(mspId, certificatePem) {
  const identity = { mspid: mspId, id_bytes: utf8(certificatePem) };
  return msp.SerializedIdentity.encode(identity).finish();
}
function pkiIdOf(serialized) {
  const { mspid, id_bytes } = decodeSerializedIdentity(serialized);
  return sha256Sync(concat(utf8(mspid), id_bytes));
}
function certificateOf(serialized) {
  const block = decodePem(decodeSerializedIdentity(serialized).id_bytes);
  if (!block) throw new MSPError("IDENTITY_MALFORMED", "identity is not a PEM certificate");
  try {
    return parseCertificate(block.der);
  } catch (cause) {
    const text = `certificate cannot be read: ${messageOf(cause)}`;
    throw new MSPError("IDENTITY_MALFORMED", text, { cause });
  }
}
function identityName(serialized) {
  return commonName(certificateOf(serialized).subject);
}
function checkWellFormed(serialized) {
  const block = decodePem(decodeSerializedIdentity(serialized).id_bytes);
  const isPlain = block && block.rest === "" && ["CERTIFICATE", ""].includes(block.label);
  if (!isPlain)
    throw new MSPError("IDENTITY_MALFORMED", "identity is not exactly one PEM certificate");
  const { signature } = certificateOf(serialized);
  const isCanonical = Object.values(CURVES).some((curve) => {
    const raw = derToRaw(signature, curve);
    return raw !== void 0 && equalBytes(rawToDer(raw), signature);
  });
  if (!isCanonical)
    throw new MSPError("IDENTITY_MALFORMED", "certificate signature is not canonical");
}

// src/common/msp/principals.ts
var MAX_NESTING = 16;
var { MSPRoleType } = common.MSPRole;
var { Classification } = common.MSPPrincipal;
var OU_ROLES = {
  [MSPRoleType.CLIENT]: "client",
  [MSPRoleType.PEER]: "peer",
  [MSPRoleType.ORDERER]: "orderer"
};
async function satisfiesPrincipal(identity, principal, depth = 0) {
  try {
    switch (principal.principal_classification) {
      case Classification.ROLE:
        return await satisfiesRole(
          identity,
          unmarshal(common.MSPRole, "MSPRole", principal.principal)
        );
      case Classification.ORGANIZATION_UNIT:
        return await satisfiesUnit(
          identity,
          unmarshal(common.OrganizationUnit, "OrganizationUnit", principal.principal)
        );
      case Classification.IDENTITY:
        return await satisfiesIdentity(identity, principal.principal);
      case Classification.ANONYMITY:
        return isNominal(
          unmarshal(common.MSPIdentityAnonymity, "MSPIdentityAnonymity", principal.principal)
        );
      case Classification.COMBINED:
        return await satisfiesCombined(identity, principal.principal, depth);
      default:
        return false;
    }
  } catch (error) {
    if (error instanceof FabricError) return false;
    throw error;
  }
}
async function satisfiesRole(identity, role) {
  const { msp: msp2, certificate } = identity;
  if (role.msp_identifier !== msp2.name) return false;
  if (role.role === MSPRoleType.MEMBER) return identity.isValid();
  if (role.role === MSPRoleType.ADMIN) {
    if (msp2.isListedAdmin(certificate)) return true;
    return msp2.hasOURole(certificate, "admin") && identity.isValid();
  }
  const name = OU_ROLES[role.role];
  return name !== void 0 && msp2.hasOURole(certificate, name) && identity.isValid();
}
async function satisfiesUnit(identity, wanted) {
  if (wanted.msp_identifier !== identity.msp.name || !await identity.isValid()) return false;
  const units = await identity.msp.organizationalUnits(identity);
  return units.some(
    (unit) => unit.name === wanted.organizational_unit_identifier && equalBytes(unit.certifiersId, wanted.certifiers_identifier)
  );
}
async function satisfiesIdentity(identity, serialized) {
  const { mspid, id_bytes } = decodeSerializedIdentity(serialized);
  if (mspid !== identity.msp.name) return false;
  const wanted = await identity.msp.identity(id_bytes, serialized);
  return wanted.id === identity.id && wanted.isValid();
}
function isNominal({ anonymity_type }) {
  return anonymity_type === common.MSPIdentityAnonymity.MSPIdentityAnonymityType.NOMINAL;
}
async function satisfiesCombined(identity, bytes, depth) {
  if (depth >= MAX_NESTING) throw new FabricError("PRINCIPAL_NESTING", "principals nest too deep");
  const { principals } = unmarshal(common.CombinedPrincipal, "CombinedPrincipal", bytes);
  if (principals.length === 0) return false;
  for (const principal of principals) {
    if (!await satisfiesPrincipal(identity, principal, depth + 1)) return false;
  }
  return true;
}

// src/common/msp/identity.ts
var X509Identity = class {
  mspId;
  id;
  serialized;
  expiresAt;
  certificate;
  chain;
  msp;
  #validity;
  #principals = /* @__PURE__ */ new WeakMap();
  constructor(msp2, { serialized, id, certificate, chain }) {
    this.msp = msp2;
    this.mspId = msp2.name;
    this.id = id;
    this.serialized = serialized;
    this.certificate = certificate;
    this.chain = chain;
    this.expiresAt = certificate.notAfter;
  }
  validate() {
    this.#validity ??= this.msp.validate(this);
    return this.#validity;
  }
  isValid() {
    return this.validate().then(
      () => true,
      (error) => {
        if (error instanceof FabricError) return false;
        throw error;
      }
    );
  }
  verify(message, signature) {
    return this.msp.bccsp.verify(this.certificate.publicKey, message, signature);
  }
  satisfiesPrincipal(principal) {
    let answer = this.#principals.get(principal);
    if (!answer) {
      answer = satisfiesPrincipal(this, principal);
      this.#principals.set(principal, answer);
    }
    return answer;
  }
};

// src/common/crypto/crl.ts
function parseRevocationList(bytes) {
  const der = decodePem(bytes)?.der ?? bytes;
  const list = new DerReader(der).enter(TAG.SEQUENCE);
  const tbs = list.next(TAG.SEQUENCE);
  const signatureAlgorithm = oidText(list.enter(TAG.SEQUENCE).next(TAG.OID).content);
  const signature = rightAligned(list.next(TAG.BIT_STRING).content);
  const reader = new DerReader(tbs.content);
  reader.optional(TAG.INTEGER);
  reader.next(TAG.SEQUENCE);
  reader.next(TAG.SEQUENCE);
  for (let times = 0; times < 2; times++) {
    if (!reader.optional(TAG.UTC_TIME)) reader.optional(TAG.GENERALIZED_TIME);
  }
  const serialNumbers = /* @__PURE__ */ new Set();
  const entries = new DerReader(reader.optional(TAG.SEQUENCE)?.content ?? new Uint8Array());
  while (!entries.done) {
    serialNumbers.add(serialText(entries.enter(TAG.SEQUENCE).next(TAG.INTEGER).content));
  }
  const wrapped = reader.optional(contextTag(0));
  reader.end();
  const extensions = wrapped && parseExtensions(wrapped.content);
  const authorityKeyId = readKeyId(extensions?.get(EXTENSION_OID.authorityKeyId)?.value);
  return { tbs: tbs.encoded, signatureAlgorithm, signature, authorityKeyId, serialNumbers };
}
function readKeyId(value) {
  if (!value) return void 0;
  try {
    return new DerReader(value).enter(TAG.SEQUENCE).optional(128)?.content ?? EMPTY_BYTES;
  } catch (error) {
    if (error instanceof CryptoError) return void 0;
    throw error;
  }
}
async function isRevocationListSignedBy(list, issuer, bccsp) {
  const hash = SIGNATURE_HASH[list.signatureAlgorithm];
  if (hash === void 0) return false;
  return bccsp.verify(issuer.publicKey, list.tbs, list.signature, { hash, allowHighS: true });
}

// src/common/msp/certificate-pool.ts
var MAX_SIGNATURE_CHECKS = 100;
var MAX_CHAIN_LENGTH = 10;
var OID_SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
var OID_ANY_USAGE = "2.5.29.37.0";
var CertificatePool = class {
  #roots;
  #intermediates;
  #bccsp;
  constructor(roots, intermediates, bccsp) {
    this.#roots = roots;
    this.#intermediates = intermediates;
    this.#bccsp = bccsp;
  }
  /** All chains of a certificate to a root, judged at time `at` (milliseconds since the Unix epoch). */
  async chains(certificate, at) {
    if (!isUsable(certificate, at)) return [];
    const chains = this.#roots.some((root) => equalBytes(root.der, certificate.der)) ? [[certificate]] : await this.#extend([certificate], at, { signatureChecks: 0 });
    return chains.filter((chain) => chain.every(allowsServerAuth));
  }
  async #extend(chain, at, budget) {
    const chains = [];
    if (chain.length >= MAX_CHAIN_LENGTH) return chains;
    for (const root of this.#roots) {
      if (await this.#isParent(root, chain, at, budget)) chains.push([...chain, root]);
    }
    for (const intermediate of this.#intermediates) {
      if (await this.#isParent(intermediate, chain, at, budget)) {
        chains.push(...await this.#extend([...chain, intermediate], at, budget));
      }
    }
    return chains;
  }
  async #isParent(parent, chain, at, budget) {
    const child = chain.at(-1);
    if (!child || !equalBytes(child.issuer.der, parent.subject.der)) return false;
    if (chain.some((member) => isSameAuthority(member, parent))) return false;
    if (!parent.isCA || !isUsable(parent, at)) return false;
    if (parent.keyUsage && !(parent.keyUsage & KEY_USAGE.keyCertSign)) return false;
    if (parent.maxPathLength !== void 0 && chain.length - 1 > parent.maxPathLength) return false;
    if (++budget.signatureChecks > MAX_SIGNATURE_CHECKS) return false;
    return isSignedBy(child, parent, this.#bccsp);
  }
};
function isUsable(certificate, at) {
  const { hasUnhandledCritical, notBefore, notAfter } = certificate;
  return !hasUnhandledCritical && notBefore <= at && at <= notAfter;
}
function isSameAuthority(a, b) {
  return equalBytes(a.subject.der, b.subject.der) && equalBytes(a.publicKey.point, b.publicKey.point);
}
function allowsServerAuth({ extendedKeyUsages: usages }) {
  return usages.length === 0 || usages.includes(OID_SERVER_AUTH) || usages.includes(OID_ANY_USAGE);
}

// src/common/msp/revocation.ts
async function revocationOf(lists, certificate, issuer, bccsp) {
  for (const list of lists) {
    const { authorityKeyId: keyId, serialNumbers } = list;
    if (!keyId) return "a revocation list of its MSP has no authority key identifier";
    if (!issuer.subjectKeyId || !equalBytes(keyId, issuer.subjectKeyId)) continue;
    if (!serialNumbers.has(certificate.serialNumber)) continue;
    if (await isRevocationListSignedBy(list, issuer, bccsp))
      return "the certificate has been revoked";
  }
  return void 0;
}

// src/common/msp/msp-setup.ts
var MAX_CERTIFICATES = 500;
function refuse(name, what, cause) {
  return new MSPError("MSP_CONFIG", `MSP ${name}: ${what}`, { cause });
}
function certificateFromPem(name, pem) {
  const block = decodePem(pem);
  if (!block) throw refuse(name, "a certificate is not PEM");
  try {
    return parseCertificate(block.der);
  } catch (cause) {
    throw refuse(name, `a certificate cannot be read: ${messageOf(cause)}`, cause);
  }
}
async function uniqueChain(pool, certificate) {
  const chains = await pool.chains(certificate, certificate.notBefore + 1e3);
  const [chain] = chains;
  if (chain && chains.length === 1) return chain;
  const text = chain ? `only a single validation chain is supported, got ${chains.length}` : "certificate signed by unknown authority, or not valid under it";
  throw new MSPError("IDENTITY_UNTRUSTED", text);
}
function certifiersIdOf(bccsp, chain) {
  return bccsp.sha256(concat(...chain.map((certificate) => certificate.der)));
}
async function setupMSP(config, bccsp) {
  const { name } = config;
  checkCryptoConfig(config);
  const cas = await setupCAs(name, config.root_certs, config.intermediate_certs, bccsp);
  const revocationLists = config.revocation_list.map((list) => readRevocationList(name, list));
  const internalNodes = await validateCAs(name, cas, revocationLists, bccsp);
  await setupTlsCAs(config, revocationLists, bccsp);
  const tree = { ...cas, internalNodes };
  const units = [];
  for (const identifier of config.organizational_unit_identifiers) {
    units.push(await ouIdentifier(name, identifier, tree, bccsp));
  }
  const nodeOUs = await setupNodeOUs(config, tree, bccsp);
  return {
    name,
    ...cas,
    internalNodes,
    revocationLists,
    organizationalUnits: units,
    nodeOUs,
    tlsRootCerts: config.tls_root_certs
  };
}
function checkCryptoConfig({ name, crypto_config }) {
  const family = crypto_config?.signature_hash_family || "SHA2";
  const identifier = crypto_config?.identity_identifier_hash_function || "SHA256";
  if (family !== "SHA2" || identifier !== "SHA256") {
    throw refuse(name, `hash family ${family} / ${identifier} is not supported`);
  }
}
async function setupCAs(name, rootPems, intermediatePems, bccsp) {
  if (rootPems.length === 0) throw refuse(name, "expected at least one CA certificate");
  if (rootPems.length + intermediatePems.length > MAX_CERTIFICATES) {
    throw refuse(name, "too many CA certificates");
  }
  const given = {
    roots: rootPems.map((pem) => certificateFromPem(name, pem)),
    intermediates: intermediatePems.map((pem) => certificateFromPem(name, pem))
  };
  const pool = new CertificatePool(given.roots, given.intermediates, bccsp);
  const sanitize = (certificate) => sanitizeCA(name, certificate, pool, bccsp);
  const roots = await Promise.all(given.roots.map(sanitize));
  const intermediates = await Promise.all(given.intermediates.map(sanitize));
  return { roots, intermediates, pool: new CertificatePool(roots, intermediates, bccsp) };
}
async function sanitizeCA(name, certificate, pool, bccsp) {
  if (certificate.extensions.has(EXTENSION_OID.nameConstraints)) {
    throw refuse(name, "CA certificates with name constraints are not supported");
  }
  if (certificate.isCA && await isSignedBy(certificate, certificate, bccsp)) {
    return sanitizeCertificate(certificate, CURVES[certificate.publicKey.curve]);
  }
  try {
    const [, parent] = await uniqueChain(pool, certificate);
    return parent ? sanitizeCertificate(certificate, CURVES[parent.publicKey.curve]) : certificate;
  } catch (cause) {
    throw refuse(name, `CA certificate is not valid: ${messageOf(cause)}`, cause);
  }
}
async function validateCAs(name, cas, revocationLists, bccsp) {
  const internalNodes = /* @__PURE__ */ new Set();
  for (const certificate of [...cas.roots, ...cas.intermediates]) {
    if (!certificate.isCA) throw refuse(name, "CA certificate did not have the CA attribute");
    if (!certificate.subjectKeyId)
      throw refuse(name, "CA certificate has no subject key identifier");
    let chain;
    try {
      chain = await uniqueChain(cas.pool, certificate);
    } catch (cause) {
      throw refuse(name, `CA certificate is not valid: ${messageOf(cause)}`, cause);
    }
    const [, parent] = chain;
    const revoked = parent && await revocationOf(revocationLists, certificate, parent, bccsp);
    if (revoked !== void 0) throw refuse(name, `CA certificate is not valid: ${revoked}`);
    if (cas.roots.includes(certificate)) continue;
    for (const parent2 of chain.slice(1)) internalNodes.add(toHex(parent2.der));
  }
  return internalNodes;
}
function readRevocationList(name, bytes) {
  try {
    return parseRevocationList(bytes);
  } catch (cause) {
    throw refuse(name, `revocation list cannot be read: ${messageOf(cause)}`, cause);
  }
}
async function setupTlsCAs(config, revocationLists, bccsp) {
  if (config.tls_root_certs.length === 0) return;
  const { name, tls_root_certs, tls_intermediate_certs } = config;
  try {
    const cas = await setupCAs(name, tls_root_certs, tls_intermediate_certs, bccsp);
    await validateCAs(name, cas, revocationLists, bccsp);
  } catch (error) {
    const cause = error instanceof MSPError ? error.cause : void 0;
    if (cause instanceof FabricError && cause.code === "KEY_UNSUPPORTED") return;
    throw error;
  }
}
async function ouIdentifier(name, { organizational_unit_identifier, certificate }, tree, bccsp) {
  const certifiersId = await certifiersIdOfPem(name, certificate, tree, bccsp);
  return { name: organizational_unit_identifier, certifiersId };
}
async function certifiersIdOfPem(name, pem, tree, bccsp) {
  const certificate = certificateFromPem(name, pem);
  const isSame = (other) => equalBytes(other.tbs, certificate.tbs);
  const root = tree.roots.find(isSame);
  if (root) return certifiersIdOf(bccsp, [root]);
  const intermediate = tree.intermediates.find(isSame);
  if (!intermediate)
    throw refuse(name, "the certificate of an OU is not in root or intermediate certs");
  if (tree.internalNodes.has(toHex(intermediate.der))) {
    throw refuse(name, "the certificate of an OU is of a CA that may not issue members");
  }
  return certifiersIdOf(bccsp, await uniqueChain(tree.pool, intermediate));
}
async function setupNodeOUs({ name, fabric_node_ous: config }, tree, bccsp) {
  if (!config) return void 0;
  const read = async (identifier) => {
    if (!identifier) return void 0;
    if (identifier.certificate.length > 0) return ouIdentifier(name, identifier, tree, bccsp);
    return { name: identifier.organizational_unit_identifier, certifiersId: new Uint8Array() };
  };
  const nodeOUs = {
    client: await read(config.client_ou_identifier),
    peer: await read(config.peer_ou_identifier),
    admin: await read(config.admin_ou_identifier),
    orderer: await read(config.orderer_ou_identifier)
  };
  const isAnySet = Object.values(nodeOUs).some((unit) => unit !== void 0);
  return config.enable && isAnySet ? nodeOUs : void 0;
}

// src/common/msp/msp.ts
var MSP = class _MSP {
  bccsp;
  #parts;
  #admins = [];
  constructor(parts, bccsp) {
    this.#parts = parts;
    this.bccsp = bccsp;
  }
  /** From serialized msp.MSPConfig. Throws MSPError MSP_CONFIG when the definition cannot be used. */
  static async create(mspConfig, bccsp) {
    const config = decodeConfig(mspConfig);
    const provider = new _MSP(await setupMSP(config, bccsp), bccsp);
    await provider.#setupAdmins(config.admins);
    return provider;
  }
  get name() {
    return this.#parts.name;
  }
  /** PEM certificates of its TLS roots. */
  get tlsRootCerts() {
    return this.#parts.tlsRootCerts;
  }
  /**
   * The identity of a PEM certificate (the first block; what follows is ignored, as Fabric does). It has one chain to
   * the roots, but may still be no valid member. Throws MSPError.
   */
  async identity(pem, serialized) {
    const certificate = await this.#readCertificate(pem);
    let chain;
    try {
      chain = await uniqueChain(this.#parts.pool, certificate);
    } catch (cause) {
      const who = `${nameText(certificate.subject)} (${this.name})`;
      throw new MSPError("IDENTITY_UNTRUSTED", `${who}: ${messageOf(cause)}`, { cause });
    }
    const parent = chain[1];
    const sanitized = parent ? sanitizeCertificate(certificate, CURVES[parent.publicKey.curve]) : certificate;
    const id = toHex(await this.bccsp.sha256(sanitized.der));
    return new X509Identity(this, { serialized, id, certificate: sanitized, chain });
  }
  /** Resolves when the identity is a valid member. Throws MSPError. Not cached: Identity.validate is. */
  async validate({ certificate, chain }) {
    const who = `${nameText(certificate.subject)} (${this.name})`;
    if (certificate.isCA) {
      throw new MSPError("IDENTITY_UNTRUSTED", `${who}: a CA certificate is no identity`);
    }
    const parent = this.#issuerOf(chain);
    if (!parent) {
      throw new MSPError("IDENTITY_UNTRUSTED", `${who}: its CA may not issue members`);
    }
    const revoked = await revocationOf(
      this.#parts.revocationLists,
      certificate,
      parent,
      this.bccsp
    );
    if (revoked !== void 0) {
      throw new MSPError("IDENTITY_REVOKED", `${who}: ${revoked}`);
    }
    await this.#validateOUs(who, certificate, chain);
  }
  /** True for certificates that the definition lists as admins. */
  isListedAdmin(certificate) {
    return this.#admins.some((admin) => equalBytes(admin.certificate.der, certificate.der));
  }
  /** Whether NodeOUs tell apart clients, peers, admins and orderers. */
  get hasNodeOUs() {
    return this.#parts.nodeOUs !== void 0;
  }
  /** Whether the certificate carries the OU of a role; its validity is checked elsewhere. */
  hasOURole(certificate, role) {
    const unit = this.#parts.nodeOUs?.[role];
    return unit !== void 0 && organizationalUnits(certificate).includes(unit.name);
  }
  /** The certificate's OUs, each under the hash of the chain above it; none when the chain is not acceptable. */
  async organizationalUnits({ certificate, chain }) {
    if (certificate.isCA || !this.#issuerOf(chain)) return [];
    const certifiersId = await certifiersIdOf(this.bccsp, chain.slice(1));
    return organizationalUnits(certificate).map((name) => ({ name, certifiersId }));
  }
  async #readCertificate(pem) {
    const block = decodePem(pem);
    if (!block) throw new MSPError("IDENTITY_MALFORMED", "identity is not a PEM certificate");
    try {
      const certificate = parseCertificate(block.der);
      await this.bccsp.checkKey(certificate.publicKey);
      return certificate;
    } catch (cause) {
      if (!(cause instanceof CryptoError)) throw cause;
      const text = `certificate cannot be read: ${cause.message}`;
      throw new MSPError("IDENTITY_MALFORMED", text, { cause });
    }
  }
  // The CA above a member: it must not be one that issued another configured CA.
  #issuerOf(chain) {
    const parent = chain[1];
    return parent && !this.#parts.internalNodes.has(toHex(parent.der)) ? parent : void 0;
  }
  async #validateOUs(who, certificate, chain) {
    const certifiersId = await certifiersIdOf(this.bccsp, chain.slice(1));
    const units = organizationalUnits(certificate);
    const listed = this.#parts.organizationalUnits;
    const isListed = (unit) => units.includes(unit.name) && equalBytes(unit.certifiersId, certifiersId);
    if (listed.length > 0 && !listed.some(isListed)) {
      throw new MSPError("IDENTITY_OU", `${who}: none of its organizational units is accepted`);
    }
    if (!this.#parts.nodeOUs) return;
    const roles = Object.values(this.#parts.nodeOUs);
    let count = 0;
    for (const name of units) {
      const role = roles.findLast((unit) => unit?.name === name);
      if (!role) continue;
      if (role.certifiersId.length > 0 && !equalBytes(role.certifiersId, certifiersId)) {
        throw new MSPError("IDENTITY_OU", `${who}: unit ${name} does not come from the right CA`);
      }
      count++;
    }
    if (count === 1) return;
    const text = count === 0 ? "has no" : "has more than one";
    throw new MSPError(
      "IDENTITY_OU",
      `${who}: ${text} OU that says client, peer, orderer or admin`
    );
  }
  async #setupAdmins(pems) {
    if (pems.length === 0 && !this.#parts.nodeOUs?.admin) {
      const text = "administrators must be declared when no admin OU is set";
      throw new MSPError("MSP_CONFIG", `MSP ${this.name}: ${text}`);
    }
    try {
      this.#admins = await Promise.all(
        pems.map((pem) => this.identity(pem, serialize(this.name, pem)))
      );
      for (const admin of this.#admins) await this.#checkAdmin(admin);
    } catch (cause) {
      const text = `MSP ${this.name}: an admin is invalid: ${messageOf(cause)}`;
      throw new MSPError("MSP_CONFIG", text, { cause });
    }
  }
  // Fabric looks only at the OU when there are NodeOUs, and fully validates otherwise.
  async #checkAdmin(admin) {
    if (!this.hasNodeOUs) return admin.validate();
    const units = (await this.organizationalUnits(admin)).map((unit) => unit.name);
    const { client, admin: role } = this.#parts.nodeOUs ?? {};
    const isAllowed = [client, role].some((unit) => unit && units.includes(unit.name));
    if (!isAllowed) throw new MSPError("IDENTITY_OU", "neither client nor admin");
  }
};
function organizationalUnits(certificate) {
  return nameValues(certificate.subject, NAME_OID.organizationalUnit);
}
function serialize(mspid, pem) {
  return msp.SerializedIdentity.encode({ mspid, id_bytes: pem }).finish();
}
function decodeConfig(mspConfig) {
  let config;
  try {
    const { type, config: bytes } = msp.MSPConfig.decode(mspConfig);
    if (type !== 0) throw new MSPError("MSP_CONFIG", `MSP type ${type} is not supported`);
    config = msp.FabricMSPConfig.decode(bytes);
  } catch (cause) {
    if (cause instanceof MSPError) throw cause;
    throw new MSPError("MSP_CONFIG", `MSP definition cannot be decoded: ${messageOf(cause)}`, {
      cause
    });
  }
  if (config.name === "") throw new MSPError("MSP_CONFIG", "MSP definition has no name");
  return config;
}

// src/common/msp/bytes-cache.ts
var MAX_BUCKET = 8;
var SAMPLES = 64;
var BytesCache = class {
  #capacity;
  #buckets = /* @__PURE__ */ new Map();
  // In the order of their coming.
  #entries = /* @__PURE__ */ new Set();
  constructor(capacity) {
    this.#capacity = capacity;
  }
  get size() {
    return this.#entries.size;
  }
  get(key) {
    for (const entry of this.#buckets.get(hashOf(key)) ?? []) {
      if (equalBytes(entry.key, key)) return entry.value;
    }
    return void 0;
  }
  /** Adds what `get` did not find. The oldest entry goes when there are too many. The key must not be changed afterwards. */
  add(key, value) {
    const [oldest] = this.#entries;
    if (oldest && this.#entries.size >= this.#capacity) this.#remove(oldest);
    const entry = { key, hash: hashOf(key), value };
    const bucket = this.#buckets.get(entry.hash) ?? [];
    const [first] = bucket;
    if (first && bucket.length >= MAX_BUCKET) this.#remove(first);
    this.#buckets.set(entry.hash, [...this.#buckets.get(entry.hash) ?? [], entry]);
    this.#entries.add(entry);
  }
  #remove(entry) {
    this.#entries.delete(entry);
    const rest = this.#buckets.get(entry.hash)?.filter((other) => other !== entry) ?? [];
    if (rest.length > 0) this.#buckets.set(entry.hash, rest);
    else this.#buckets.delete(entry.hash);
  }
};
function hashOf(bytes) {
  const step = Math.max(1, Math.floor(bytes.length / SAMPLES));
  let hash = 2166136261 ^ bytes.length;
  for (let i = bytes.length - 1; i >= 0; i -= step) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 16777619);
  }
  return hash;
}

// src/common/msp/msp-manager.ts
var CACHE_CAPACITY = 4e3;
var MSPManagerImpl = class _MSPManagerImpl {
  mspIds;
  #msps;
  // Answers never change because MSPs do not, so refusals are kept as well.
  #cache = new BytesCache(CACHE_CAPACITY);
  constructor(msps) {
    this.#msps = new Map(msps.map((provider) => [provider.name, provider]));
    this.mspIds = [...this.#msps.keys()];
  }
  /** From serialized msp.MSPConfig messages. Throws MSPError MSP_CONFIG. */
  static async create(mspConfigs, bccsp) {
    return new _MSPManagerImpl(
      await Promise.all(mspConfigs.map((config) => MSP.create(config, bccsp)))
    );
  }
  msp(mspId) {
    return this.#msps.get(mspId);
  }
  deserializeIdentity(serialized) {
    const cached = this.#cache.get(serialized);
    if (cached) return cached;
    const bytes = serialized.slice();
    const identity = this.#deserialize(bytes);
    identity.catch(() => {
    });
    this.#cache.add(bytes, identity);
    return identity;
  }
  async #deserialize(bytes) {
    const { mspid, id_bytes } = decodeSerializedIdentity(bytes);
    const provider = this.#msps.get(mspid);
    if (!provider) throw new MSPError("MSP_UNKNOWN", `MSP ${mspid} is not defined on the channel`);
    return provider.identity(id_bytes, bytes);
  }
};

// src/common/msp/signing-identity.ts
function createSigningIdentity(mspId, certificatePem, key) {
  const certificate = derToPem(pemToDer(certificatePem), "CERTIFICATE");
  const serialized = serializeIdentity(mspId, certificate);
  return { mspId, certificate, serialize: () => serialized, sign: signerFor(key) };
}

// src/common/channelconfig/errors.ts
var ConfigError = class extends FabricError {
  name = "ConfigError";
  constructor(code, message, options) {
    super(code, message, options);
  }
};

// src/common/channelconfig/config-map.ts
var MAX_DEPTH = 16;
function validateConfigId(id) {
  if (/^[a-zA-Z0-9.-]{1,249}$/.test(id) && id !== "." && id !== "..") return;
  throw new ConfigError("CONFIG_MALFORMED", `config id '${id.slice(0, 260)}' is illegal`);
}
function validateChannelId(id) {
  if (/^[a-z][a-z0-9.-]{0,248}$/.test(id)) return;
  throw new ConfigError("CONFIG_MALFORMED", `channel id '${id.slice(0, 260)}' is illegal`);
}
function elementPath(kind, path) {
  return `[${kind}] /${path.join("/")}`;
}
function mapConfig(root, rootName) {
  const map = /* @__PURE__ */ new Map();
  const add = (element) => {
    validateConfigId(element.key);
    map.set(elementPath(element.kind, [...element.path, element.key]), element);
  };
  const walk = (path, key, group) => {
    if (path.length > MAX_DEPTH) {
      throw new ConfigError("CONFIG_MALFORMED", "config groups nest too deep");
    }
    add({ kind: "Group", path, key, item: group });
    const inner = [...path, key];
    for (const [name, child] of Object.entries(group.groups)) walk(inner, name, child);
    for (const [name, item] of Object.entries(group.values)) {
      add({ kind: "Value", path: inner, key: name, item });
    }
    for (const [name, item] of Object.entries(group.policies)) {
      add({ kind: "Policy", path: inner, key: name, item });
    }
  };
  if (root) walk([], rootName, root);
  return map;
}
var DEFAULT_MOD_POLICY = "Admins";
function configMapToConfig(map, rootName) {
  const ordererCapabilities = elementPath("Value", [rootName, "Orderer", "Capabilities"]);
  const modPolicyOf = ({ mod_policy }) => mod_policy === "" && map.has(ordererCapabilities) ? DEFAULT_MOD_POLICY : mod_policy;
  const take = (kind, path) => {
    const element = map.get(elementPath(kind, path));
    if (element?.kind === kind)
      return element.item;
    throw new ConfigError("CONFIG_UPDATE", `missing ${kind.toLowerCase()} at /${path.join("/")}`);
  };
  const build = (path) => {
    const group = take("Group", path);
    const members = (names, read) => Object.fromEntries(Object.keys(names).map((name) => [name, read(name)]));
    return {
      version: group.version,
      mod_policy: modPolicyOf(group),
      groups: members(group.groups, (name) => build([...path, name])),
      values: members(group.values, (name) => {
        const { version, value, ...item } = take("Value", [...path, name]);
        return { version, value, mod_policy: modPolicyOf(item) };
      }),
      policies: members(group.policies, (name) => {
        const { version, policy, ...item } = take("Policy", [...path, name]);
        return { version, policy, mod_policy: modPolicyOf(item) };
      })
    };
  };
  return build([rootName]);
}
function equalConfigGroups(a, b) {
  const [left, right] = [mapConfig(a, "root"), mapConfig(b, "root")];
  if (left.size !== right.size) return false;
  for (const [path, element] of left) {
    const other = right.get(path);
    if (!other || !equalElements(element, other)) return false;
  }
  return true;
}
function equalElements(a, b) {
  if (!a.item.version.equals(b.item.version) || a.item.mod_policy !== b.item.mod_policy)
    return false;
  if (a.kind === "Value" && b.kind === "Value") return equalBytes(a.item.value, b.item.value);
  if (a.kind === "Policy" && b.kind === "Policy") return equalPolicies(a.item, b.item);
  return a.kind === b.kind;
}
function equalPolicies(a, b) {
  if (!a.policy || !b.policy) return a.policy === b.policy;
  return a.policy.type === b.policy.type && equalBytes(a.policy.value, b.policy.value);
}

// src/common/channelconfig/capabilities.ts
var KNOWN = {
  Channel: ["V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V3_0"],
  Orderer: ["V1_1", "V1_4_2", "V2_0"],
  Application: ["V1_1", "V1_2", "V1_3", "V1_4_2", "V2_0", "V2_5"]
};
var REQUIRED = {
  Channel: ["V1_4_3", "V2_0", "V3_0"],
  Orderer: ["V1_1", "V1_4_2", "V2_0"],
  Application: ["V2_0", "V2_5"]
};
function readCapabilities(section2, value) {
  const { capabilities } = unmarshal(
    common.Capabilities,
    "Capabilities",
    value ?? new Uint8Array()
  );
  const names = new Set(Object.keys(capabilities));
  const known = new Set(KNOWN[section2]);
  for (const name of names) {
    if (known.has(name)) continue;
    const text2 = `${section2} capability ${name} is required but not supported`;
    throw new ConfigError("CAPABILITY_UNSUPPORTED", text2);
  }
  if (REQUIRED[section2].some((name) => names.has(name))) return names;
  const text = `${section2} capabilities below ${REQUIRED[section2][0]} are not supported`;
  throw new ConfigError("CAPABILITY_UNSUPPORTED", text);
}

// src/common/channelconfig/duration.ts
var UNIT_MS = {
  ns: 1e-6,
  us: 1e-3,
  \u00B5s: 1e-3,
  \u03BCs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5
};
var PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
function parseDuration(text) {
  const unsigned = text.replace(/^[+-]/, "");
  if (unsigned === "0") return 0;
  if (unsigned === "" || unsigned.length > 64) return void 0;
  let ms = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < unsigned.length) {
    const match = PART.exec(unsigned);
    if (!match) return void 0;
    ms += Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? Number.NaN);
  }
  return text.startsWith("-") ? -ms : ms;
}

// src/common/channelconfig/sections.ts
var MAX_UINT32 = 4294967295;
var VALUE_KEYS = {
  channel: [
    "HashingAlgorithm",
    "BlockDataHashingStructure",
    "OrdererAddresses",
    "Orderers",
    "Consortium",
    "Capabilities"
  ],
  orderer: [
    "ConsensusType",
    "BatchSize",
    "BatchTimeout",
    "KafkaBrokers",
    "ChannelRestrictions",
    "Orderers",
    "Capabilities"
  ],
  application: ["ACLs", "Capabilities"],
  ordererOrg: ["MSP", "Endpoints"],
  applicationOrg: ["MSP", "AnchorPeers"]
};
function malformed(text) {
  return new ConfigError("CONFIG_MALFORMED", text);
}
function section(path, group, keys) {
  if (!group) throw malformed(`configuration has no group ${path}`);
  const values = new Map(Object.entries(group.values).map(([key, { value }]) => [key, value]));
  for (const key of values.keys()) {
    if (!keys.includes(key)) throw malformed(`unexpected key ${key} in ${path}`);
  }
  return { path, values, groups: new Map(Object.entries(group.groups)) };
}
function readValue({ path, values }, key, type) {
  return unmarshal(type, `${path}/${key}`, values.get(key) ?? new Uint8Array());
}
function readSections(channelGroup) {
  const channel = section("/Channel", channelGroup, VALUE_KEYS.channel);
  readCapabilities("Channel", channel.values.get("Capabilities"));
  const hash = readValue(channel, "HashingAlgorithm", common.HashingAlgorithm).name;
  if (hash !== "SHA256") throw malformed(`hashing algorithm ${hash} is not supported`);
  const structure = common.BlockDataHashingStructure;
  const { width } = readValue(channel, "BlockDataHashingStructure", structure);
  if (width !== MAX_UINT32)
    throw malformed(`block data hashing of width ${width} is not supported`);
  for (const name of channel.groups.keys()) {
    if (name !== "Orderer" && name !== "Application") {
      throw malformed(`disallowed channel group ${name}`);
    }
  }
  const mspConfigs = /* @__PURE__ */ new Map();
  return {
    orderer: readOrderer(channel.groups.get("Orderer"), mspConfigs),
    application: readApplication(channel.groups.get("Application"), mspConfigs),
    mspConfigs
  };
}
function readOrderer(group, mspConfigs) {
  const self = section("/Channel/Orderer", group, VALUE_KEYS.orderer);
  const { type, state } = readValue(self, "ConsensusType", orderer.ConsensusType);
  const timeout = readValue(self, "BatchTimeout", orderer.BatchTimeout).timeout;
  const batchTimeoutMs = parseDuration(timeout);
  if (batchTimeoutMs === void 0 || batchTimeoutMs <= 0) {
    throw malformed(`attempted to set the batch timeout to an invalid value: '${timeout}'`);
  }
  const mspIds = [...self.groups].map(
    ([name, org]) => readMsp(section(`${self.path}/${name}`, org, VALUE_KEYS.ordererOrg), mspConfigs)
  );
  return {
    consensusType: type,
    batchSize: readBatchSize(self),
    batchTimeoutMs,
    maintenance: state === orderer.ConsensusType.State.STATE_MAINTENANCE,
    mspIds,
    capabilities: readCapabilities("Orderer", self.values.get("Capabilities")),
    ...readConsenters(self)
  };
}
function readConsenters(self) {
  if (!self.values.has("Orderers")) return {};
  const { consenter_mapping: consenters } = readValue(self, "Orderers", common.Orderers);
  const ids = new Set(consenters.map(({ id }) => id));
  if (ids.size < consenters.length)
    throw malformed(`${self.path}/Orderers names a consenter twice`);
  return { consenters };
}
function readBatchSize(self) {
  const size = readValue(self, "BatchSize", orderer.BatchSize);
  const { max_message_count, absolute_max_bytes, preferred_max_bytes } = size;
  if (max_message_count === 0 || absolute_max_bytes === 0 || preferred_max_bytes === 0) {
    throw malformed("attempted to set a limit of the batch size to 0");
  }
  if (preferred_max_bytes > absolute_max_bytes) {
    throw malformed(
      `batch size: preferred max bytes ${preferred_max_bytes} above absolute max bytes ${absolute_max_bytes}`
    );
  }
  return {
    maxMessageCount: max_message_count,
    absoluteMaxBytes: absolute_max_bytes,
    preferredMaxBytes: preferred_max_bytes
  };
}
function readApplication(group, mspConfigs) {
  const self = section("/Channel/Application", group, VALUE_KEYS.application);
  const { acls } = readValue(self, "ACLs", protos.ACLs);
  const orgs = [...self.groups].map(([name, orgGroup]) => {
    const org = section(`${self.path}/${name}`, orgGroup, VALUE_KEYS.applicationOrg);
    const { anchor_peers } = readValue(org, "AnchorPeers", protos.AnchorPeers);
    const anchorPeers = anchor_peers.map(({ host, port }) => ({ host, port }));
    return { name, mspId: readMsp(org, mspConfigs), anchorPeers };
  });
  return {
    orgs,
    capabilities: readCapabilities("Application", self.values.get("Capabilities")),
    acls: new Map(Object.entries(acls).map(([name, { policy_ref }]) => [name, policy_ref]))
  };
}
function readMsp(org, mspConfigs) {
  if (org.groups.size > 0) throw malformed(`${org.path} does not allow sub-groups`);
  const bytes = org.values.get("MSP");
  if (!bytes) throw malformed(`${org.path} has no MSP`);
  const { config } = unmarshal(msp.MSPConfig, `${org.path}/MSP`, bytes);
  const { name } = unmarshal(msp.FabricMSPConfig, `${org.path}/MSP`, config);
  if (name === "") throw malformed(`MSP of ${org.path} has an empty id`);
  const known = mspConfigs.get(name);
  if (known && !equalBytes(known, bytes)) {
    throw malformed(`attempted to define two different versions of MSP ${name}`);
  }
  mspConfigs.set(name, bytes);
  return name;
}

// src/common/channelconfig/bundle.ts
var Bundle = class {
  channelId;
  sequence;
  configBytes;
  mspManager;
  policyManager;
  orderer;
  application;
  constructor(identity, { orderer: orderer2, application }, managers) {
    this.channelId = identity.channelId;
    this.sequence = identity.sequence;
    this.configBytes = identity.configBytes;
    this.mspManager = managers.mspManager;
    this.policyManager = managers.policyManager;
    this.orderer = orderer2;
    this.application = application;
  }
  signaturePolicy(envelope) {
    return SignaturePolicy.fromBytes(envelope, this.mspManager);
  }
};
async function createBundle(channelId, configEnvelope, bccsp = defaultBCCSP()) {
  validateChannelId(channelId);
  const { config } = unmarshal(common.ConfigEnvelope, "ConfigEnvelope", configEnvelope);
  if (!config?.channel_group) throw malformed("config must contain a channel group");
  const sections = readSections(config.channel_group);
  const mspManager = await MSPManagerImpl.create([...sections.mspConfigs.values()], bccsp);
  const policyManager = PolicyManagerImpl.create(config.channel_group, mspManager);
  const configBytes = configEnvelope.slice();
  const identity = { channelId, sequence: toNumber(config.sequence), configBytes };
  return new Bundle(identity, sections, { mspManager, policyManager });
}
async function createBundleFromBlock(block, bccsp) {
  const envelope = extractEnvelope(unmarshalBlock(block), 0);
  const { data } = payloadFromEnvelope(envelope);
  return createBundle(channelIdFromEnvelope(envelope), data, bccsp);
}

// src/common/channelconfig/config-update.ts
import Long from "long";
function refuse2(text) {
  return new ConfigError("CONFIG_UPDATE", text);
}
function channelGroupOf(configEnvelope) {
  const { config } = unmarshal(common.ConfigEnvelope, "ConfigEnvelope", configEnvelope);
  if (!config?.channel_group) throw refuse2("config envelope has no config");
  return { config, group: config.channel_group };
}
async function validateConfigEnvelope(current, configEnvelope) {
  const { last_update } = unmarshal(common.ConfigEnvelope, "ConfigEnvelope", configEnvelope);
  const { config, group } = channelGroupOf(configEnvelope);
  if (!config.sequence.equals(current.sequence + 1)) {
    throw refuse2(
      `config currently at sequence ${current.sequence}, cannot validate config at sequence ${config.sequence}`
    );
  }
  if (!last_update) throw refuse2("config envelope has no last update");
  const expected = await authorizeUpdate(current, envelopeToConfigUpdate(last_update));
  const decoded2 = common.ConfigGroup.decode(common.ConfigGroup.encode(expected).finish());
  if (!equalConfigGroups(decoded2, group)) {
    throw refuse2("the last update of the config envelope did not produce the supplied config");
  }
}
async function authorizeUpdate(current, envelope) {
  const update = unmarshal(common.ConfigUpdate, "ConfigUpdate", envelope.config_update);
  if (update.channel_id !== current.channelId) {
    throw refuse2(
      `update for channel '${update.channel_id}' sent to channel '${current.channelId}'`
    );
  }
  const existing = mapConfig(channelGroupOf(current.configBytes).group, CHANNEL_PREFIX);
  const readSet = mapConfig(update.read_set, CHANNEL_PREFIX);
  verifyReadSet(existing, readSet);
  const writeSet = mapConfig(update.write_set, CHANNEL_PREFIX);
  const delta = computeDeltaSet(readSet, writeSet);
  if (delta.size === 0) throw refuse2("the update would have no effect");
  const signatures = configUpdateEnvelopeAsSignedData(envelope);
  for (const [path, element] of delta) {
    await verifyChange(current, { path, element, existing: existing.get(path) }, signatures);
  }
  const proposed = new Map([...existing, ...delta]);
  for (const path of writeSet.keys()) {
    if (!proposed.has(path)) throw refuse2(`write set contains ${path}, which is not in the result`);
  }
  return configMapToConfig(proposed, CHANNEL_PREFIX);
}
function verifyReadSet(existing, readSet) {
  for (const [path, { item }] of readSet) {
    const now = existing.get(path);
    if (!now) throw refuse2(`${path} is in the read set but not in the config`);
    if (!now.item.version.equals(item.version)) {
      throw refuse2(
        `update requires ${path} at version ${item.version}, it is at ${now.item.version}`
      );
    }
  }
}
function computeDeltaSet(readSet, writeSet) {
  const isChanged = ([path, { item }]) => !readSet.get(path)?.item.version.equals(item.version);
  return new Map([...writeSet].filter(isChanged));
}
async function verifyChange(current, { path, element, existing }, signatures) {
  validateModPolicy(path, element.item.mod_policy);
  const { version } = element.item;
  if (!existing) {
    if (version.equals(Long.UZERO)) return;
    throw refuse2(`attempted to set ${path} to version ${version}, but it does not exist`);
  }
  if (!version.equals(existing.item.version.add(1))) {
    throw refuse2(
      `attempted to set ${path} to version ${version}, but it is at version ${existing.item.version}`
    );
  }
  const policy = policyForElement(current, existing);
  if (!policy) throw refuse2(`missing policy ${existing.item.mod_policy} for ${path}`);
  if (await policy.evaluateSignedData(signatures)) return;
  throw new ConfigError("CONFIG_UNAUTHORIZED", `policy for ${path} not satisfied`);
}
function validateModPolicy(path, modPolicy) {
  if (modPolicy === "") throw refuse2(`mod_policy of ${path} is not set`);
  for (const part of modPolicy.replace(/^\//, "").split("/")) validateConfigId(part);
}
function policyForElement({ policyManager }, { kind, path, key, item }) {
  const group = kind === "Group" ? [...path, key] : path;
  const { mod_policy } = item;
  const absolute = mod_policy.startsWith("/") ? mod_policy : `/${[...group, mod_policy].join("/")}`;
  return policyManager.hasPolicy(absolute) ? policyManager.getPolicy(absolute) : void 0;
}
function validateNew(current, next) {
  for (const section2 of ["Orderer", "Application"]) {
    const nextIds = mspIdsOf(next, section2);
    for (const [name, mspId] of mspIdsOf(current, section2)) {
      const nextId = nextIds.get(name) ?? mspId;
      if (nextId === mspId) continue;
      throw refuse2(`${section2} org ${name} attempted to change MSP ID from ${mspId} to ${nextId}`);
    }
  }
}
function mspIdsOf({ configBytes }, section2) {
  const orgs = Object.entries(channelGroupOf(configBytes).group.groups[section2]?.groups ?? {});
  return new Map(
    orgs.map(([name, { values }]) => {
      const { config } = unmarshal(msp.MSPConfig, "MSP", values.MSP?.value ?? new Uint8Array());
      return [name, unmarshal(msp.FabricMSPConfig, "MSP", config).name];
    })
  );
}

// src/node/lifecycle/lifecycle-state.ts
var METADATA_PREFIX = "namespaces/metadata/";
var AFTER_METADATA = "namespaces/metadata0";
var DEFINITION_FIELDS = ["Sequence", "EndorsementInfo", "ValidationInfo", "Collections"];
var DEFINITION_DATATYPE = "ChaincodeDefinition";
async function definedNames(state) {
  const rows = await state.getStateRange(LIFECYCLE_NAMESPACE, METADATA_PREFIX, AFTER_METADATA);
  try {
    const names = [];
    for (let row = await rows.next(); row; row = await rows.next()) {
      const { key, value } = row;
      const { datatype } = decoded(key, () => lifecycle.StateMetadata.decode(value));
      if (datatype === DEFINITION_DATATYPE) names.push(key.slice(METADATA_PREFIX.length));
    }
    return names;
  } finally {
    rows.close();
  }
}
async function definitionFields(state, name) {
  const keys = [METADATA_PREFIX + name, ...DEFINITION_FIELDS.map((field) => fieldKey(name, field))];
  const [metadata, ...values] = await state.getStateMultipleKeys(LIFECYCLE_NAMESPACE, keys);
  if (!metadata) return void 0;
  const [, endorsementInfo, validationInfo, collections] = DEFINITION_FIELDS.map((field, i) => {
    const value = values[i] ?? new Uint8Array();
    return decoded(`${name}/${field}`, () => lifecycle.StateData.decode(value));
  });
  return {
    sequence: sequenceOf(name, values[0]),
    endorsementInfo: endorsementInfo?.Bytes ?? new Uint8Array(),
    validationInfo: validationInfo?.Bytes ?? new Uint8Array(),
    collections: collections?.Bytes ?? new Uint8Array()
  };
}
async function readDefinition(state, name) {
  const keys = [METADATA_PREFIX + name];
  const [metadata] = await state.getStateMultipleKeys(LIFECYCLE_NAMESPACE, keys);
  if (metadata) await definitionFields(state, name);
}
function sequenceKey(name) {
  return fieldKey(name, "Sequence");
}
function sequenceOf(name, stored) {
  return decoded(
    `${name}/Sequence`,
    () => toNumber(lifecycle.StateData.decode(stored ?? new Uint8Array()).Int64 ?? 0)
  );
}
function fieldKey(name, field) {
  return `namespaces/fields/${name}/${field}`;
}
function decoded(what, decode) {
  try {
    return decode();
  } catch (cause) {
    const text = `${what} in the state of _lifecycle cannot be read: ${messageOf(cause)}`;
    throw new FabricError("LIFECYCLE_STATE_MALFORMED", text, { cause });
  }
}

// src/node/lifecycle/committed-chaincode.ts
async function queryChaincodeDefinition(state, name) {
  const fields = await definitionFields(state, name);
  if (!fields) return void 0;
  const { version, init_required, endorsement_plugin } = decoded(
    `${name}/EndorsementInfo`,
    () => lifecycle.ChaincodeEndorsementInfo.decode(fields.endorsementInfo)
  );
  const { validation_plugin, validation_parameter } = decoded(
    `${name}/ValidationInfo`,
    () => lifecycle.ChaincodeValidationInfo.decode(fields.validationInfo)
  );
  const { config } = decoded(
    `${name}/Collections`,
    () => protos.CollectionConfigPackage.decode(fields.collections)
  );
  return {
    name,
    version,
    sequence: fields.sequence,
    initRequired: init_required,
    endorsementPlugin: endorsement_plugin,
    validationPlugin: validation_plugin,
    validationParameter: validation_parameter,
    collections: config.flatMap(({ static_collection_config: one }) => one ? [one] : [])
  };
}
async function queryChaincodeDefinitions(state) {
  const names = await definedNames(state);
  const found = await Promise.all(names.map((name) => queryChaincodeDefinition(state, name)));
  return found.filter((one) => one !== void 0);
}
function namespaceDefinitionOf(chaincode) {
  const { name, validationPlugin, validationParameter, collections } = chaincode;
  return {
    name,
    validationPlugin,
    validationParameter,
    collections: collections.map(({ name: collection, endorsement_policy: policy }) => ({
      name: collection,
      ...policy && { endorsementPolicy: protos.ApplicationPolicy.encode(policy).finish() }
    }))
  };
}

// src/common/runtime/typed-events.ts
var TypedEventTarget = class {
  #target = new EventTarget();
  /** Calls `listener` on each event; the result stops it. A listener that throws does not stop others. */
  on(name, listener, options = {}) {
    const handler = (event) => listener(event.detail);
    const { signal, once = false } = options;
    this.#target.addEventListener(name, handler, signal ? { signal, once } : { once });
    return () => this.#target.removeEventListener(name, handler);
  }
  emit(name, detail) {
    this.#target.dispatchEvent(new CustomEvent(name, { detail }));
  }
};

// src/node/lifecycle/deployed-chaincodes.ts
var DeployedChaincodes = class {
  events = new TypedEventTarget();
  #components;
  #latest;
  #reading;
  #settling = Promise.resolve();
  #version = 0;
  constructor(components) {
    this.#components = components;
  }
  /** Grows with every block that may have changed what is deployed. */
  get version() {
    return this.#version;
  }
  async current() {
    return (await this.#known()).namespaces;
  }
  /** All that is deployed, by name in byte order. Rejects as `current` does. */
  async chaincodes() {
    return (await this.#known()).chaincodes;
  }
  /** Undefined when nothing of that name is deployed. Rejects as `current` does. */
  async chaincode(name) {
    return (await this.chaincodes()).find((one) => one.name === name);
  }
  invalidate() {
    this.#version++;
    this.#reading = void 0;
    this.#settling = this.#known().then(
      () => {
      },
      (error) => {
        this.#components.log.warn(`the definitions cannot be read now: ${messageOf(error)}`);
      }
    );
  }
  /** Resolves when what the blocks so far have changed was read, or could not be. */
  settled() {
    return this.#settling;
  }
  #known() {
    if (this.#reading) return this.#reading;
    const reading = this.#read(() => this.#reading === reading);
    reading.catch(() => {
      if (this.#reading === reading) this.#reading = void 0;
    });
    this.#reading = reading;
    return reading;
  }
  /** @param isNewest false when another block came meanwhile, whose reading takes over. */
  async #read(isNewest) {
    const before = this.#latest;
    const chaincodes = layered(await this.#query(), this.#components.described);
    const namespaces = chaincodes.map(namespaceDefinitionOf);
    const known = before && sameAll(before.namespaces, namespaces, sameNamespace) ? { chaincodes, namespaces: before.namespaces } : { chaincodes, namespaces };
    if (!isNewest()) return known;
    this.#latest = known;
    if (before && !sameAll(before.chaincodes, chaincodes, sameChaincode)) {
      this.events.emit("definitions:changed", chaincodes);
    }
    return known;
  }
  async #query() {
    for (; ; ) {
      const executor = this.#components.ledger.newQueryExecutor();
      try {
        return await queryChaincodeDefinitions(executor);
      } catch (error) {
        if (!(error instanceof LedgerError && error.code === "SNAPSHOT_EXPIRED")) throw error;
      } finally {
        executor.done();
      }
    }
  }
};
function layered(committed, described) {
  const all = new Map(described.map((one) => [one.name, one]));
  for (const one of committed) all.set(one.name, { ...one, source: "chain" });
  return [...all.values()].sort((a, b) => compareUtf8(a.name, b.name));
}
function sameAll(a, b, same) {
  return a.length === b.length && a.every((one, i) => {
    const other = b[i];
    return other !== void 0 && same(one, other);
  });
}
function sameChaincode(a, b) {
  return a.name === b.name && a.source === b.source && a.sequence === b.sequence;
}
function sameNamespace(a, b) {
  return a.name === b.name && a.validationPlugin === b.validationPlugin && equalBytes(a.validationParameter, b.validationParameter) && sameAll(
    a.collections,
    b.collections,
    (one, other) => one.name === other.name && samePolicy(one.endorsementPolicy, other.endorsementPolicy)
  );
}
function samePolicy(a, b) {
  return a && b ? equalBytes(a, b) : a === b;
}

// src/ledger/collection-info.ts
var IMPLICIT_PREFIX = "_implicit_org_";
function implicitCollection(collection) {
  if (!collection.startsWith(IMPLICIT_PREFIX)) return void 0;
  return { blockToLive: 0, memberOrgs: [collection.slice(IMPLICIT_PREFIX.length)] };
}
function collectionsOf(bytes) {
  const { config } = protos.CollectionConfigPackage.decode(bytes);
  return new Map(
    config.flatMap(({ static_collection_config: coll }) => {
      if (!coll) return [];
      const identities = coll.member_orgs_policy?.signature_policy?.identities ?? [];
      const info = {
        blockToLive: toNumber(coll.block_to_live ?? 0),
        memberOrgs: [...new Set(identities.map(mspIdOf).filter((id) => id !== ""))]
      };
      return [[coll.name ?? "", info]];
    })
  );
}
function expiringBlock(info, blockNum) {
  if (!info || info.blockToLive === 0) return void 0;
  const expiry = blockNum + info.blockToLive + 1;
  return Number.isSafeInteger(expiry) ? expiry : void 0;
}
function mspIdOf({ principal_classification, principal }) {
  const bytes = principal ?? new Uint8Array();
  switch (principal_classification) {
    case common.MSPPrincipal.Classification.ORGANIZATION_UNIT:
      return common.OrganizationUnit.decode(bytes).msp_identifier;
    case common.MSPPrincipal.Classification.IDENTITY:
      return msp.SerializedIdentity.decode(bytes).mspid;
    default:
      return common.MSPRole.decode(bytes).msp_identifier;
  }
}

// src/node/lifecycle/described-chaincodes.ts
function describedChaincodes(definitions) {
  return definitions.map(({ name, version, sequence, endorsementPolicy, ...others }) => ({
    name,
    version,
    sequence,
    initRequired: others.initRequired ?? false,
    endorsementPlugin: "escc",
    validationPlugin: "vscc",
    validationParameter: createApplicationPolicy(endorsementPolicy),
    collections: (others.collections ?? []).map(staticCollection),
    source: "network"
  }));
}
function collectionInfoSource(definitions) {
  const infos = new Map(
    describedChaincodes(definitions).map(({ name, collections }) => {
      const config = collections.map((one) => ({ static_collection_config: one }));
      const bytes = protos.CollectionConfigPackage.encode({ config }).finish();
      return [name, collectionsOf(bytes)];
    })
  );
  return { collectionInfo: (chaincode, collection) => infos.get(chaincode)?.get(collection) };
}
function staticCollection(definition) {
  const { endorsementPolicy: text } = definition;
  const { StaticCollectionConfig, ApplicationPolicy } = protos;
  const config = {
    name: definition.name,
    member_orgs_policy: { signature_policy: parsePolicy(definition.policy) },
    required_peer_count: definition.requiredPeerCount,
    maximum_peer_count: definition.maxPeerCount,
    block_to_live: definition.blockToLive,
    member_only_read: definition.memberOnlyRead,
    member_only_write: definition.memberOnlyWrite,
    endorsement_policy: text === void 0 ? null : ApplicationPolicy.decode(createApplicationPolicy(text))
  };
  return StaticCollectionConfig.decode(StaticCollectionConfig.encode(config).finish());
}

// src/node/lifecycle/endorsement-info.ts
var ChaincodeEndorsementInfoSource = class {
  #components;
  constructor(components) {
    this.#components = components;
  }
  async chaincodeEndorsementInfo(channelId, chaincode, simulator) {
    const { isSystemChaincode, deployed, packageIdOf } = this.#components;
    if (isSystemChaincode(chaincode)) {
      const ccid2 = systemChaincodeId(chaincode);
      return { version: SYSTEM_CHAINCODE_VERSION, enforceInit: false, ccid: ccid2 };
    }
    const channel = deployed(channelId);
    if (!channel) {
      const text = `could not get channel config for channel '${channelId}'`;
      throw new FabricError("CHANNEL_NOT_FOUND", text);
    }
    const found = await channel.chaincode(chaincode);
    const onChain = found?.source === "chain" ? found.sequence : 0;
    if (simulator) await checkSequence(chaincode, onChain, simulator);
    if (!found) throw new FabricError("CHAINCODE_NOT_FOUND", `chaincode ${chaincode} not found`);
    const ccid = packageIdOf(channelId, chaincode);
    if (ccid === void 0) {
      const text = `chaincode definition for '${chaincode}' exists, but chaincode is not installed`;
      throw new FabricError("CHAINCODE_NOT_INSTALLED", text);
    }
    return { version: found.version, enforceInit: found.initRequired, ccid };
  }
};
async function checkSequence(chaincode, known, simulator) {
  const bytes = await simulator.getState(LIFECYCLE_NAMESPACE, sequenceKey(chaincode));
  const current = sequenceOf(chaincode, bytes);
  if (current === known) return;
  const text = `chaincode cache at sequence ${known} but current sequence is ${current}, chaincode definition for '${chaincode}' changed during invoke`;
  throw new FabricError("DEFINITION_CHANGED", text);
}

// src/node/lifecycle/implicit-collection.ts
var PREFIX = "_implicit_org_";
function implicitCollectionName(mspId) {
  return PREFIX + mspId;
}
function mspIdIfImplicitCollection(collection) {
  return collection.startsWith(PREFIX) ? collection.slice(PREFIX.length) : void 0;
}
function implicitCollection2(mspId) {
  const { MSPRole, MSPPrincipal } = common;
  const member = { msp_identifier: mspId, role: MSPRole.MSPRoleType.MEMBER };
  const config = {
    name: implicitCollectionName(mspId),
    member_orgs_policy: {
      signature_policy: {
        rule: { n_out_of: { n: 1, rules: [{ signed_by: 0 }] } },
        identities: [
          {
            principal_classification: MSPPrincipal.Classification.ROLE,
            principal: MSPRole.encode(member).finish()
          }
        ]
      }
    }
  };
  const { StaticCollectionConfig } = protos;
  return StaticCollectionConfig.decode(StaticCollectionConfig.encode(config).finish());
}

// src/node/lifecycle/namespace-policies.ts
var VALIDATION_PLUGIN = "vscc";
var LIFECYCLE_ENDORSEMENT_POLICY = "/Channel/Application/LifecycleEndorsement";
function namespacePolicies(definitions, bundle) {
  const lifecycle2 = lifecyclePolicy(bundle);
  const implicit = implicitCollections(bundle);
  const deployed = new Map(
    definitions.map((definition) => [definition.name, policiesOf(definition, bundle)])
  );
  const find = (namespace) => {
    const found = deployed.get(namespace);
    if (found) checkPlugin(found.definition);
    return found;
  };
  return {
    policyOf: (namespace) => namespace === LIFECYCLE_NAMESPACE ? lifecycle2 : find(namespace)?.policy,
    collectionPolicyOf: (namespace, collection) => {
      const found = find(namespace);
      const mspId = mspIdIfImplicitCollection(collection);
      return mspId === void 0 ? found?.collections.get(collection) : implicit.get(mspId);
    }
  };
}
function policiesOf(definition, bundle) {
  const policy = policyOrReject(definition.validationParameter, bundle);
  const collections = /* @__PURE__ */ new Map();
  for (const { name, endorsementPolicy } of definition.collections) {
    collections.set(name, endorsementPolicy ? policyOrReject(endorsementPolicy, bundle) : policy);
  }
  return { definition, policy, collections };
}
function policyOrReject(bytes, bundle) {
  try {
    return applicationPolicy(bytes, bundle);
  } catch (error) {
    if (error instanceof PolicyError) return rejectPolicy;
    throw error;
  }
}
function checkPlugin({ name, validationPlugin }) {
  if (validationPlugin === VALIDATION_PLUGIN) return;
  const text = `chaincode ${name} is validated by plugin ${validationPlugin}, which is not here; its transactions cannot be judged`;
  throw new FabricError("VALIDATION_PLUGIN_UNKNOWN", text);
}
function lifecyclePolicy(bundle) {
  const { policyManager, application } = bundle;
  if (policyManager.hasPolicy(LIFECYCLE_ENDORSEMENT_POLICY)) {
    return policyManager.getPolicy(LIFECYCLE_ENDORSEMENT_POLICY);
  }
  const mspIds = application.orgs.map(({ mspId }) => mspId);
  return membersPolicy(mspIds, Math.floor(mspIds.length / 2) + 1, bundle);
}
function implicitCollections(bundle) {
  const { policyManager, application } = bundle;
  return new Map(
    application.orgs.map(({ name, mspId }) => {
      const path = `/Channel/Application/${name}/Endorsement`;
      const policy = policyManager.hasPolicy(path) ? policyManager.getPolicy(path) : membersPolicy([mspId], 1, bundle);
      return [mspId, policy];
    })
  );
}
function membersPolicy(mspIds, count, bundle) {
  const { MSPRole, MSPPrincipal, SignaturePolicyEnvelope } = common;
  const envelope = {
    rule: { n_out_of: { n: count, rules: mspIds.map((_, signed_by) => ({ signed_by })) } },
    identities: mspIds.map((msp_identifier) => ({
      principal_classification: MSPPrincipal.Classification.ROLE,
      principal: MSPRole.encode({ msp_identifier, role: MSPRole.MSPRoleType.MEMBER }).finish()
    }))
  };
  return bundle.signaturePolicy(SignaturePolicyEnvelope.encode(envelope).finish());
}

// src/node/committer/signatures/signature-worker.ts
function createSignatureWorker(bccsp = defaultBCCSP()) {
  const contexts = /* @__PURE__ */ new Map();
  return {
    configure: async (rules) => {
      const context = contextOf(rules, bccsp);
      contexts.set(rules.channelId, context);
      await context;
    },
    forget: async (channelId) => {
      contexts.delete(channelId);
    },
    verify: async (channelId, bytes) => {
      const context = contexts.get(channelId);
      if (!context) throw new Error(`the signature worker has no rules of channel ${channelId}`);
      return verifySignatures(parseReceived(bytes), await context);
    }
  };
}
async function contextOf(rules, bccsp) {
  const bundle = await createBundle(rules.channelId, rules.config, bccsp);
  const policies = namespacePolicies(rules.definitions, bundle);
  return { bundle, policies, sha256: (data) => bccsp.sha256(data) };
}

// src/node/committer/signatures/signature-pool.ts
var DEFAULT_SIGNATURE_POOL_OPTIONS = Object.freeze({
  maxChannels: 32
});
var SignaturePool = class {
  #lanes;
  #options;
  /** @param workers take over the bytes that they are given. */
  constructor(workers, options = {}) {
    if (workers.length === 0) throw new RangeError("a pool needs a worker");
    this.#options = { ...DEFAULT_SIGNATURE_POOL_OPTIONS, ...options };
    this.#lanes = workers.map((worker) => ({ worker, rules: /* @__PURE__ */ new Map(), busy: 0 }));
  }
  /** The block goes to the worker with the least to do. */
  verify = async ({ bytes }, bundle, definitions) => {
    const lane = this.#lanes.reduce((least, one) => one.busy < least.busy ? one : least);
    lane.busy += bytes.length;
    try {
      const configured = this.#configure(lane, { bundle, definitions });
      const verdicts = lane.worker.verify(bundle.channelId, bytes.slice());
      return (await Promise.all([verdicts, configured]))[0];
    } finally {
      lane.busy -= bytes.length;
    }
  };
  async #configure({ worker, rules: known }, rules) {
    const { bundle, definitions } = rules;
    const { channelId, configBytes: config } = bundle;
    const before = known.get(channelId);
    const isKnown = before?.bundle === bundle && before.definitions === definitions;
    known.delete(channelId);
    known.set(channelId, isKnown ? before : rules);
    if (isKnown) return;
    const [oldest] = known.keys();
    const forgotten = oldest !== void 0 && known.size > this.#options.maxChannels && known.delete(oldest) ? worker.forget(oldest) : void 0;
    try {
      await Promise.all([worker.configure({ channelId, config, definitions }), forgotten]);
    } catch (error) {
      if (known.get(channelId) === rules) known.delete(channelId);
      throw error;
    }
  }
};

export {
  TypedEventTarget,
  readDefinition,
  DeployedChaincodes,
  implicitCollection,
  collectionsOf,
  expiringBlock,
  describedChaincodes,
  collectionInfoSource,
  ChaincodeEndorsementInfoSource,
  mspIdIfImplicitCollection,
  implicitCollection2,
  namespacePolicies,
  MSPError,
  decodeSerializedIdentity,
  pkiIdOf,
  certificateOf,
  identityName,
  checkWellFormed,
  createSigningIdentity,
  createBundle,
  createBundleFromBlock,
  validateConfigEnvelope,
  validateNew,
  SignaturePool,
  createSignatureWorker
};
