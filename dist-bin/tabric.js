#!/usr/bin/env node
import {
  ChaincodeEndorsementInfoSource,
  DeployedChaincodes,
  MSPError,
  SignaturePool,
  TypedEventTarget,
  certificateOf,
  checkWellFormed,
  collectionInfoSource,
  collectionsOf,
  createBundle,
  createBundleFromBlock,
  createSigningIdentity,
  decodeSerializedIdentity,
  describedChaincodes,
  expiringBlock,
  identityName,
  implicitCollection,
  implicitCollection2,
  mspIdIfImplicitCollection,
  namespacePolicies,
  pkiIdOf,
  readDefinition,
  validateConfigEnvelope,
  validateNew
} from "./chunk-RZ6HIO2P.js";
import {
  Endorser,
  LazyGateway,
  PROCESS_PROPOSAL,
  connect,
  systemClock,
  systemRandomBytes
} from "./chunk-HND7NBII.js";
import {
  SystemChaincodes,
  isReservedName
} from "./chunk-GQA564GI.js";
import {
  GrpcStatus,
  ServiceError,
  blockViewOf,
  chaincodeEventsOf,
  findConflict,
  localClient,
  ownClient,
  proxied,
  raceAbort,
  serviceErrorOf,
  textField,
  txViewOf,
  unary,
  unaryHandler,
  withDeadline
} from "./chunk-V5KREMOY.js";
import {
  BlockStore,
  ChangedKeyPolicies,
  Committer,
  DELIMITED,
  LIFECYCLE_NAMESPACE,
  LOG_LEVELS,
  LedgerError,
  MAX_MESSAGE_BYTES,
  MAX_UINT64,
  Mutex,
  NONCE_BYTES,
  PolicyError,
  PostingIndex,
  PrefixedKVStore,
  Reader,
  SortedMap,
  VALIDATION_PARAMETER,
  Writer,
  applicationPolicyToText,
  binaryToUtf8,
  blockKey,
  bootstrapBlockStore,
  byCode,
  chainExtent,
  codeName,
  common,
  createApplicationPolicy,
  createCertificateRequest,
  createChaincodeProposal,
  createLogger,
  createSignedEnvelope,
  defaultBCCSP,
  deleteRange,
  derToPem,
  dropIndex,
  fromBinary,
  fromTimestamp,
  gateway,
  getActionFromEnvelope,
  getChannelIdFromBlock,
  getLastConfigIndexFromBlock,
  getTransactionsFilter,
  google,
  gossip,
  holdsConfig,
  invokedChaincodeName,
  kvrwset,
  lifecycle,
  lowerBound,
  namespaceEndorsed,
  namespaceWritesOf,
  orderPreservingVarint,
  orderer,
  parseBlock,
  parseCertificatePem,
  parsePolicy,
  pemToDer,
  prefixEnd,
  proposalAsSignedData,
  protos,
  queryresult,
  readOrderPreservingVarint,
  readUint64,
  replaceMetadata,
  rwset,
  silentLogger,
  toBinary,
  toNumber,
  toTimestamp,
  transactionsFilterOf,
  transientstore,
  truncateChain,
  txIdsOf,
  txmgr,
  uint64Bytes,
  unmarshal,
  unmarshalChaincodeAction,
  unmarshalChannelHeader,
  unmarshalEnvelope,
  unmarshalPayload,
  unmarshalProposalResponsePayload,
  utf8ToBinary,
  verifyBlock,
  verifySignatures
} from "./chunk-R4E6L3MR.js";
import {
  EMPTY_BYTES,
  FabricError,
  __callDispose,
  __using,
  compareBytes,
  compareUtf8,
  concat,
  equalBytes,
  fromBase64,
  fromHex,
  fromUtf8,
  fromUtf8Strict,
  messageOf,
  publicKeyToSpki,
  toBase64,
  toHex,
  utf8
} from "./chunk-4AZXMRM6.js";

// cmd/run-tabric.ts
import { Command as Command18, CommanderError } from "commander";

// cmd/chaincode-command.ts
import { Command as Command2 } from "commander";

// cmd/chaincode-package.ts
import { writeFile as writeFile2 } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join as join4, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";

// src/node/chaincode/provided-modules.ts
var PROVIDED_PACKAGES = [
  "class-transformer",
  "fabric-contract-api",
  "fabric-shim",
  "fabric-shim-api",
  "json-stringify-deterministic",
  "long",
  "reflect-metadata",
  "sort-keys-recursive"
];

// src/node/chaincode/runtime/json-text.ts
function parseJsonFile(text2) {
  return JSON.parse(text2.replace(/^\uFEFF/, ""));
}

// src/node/chaincode/missing-parts.ts
function readDescription(files) {
  const text2 = files["package.json"];
  if (text2 === void 0) throw invalid("package has no src/package.json");
  try {
    return Object(parseJsonFile(text2));
  } catch (error) {
    throw invalid(`src/package.json is malformed: ${messageOf(error)}`);
  }
}
function missingParts(files) {
  const { main, dependencies } = readDescription(files);
  const lacking = Object.keys(Object(dependencies)).filter(
    (name) => !PROVIDED_PACKAGES.includes(name) && !Object.hasOwn(files, `node_modules/${name}/package.json`)
  );
  const isThere = typeof main !== "string" || candidatesOf(main).some(Object.hasOwn.bind(null, files));
  if (isThere) return lacking.length === 0 ? void 0 : { dependencies: lacking };
  if (!Object.keys(files).some((path) => /\.[cm]?ts$/.test(path)))
    throw invalid(`${main}, the 'main' of src/package.json, is not in the package`);
  return { dependencies: lacking, compiled: main };
}
function describeMissing({ dependencies, compiled }) {
  const parts = [
    ...compiled === void 0 ? [] : [`${compiled} is to be compiled from TypeScript`],
    ...dependencies.length === 0 ? [] : [`it does not bring the npm packages that it needs (${dependencies.join(", ")})`]
  ];
  return parts.join(", and ");
}
function candidatesOf(main) {
  const entry = main.replace(/^\.\//, "").replace(/\/$/, "");
  return [entry, `${entry}.js`, `${entry}.cjs`, `${entry}.json`, `${entry}/index.js`];
}
function invalid(message) {
  return new FabricError("INVALID_PACKAGE", message);
}

// src/node/chaincode/package.ts
import { sha256 } from "@noble/hashes/sha2.js";

// src/node/chaincode/tar/tar-reader.ts
var BLOCK_BYTES = 512;
var MAX_NAME_LENGTH = 1024;
function refuse(message, cause) {
  throw new FabricError("INVALID_PACKAGE", message, { cause });
}
async function gunzip(bytes, limit) {
  const reader = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const chunks = [];
  let length = 0;
  try {
    for (; ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > limit) refuse(`archive unpacks to more than ${limit} bytes`);
      chunks.push(value);
    }
  } catch (cause) {
    reader.cancel().catch(() => {
    });
    if (cause instanceof FabricError) throw cause;
    refuse(`archive is not gzip: ${messageOf(cause)}`, cause);
  }
  return concat(...chunks);
}
function untar(archive, limits) {
  const files = /* @__PURE__ */ new Map();
  let longName;
  let entries = 0;
  for (let offset = 0; offset + BLOCK_BYTES <= archive.length; ) {
    const header2 = archive.subarray(offset, offset + BLOCK_BYTES);
    if (header2.every((byte) => byte === 0)) break;
    if (++entries > limits.entries) refuse(`archive has more than ${limits.entries} entries`);
    const { name, size, type } = readHeader(header2);
    const start = offset + BLOCK_BYTES;
    if (start + size > archive.length) refuse("archive ends in the middle of a file");
    const data = archive.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (type === "x") longName = paxPath(data) ?? longName;
    else if (type === "L") longName = text(data);
    else {
      if (type === "0" || type === "\0") addFile(files, longName ?? name, data);
      else if (type !== "5" && type !== "g") refuse(`archive holds a link or device: ${name}`);
      longName = void 0;
    }
  }
  return files;
}
function readHeader(header2) {
  const sum = header2.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (octal(header2, 148, 8) !== sum) refuse("archive is not tar: a header has a wrong checksum");
  const prefix = text(header2.subarray(257, 262)) === "ustar" ? text(header2.subarray(345, 500)) : "";
  const name = text(header2.subarray(0, 100));
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size: octal(header2, 124, 12),
    type: String.fromCharCode(header2[156] ?? 0)
  };
}
function octal(header2, offset, length) {
  const digits = text(header2.subarray(offset, offset + length)).trim();
  if (!/^[0-7]{0,11}$/.test(digits)) refuse("archive is not tar: a header has a malformed number");
  return Number.parseInt(digits || "0", 8);
}
function text(bytes) {
  const end = bytes.indexOf(0);
  return fromUtf8(end < 0 ? bytes : bytes.subarray(0, end));
}
function paxPath(data) {
  let path;
  for (let offset = 0; offset < data.length; ) {
    const head = /^(\d{1,8}) /.exec(fromUtf8(data.subarray(offset, offset + 10)));
    const length = Number(head?.[1] ?? 0);
    if (length < 5 || offset + length > data.length) refuse("archive has a malformed pax header");
    const record = fromUtf8(data.subarray(offset + (head?.[0].length ?? 0), offset + length - 1));
    if (record.startsWith("path=")) path = record.slice("path=".length);
    offset += length;
  }
  return path;
}
function addFile(files, name, data) {
  const parts = name.replace(/^\.\//, "").split("/");
  const outside = parts.some((part) => part === "" || part === "." || part === "..");
  if (outside || name.length > MAX_NAME_LENGTH || /[\\\0]/.test(name)) {
    refuse(`archive has an unsafe path: ${name.slice(0, 100)}`);
  }
  const path = parts.join("/");
  if (files.has(path)) refuse(`archive holds ${path} twice`);
  files.set(path, data);
}
function fileText(bytes) {
  try {
    return fromUtf8Strict(bytes);
  } catch {
    return void 0;
  }
}

// src/node/chaincode/package.ts
var MAX_PACKAGE_BYTES = 16 * 1024 * 1024;
var LIMITS = Object.freeze({ unpackedBytes: 64 * 1024 * 1024, entries: 1e4 });
var MAX_METADATA_BYTES = 64 * 1024;
var LABEL = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;
function packageIdOf(label2, bytes) {
  return `${label2}:${toHex(sha256(bytes))}`;
}
async function readChaincodePackage(bytes) {
  if (bytes.length > MAX_PACKAGE_BYTES) {
    throw invalid2(`package of ${bytes.length} bytes is larger than ${MAX_PACKAGE_BYTES} bytes`);
  }
  const outer = untar(await gunzip(bytes, LIMITS.unpackedBytes), LIMITS);
  const { label: label2, type, path } = readMetadata(outer.get("metadata.json"));
  if (type !== "node") {
    const text2 = `chaincode of type '${type}' cannot run in a browser tab: only Node chaincode (JavaScript) can`;
    throw new FabricError("UNSUPPORTED_CHAINCODE", text2, { data: { type } });
  }
  const packed = outer.get("code.tar.gz");
  if (!packed) throw invalid2("package has no code.tar.gz");
  const code = untar(await gunzip(packed, LIMITS.unpackedBytes), LIMITS);
  const files = {};
  for (const [name, data] of under(code, "src/")) {
    const content = fileText(data);
    if (content !== void 0) files[name] = content;
  }
  const missing = missingParts(files);
  return {
    packageId: packageIdOf(label2, bytes),
    label: label2,
    path,
    files,
    ...missing && { missing },
    metaInf: under(code, "META-INF/")
  };
}
async function readProgram(bytes) {
  if (bytes.length > MAX_PACKAGE_BYTES)
    throw invalid2(`program of ${bytes.length} bytes is larger than ${MAX_PACKAGE_BYTES} bytes`);
  const files = {};
  for (const [name, data] of untar(await gunzip(bytes, LIMITS.unpackedBytes), LIMITS)) {
    const content = fileText(data);
    if (content !== void 0) files[name] = content;
  }
  if (missingParts(files)) throw invalid2("the program is not complete");
  return files;
}
function readMetadata(bytes) {
  if (!bytes) throw invalid2("package has no metadata.json");
  if (bytes.length > MAX_METADATA_BYTES) throw invalid2("metadata.json of the package is too large");
  let metadata;
  try {
    metadata = Object(parseJsonFile(fileText(bytes) ?? ""));
  } catch (error) {
    throw invalid2(`metadata.json of the package is malformed: ${messageOf(error)}`);
  }
  const { label: label2, type, path } = metadata;
  if (typeof label2 !== "string" || !LABEL.test(label2)) {
    throw invalid2(`invalid label '${label2}'. Label must be non-empty, and match ${LABEL.source}`);
  }
  const typeText = typeof type === "string" ? type.toLowerCase() : "";
  return { label: label2, type: typeText, path: typeof path === "string" ? path : "" };
}
function under(files, folder) {
  const found = [...files].filter(([path]) => path.startsWith(folder));
  return new Map(found.map(([path, data]) => [path.slice(folder.length), data]));
}
function invalid2(message) {
  return new FabricError("INVALID_PACKAGE", message);
}

// src/node/headless/chaincode-build/chaincode-builder.ts
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname as dirname2, join as join2, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

// src/node/headless/chaincode-build/dependency-check.ts
var NAME = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;
var SPEC = /^(npm:(@[\w.~-]+\/)?[\w.~-]+@)?[\w.*^~<>=|+ -]*$/;
var LOCK_FILES = ["npm-shrinkwrap.json", "package-lock.json"];
function installable(description, files, tools) {
  const development = specsOf(description.devDependencies);
  const own = specsOf(description.dependencies);
  const dependencies = {};
  for (const name of Object.keys(own).filter((name2) => !PROVIDED_PACKAGES.includes(name2)))
    dependencies[name] = checked(name, own[name]);
  for (const tool of tools) dependencies[tool] = checkedTool(tool, development[tool]);
  const lock = lockOf(files, dependencies, tools);
  return { description: { dependencies }, ...lock && { lock } };
}
function specsOf(value) {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
function checked(name, spec) {
  if (NAME.test(name) && typeof spec === "string" && spec.length <= 200 && SPEC.test(spec))
    return spec;
  const text2 = `the dependency ${name} (${JSON.stringify(spec)}) is not one of the npm registry`;
  throw new FabricError("CHAINCODE_BUILD_FAILED", text2);
}
function checkedTool(name, spec) {
  return checked(name, String(spec).startsWith("npm:") ? void 0 : spec);
}
function lockOf(files, dependencies, tools) {
  const text2 = LOCK_FILES.map((name) => files[name]).find((found) => found !== void 0);
  if (text2 === void 0) return void 0;
  let lock;
  try {
    lock = Object(parseJsonFile(text2));
  } catch {
    throw new FabricError("CHAINCODE_BUILD_FAILED", "the lock file of the package is no JSON");
  }
  if (typeof lock.packages !== "object" || lock.packages === null) return void 0;
  const packages = { "": { dependencies } };
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === "") continue;
    const { resolved: _address, link, ...kept } = Object(entry);
    if (link === true || !path.startsWith("node_modules/") || path.split("/").includes(".."))
      throw new FabricError("CHAINCODE_BUILD_FAILED", `the lock file links ${path} to a folder`);
    const name = path.replace(/^.*node_modules\//, "");
    if (kept.name !== void 0 && tools.includes(name)) delete kept.name;
    packages[path] = { ...kept, version: checked(name, kept.version) };
  }
  return { lockfileVersion: 3, requires: true, packages };
}

// src/node/headless/chaincode-build/npm-install.ts
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
var DEFAULT_REGISTRY = "https://registry.npmjs.org/";
var MEMORY_MB = 512;
var MAX_LOG_CHARS = 64 * 1024;
var PASSED_ON = /^(NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy|SystemRoot)$/i;
var NOWHERE = "http://127.0.0.1:9";
async function runInFolder(args, options) {
  const { folder, env, signal } = options;
  const read2 = [folder, ...options.readable, ...options.writable];
  const write2 = [folder, ...options.writable];
  const permissions = [
    "--permission",
    ...read2.map((path) => `--allow-fs-read=${path}`),
    ...write2.map((path) => `--allow-fs-write=${path}`)
  ];
  const flags = [`--max-old-space-size=${MEMORY_MB}`, "--no-warnings"];
  const child = spawn(
    process.execPath,
    [...flags, ...options.sandbox ? permissions : [], ...args],
    {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
      windowsHide: true
    }
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text2) => {
      said = `${said}${text2}`.slice(-MAX_LOG_CHARS);
    });
  const { promise, resolve: resolve5, reject } = Promise.withResolvers();
  child.on("error", reject).on("close", resolve5);
  const code = await promise.catch((cause) => {
    const reason = signal.aborted ? messageOf(signal.reason) : messageOf(cause);
    throw new FabricError("CHAINCODE_BUILD_FAILED", `${reason}
${said}`.trim(), { cause });
  });
  if (code === 0) return said.trim();
  throw new FabricError("CHAINCODE_BUILD_FAILED", said.trim() || `it ended with exit code ${code}`);
}
function npmInstall(folder, { registry, cache, offline, allowScripts }, signal) {
  const npm = findNpm();
  const passed = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  const env = Object.fromEntries(passed);
  const behindProxy = passed.some(([name]) => /^https?_proxy$/i.test(name));
  const { hostname } = new URL(registry);
  const args = [
    npm,
    "install",
    `--registry=${registry}`,
    `--cache=${cache}`,
    ...offline ? ["--offline"] : ["--prefer-offline"],
    ...allowScripts ? [] : ["--ignore-scripts", "--no-bin-links"],
    ...behindProxy ? [] : [`--proxy=${NOWHERE}`, `--https-proxy=${NOWHERE}`, `--noproxy=${hostname}`],
    "--omit=dev",
    "--omit=peer",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--no-progress",
    "--logs-max=0",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=500"
  ];
  return runInFolder(args, {
    folder,
    readable: [dirname(dirname(npm))],
    writable: [cache],
    env: { ...env, HOME: folder, PATH: allowScripts ? process.env.PATH ?? "" : "" },
    sandbox: !allowScripts,
    signal
  });
}
function findNpm() {
  const running = process.env.npm_execpath ?? "";
  const onPath = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => [
    join(folder, "npm"),
    join(folder, "node_modules", "npm", "bin", "npm-cli.js")
  ]);
  for (const candidate of [running, ...onPath]) {
    try {
      const file = realpathSync(candidate);
      if (file.endsWith("npm-cli.js")) return file;
    } catch {
    }
  }
  throw new FabricError("CHAINCODE_BUILD_UNAVAILABLE", "npm was not found on PATH");
}

// src/node/headless/chaincode-build/chaincode-builder.ts
var MAX_MODULES = 5e3;
var PROGRAM_FILE = /\.(js|cjs|json)$/;
var LEFT_OUT = /^node_modules\/(typescript|@tsconfig)\/|(^|\/)(\.?package-lock|npm-shrinkwrap)\.json$/;
var EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
var COMPILER = fileURLToPath(new URL(`./compile-program.${EXTENSION}`, import.meta.url));
async function buildChaincode(bytes, options, signal) {
  const read2 = await readChaincodePackage(bytes);
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const folder = await mkdtemp(join2(tmpdir(), "tabric-build-"));
  try {
    return await buildIn(folder, read2, options, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    const text2 = `the build took longer than ${options.timeoutMs / 1e3} s`;
    throw new FabricError("CHAINCODE_BUILD_FAILED", text2, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
async function buildIn(folder, { files, missing }, options, signal) {
  const log = [];
  const compiles = missing?.compiled !== void 0;
  const wanted = installable(readDescription(files), files, compiles ? compilerOf(files) : []);
  if (Object.keys(wanted.description.dependencies).length > 0) {
    await mkdir(options.cache, { recursive: true });
    await write(folder, "package.json", JSON.stringify(wanted.description));
    if (wanted.lock) await write(folder, "package-lock.json", JSON.stringify(wanted.lock));
    log.push("$ npm install", await npmInstall(folder, options, signal));
  }
  for (const [path, text2] of Object.entries(files))
    if (!path.startsWith("node_modules/typescript/")) await write(folder, path, text2);
  if (compiles) log.push("$ tsc", await compileTypeScript(folder, signal));
  const made = await readProgramFiles(folder);
  return { files: made, log: log.filter((line) => line !== "").join("\n") };
}
function compilerOf(files) {
  const text2 = files["tsconfig.json"];
  const { devDependencies, dependencies } = readDescription(files);
  const known = Object.keys({ ...Object(devDependencies), ...Object(dependencies) });
  if (text2 === void 0 || !known.includes("typescript")) {
    const lacks = text2 === void 0 ? "tsconfig.json" : "typescript among its devDependencies";
    const reason = `the package has TypeScript but no ${lacks}`;
    throw new FabricError("CHAINCODE_BUILD_FAILED", reason);
  }
  const bases = known.filter((name) => text2.includes(`"${name}/`) || text2.includes(`"${name}"`));
  const own = Object.keys(Object(dependencies));
  return [.../* @__PURE__ */ new Set(["typescript", ...bases])].filter((name) => !own.includes(name));
}
function compileTypeScript(folder, signal) {
  return runInFolder([COMPILER, folder], {
    folder,
    readable: [COMPILER],
    writable: [],
    env: {},
    sandbox: true,
    signal
  });
}
async function write(folder, path, text2) {
  const file = join2(folder, path);
  await mkdir(dirname2(file), { recursive: true });
  await writeFile(file, text2);
}
async function readProgramFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join2(entry.parentPath, entry.name)).split(sep).join("/")).filter((path) => PROGRAM_FILE.test(path) && !LEFT_OUT.test(path)).sort(compareUtf8);
  if (paths.length > MAX_MODULES)
    throw new FabricError(
      "CHAINCODE_BUILD_FAILED",
      `the program has more than ${MAX_MODULES} files`
    );
  const files = [];
  let size = 0;
  for (const name of paths) {
    size += (await stat(join2(folder, name))).size;
    if (size > MAX_PACKAGE_BYTES) {
      const text2 = `the program with its npm packages is larger than ${MAX_PACKAGE_BYTES} bytes`;
      throw new FabricError("CHAINCODE_BUILD_FAILED", text2);
    }
    files.push({ name, bytes: await readFile(join2(folder, name)) });
  }
  return files;
}

// src/node/headless/chaincode-build/package-folder.ts
import { readdir as readdir2, readFile as readFile2 } from "node:fs/promises";
import { join as join3, relative as relative2, sep as sep2 } from "node:path";

// src/node/chaincode/tar/tar-writer.ts
var BLOCK = 512;
var MAX_STORED = 65535;
function tarGz(entries) {
  return storedGzip(tar(entries));
}
function tar(entries) {
  const parts = [];
  for (const { name, bytes } of entries) {
    const padding = new Uint8Array((BLOCK - bytes.length % BLOCK) % BLOCK);
    parts.push(header(name, bytes.length), bytes, padding);
  }
  return concat(...parts, new Uint8Array(2 * BLOCK));
}
function header(name, size) {
  const block = new Uint8Array(BLOCK);
  const [prefix, path] = splitName(name);
  block.set(path, 0);
  block.set(prefix, 345);
  octal2(block, 100, 8, 33188);
  octal2(block, 108, 8, 0);
  octal2(block, 116, 8, 0);
  octal2(block, 124, 12, size);
  octal2(block, 136, 12, 0);
  block.fill(32, 148, 156);
  block.set(utf8("0"), 156);
  block.set(utf8("ustar\x0000"), 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return block;
}
function splitName(name) {
  const whole = utf8(name);
  if (whole.length <= 100) return [new Uint8Array(), whole];
  const slash = whole.indexOf("/".charCodeAt(0), whole.length - 101);
  if (slash < 0 || slash > 155) throw new RangeError(`path too long for a ustar archive: ${name}`);
  return [whole.subarray(0, slash), whole.subarray(slash + 1)];
}
function octal2(block, offset, length, value) {
  block.set(utf8(`${value.toString(8).padStart(length - 1, "0")}\0`), offset);
}
function storedGzip(data) {
  const parts = [Uint8Array.of(31, 139, 8, 0, 0, 0, 0, 0, 0, 255)];
  for (let offset = 0; offset < data.length; offset += MAX_STORED) {
    const chunk = data.subarray(offset, offset + MAX_STORED);
    const head = new DataView(new ArrayBuffer(5));
    head.setUint8(0, offset + MAX_STORED >= data.length ? 1 : 0);
    head.setUint16(1, chunk.length, true);
    head.setUint16(3, chunk.length ^ 65535, true);
    parts.push(new Uint8Array(head.buffer), chunk);
  }
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc32(data), true);
  trailer.setUint32(4, data.length, true);
  return concat(...parts, new Uint8Array(trailer.buffer));
}
var CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 3988292384 : value >>> 1;
  return value;
});
function crc32(data) {
  let crc = 4294967295;
  for (const byte of data) crc = crc >>> 8 ^ (CRC_TABLE[(crc ^ byte) & 255] ?? 0);
  return (crc ^ 4294967295) >>> 0;
}

// src/node/headless/chaincode-build/package-folder.ts
async function readSources(folder) {
  const entries = await readdir2(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative2(folder, join3(entry.parentPath, entry.name)).split(sep2).join("/")).filter(
    (path) => !path.split("/").some((part) => part === "node_modules" || part.startsWith("."))
  ).sort(compareUtf8);
  return Promise.all(
    paths.map(async (name) => ({ name, bytes: await readFile2(join3(folder, name)) }))
  );
}
function packFiles(files, label2, path) {
  const code = files.map(({ name, bytes: bytes2 }) => ({
    name: name.startsWith("META-INF/") ? name : `src/${name}`,
    bytes: bytes2
  }));
  const metadata = JSON.stringify({ path, type: "node", label: label2 });
  const bytes = tarGz([
    { name: "metadata.json", bytes: utf8(metadata) },
    { name: "code.tar.gz", bytes: tarGz(code) }
  ]);
  if (bytes.length <= MAX_PACKAGE_BYTES) return bytes;
  const text2 = `the package ${label2} has ${bytes.length} bytes, which is more than ${MAX_PACKAGE_BYTES}`;
  throw new FabricError("PACKAGE_TOO_LARGE", text2);
}

// cmd/command-output.ts
var MAX_LINES = 20;
function print(text2) {
  process.stdout.write(`${text2}
`);
}
function warn(text2) {
  process.stderr.write(`tabric: ${text2}
`);
}
function rows(entries) {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}
function counts(byName) {
  const parts = Object.entries(byName).map(([name, count2]) => `${name} ${count2}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}
function someLines(lines) {
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `\u2026 and ${more} more (--json has all)`] : [...lines];
}
function examples(...calls) {
  return `
Examples:
${calls.map((call) => `  $ tabric ledger ${call}`).join("\n")}`;
}
function sizeText(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// cmd/chaincode-package.ts
var BUILD_TIMEOUT_MS = 3e5;
var LABEL2 = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;
function chaincodePackageCommand({ signal, finish: finish2 }) {
  return new Command("package").description(
    "packs a folder of Node chaincode (JavaScript or TypeScript) as a peer installs it, with its npm packages and compiled"
  ).argument("<folder>", "where its package.json is").option(
    "--label <label>",
    "label of the package (default: name and version of package.json)",
    label
  ).option("--output <file>", "file to write (default: <label>.tar.gz)").option("--no-build", "pack the sources alone, as `peer lifecycle chaincode package` does").addOption(
    new Option("--npm-registry <url>", "where npm packages come from").env("npm_config_registry").default(DEFAULT_REGISTRY)
  ).option("--npm-offline", "take npm packages from npm's cache only", false).option("--scripts", "run install scripts of npm packages", false).option("--json", "one line of JSON", false).addHelpText(
    "after",
    "\nExamples:\n  $ tabric chaincode package ./mine\n  $ tabric chaincode package ./mine --label mine_2.0 --output mine.tar.gz"
  ).action(async (folder, flags) => {
    await run(folder, flags, signal);
    finish2(0);
  });
}
async function run(folder, flags, signal) {
  const sources = await readSources(folder).catch((cause) => {
    throw new FabricError("BAD_FOLDER", `cannot read ${folder}: ${messageOf(cause)}`, { cause });
  });
  const name = flags.label ?? labelOf(sources);
  const path = basename(resolve(folder));
  const packed = packFiles(sources, name, path);
  const { missing } = await readChaincodePackage(packed);
  const bytes = missing && flags.build ? packFiles(await built(sources, packed, flags, signal), name, path) : packed;
  const { packageId } = await readChaincodePackage(bytes);
  const file = flags.output ?? `${name}.tar.gz`;
  await writeFile2(file, bytes);
  if (flags.json)
    return print(JSON.stringify({ file, label: name, packageId, bytes: bytes.length }));
  print(
    rows([
      ["package", file],
      ["package id", packageId],
      ["size", sizeText(bytes.length)]
    ])
  );
}
async function built(sources, packed, { npmRegistry, npmOffline, scripts, json }, signal) {
  const { files, log } = await buildChaincode(
    packed,
    {
      registry: npmRegistry,
      cache: process.env.npm_config_cache ?? join4(homedir(), ".npm"),
      offline: npmOffline,
      allowScripts: scripts,
      timeoutMs: BUILD_TIMEOUT_MS
    },
    signal
  );
  if (!json && log !== "") warn(log);
  const all = new Map([...sources, ...files].map((entry) => [entry.name, entry]));
  return [...all.values()].sort((a, b) => compareUtf8(a.name, b.name));
}
function labelOf(sources) {
  const found = sources.find(({ name: name2 }) => name2 === "package.json");
  const { name, version } = readDescription(found ? { "package.json": fromUtf8(found.bytes) } : {});
  const text2 = `${String(name ?? "chaincode").replace(/^@[^/]*\//, "")}_${String(version ?? "1.0")}`;
  return LABEL2.test(text2) ? text2 : "chaincode_1.0";
}
function label(text2) {
  if (LABEL2.test(text2)) return text2;
  throw new InvalidArgumentError(`It must match ${LABEL2.source}.`);
}

// cmd/chaincode-command.ts
function chaincodeCommand(context) {
  return new Command2("chaincode").description("packages of chaincode").addCommand(chaincodePackageCommand(context));
}

// cmd/ledger-command.ts
import { Command as Command15 } from "commander";

// cmd/ledger-export.ts
import { mkdir as mkdir3, open, rm as rm3 } from "node:fs/promises";
import { join as join7 } from "node:path";
import { Command as Command3 } from "commander";

// src/ledger/blkstorage/blockfile/block-serialization.ts
var HEADER = 10;
var DATA = 18;
var METADATA = 26;
var NUMBER = 8;
var PREVIOUS_HASH = 18;
var DATA_HASH = 26;
var ELEMENT = 10;
function deserializeBlock(serialized) {
  const reader = new Reader(serialized);
  const number = toNumber(reader.long(true));
  const dataHash = reader.bytes();
  const previousHash = reader.bytes();
  const envelopes = readList(reader);
  const slots = readList(reader);
  if (reader.pos !== reader.end) {
    throw new Error(`${reader.end - reader.pos} bytes follow the end of the block`);
  }
  const writer = new Writer().uint32(HEADER).fork();
  if (number > 0) writer.uint32(NUMBER).long(number);
  if (previousHash.length > 0) writer.uint32(PREVIOUS_HASH).bytes(previousHash);
  if (dataHash.length > 0) writer.uint32(DATA_HASH).bytes(dataHash);
  writer.ldelim();
  writeMessage(writer, DATA, envelopes);
  writeMessage(writer, METADATA, slots);
  return { number, block: writer.finish() };
}
function readList(reader) {
  const count2 = toNumber(reader.long(true));
  const list2 = [];
  while (list2.length < count2) list2.push(reader.bytes());
  return list2;
}
function writeMessage(writer, tag, elements) {
  writer.uint32(tag).fork();
  for (const element of elements) writer.uint32(ELEMENT).bytes(element);
  writer.ldelim();
}
function serializeBlock(block) {
  const { header: header2, data, metadata } = common.Block.decode(block);
  if (!header2 || !data) throw new Error("the block has no header or no data");
  const writer = new Writer().long(header2.number);
  writer.bytes(header2.data_hash).bytes(header2.previous_hash);
  writeList(writer, data.data);
  writeList(writer, metadata?.metadata ?? []);
  return writer.finish();
}
function writeList(writer, elements) {
  writer.uint32(elements.length);
  for (const element of elements) writer.bytes(element);
}

// src/ledger/blkstorage/blockfile/blockfile-error.ts
var BlockfileError = class extends FabricError {
  name = "BlockfileError";
  constructor(code, reason, place, cause) {
    super(code, place ? `${placeText(place)}: ${reason}` : reason, {
      cause,
      ...place && { data: { ...place } }
    });
  }
};
function placeText({ file, offset, blockNum }) {
  return blockNum === void 0 ? `${file}, at byte ${offset}` : `${file}, block ${blockNum} at byte ${offset}`;
}

// src/ledger/blkstorage/blockfile/blockfile-parser.ts
var MAX_BLOCK_BYTES = 100 * 1024 * 1024;
var BlockfileParser = class {
  #file;
  // Bytes that no block was made of yet, and how many were taken from the first chunk.
  #chunks = [];
  #taken = 0;
  #available = 0;
  #offset = 0;
  /** @param file its name, for errors. */
  constructor(file) {
    this.#file = file;
  }
  /** The blocks that end within this chunk. Throws BlockfileError BLOCKFILE_MALFORMED. The chunk must not change. */
  *push(chunk) {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    for (let entry = this.#next(); entry; entry = this.#next()) yield entry;
  }
  /** What is left at the end of the file; undefined when it ends with a block. */
  end() {
    if (this.#available === 0) return void 0;
    return { file: this.#file, offset: this.#offset, bytes: this.#available };
  }
  #next() {
    const prefix = this.#readLength();
    if (!prefix || this.#available < prefix.size + prefix.length) return void 0;
    const offset = this.#offset;
    this.#take(prefix.size);
    return { offset, serialized: this.#take(prefix.length) };
  }
  // The varint in front of a block; undefined when it is not all there.
  #readLength() {
    let length = 0;
    for (let size = 0; size < this.#available; size++) {
      const byte = this.#peek(size);
      length += (byte & 127) * 2 ** (7 * size);
      if (length > MAX_BLOCK_BYTES || size > 9) this.#malformed(`a block of ${length} bytes`);
      if (byte < 128) return { size: size + 1, length };
    }
    return void 0;
  }
  #peek(index) {
    let at2 = index + this.#taken;
    for (const chunk of this.#chunks) {
      if (at2 < chunk.length) return chunk[at2] ?? 0;
      at2 -= chunk.length;
    }
    return 0;
  }
  // The caller has checked that so many are there.
  #take(count2) {
    this.#offset += count2;
    this.#available -= count2;
    const parts = [];
    for (let left = count2; left > 0; ) {
      const chunk = this.#chunks[0] ?? EMPTY_BYTES;
      const part = chunk.subarray(this.#taken, this.#taken + left);
      parts.push(part);
      left -= part.length;
      this.#taken += part.length;
      if (this.#taken < chunk.length) continue;
      this.#chunks.shift();
      this.#taken = 0;
    }
    return parts.length === 1 ? parts[0] ?? EMPTY_BYTES : concat(...parts);
  }
  #malformed(claim) {
    const place = { file: this.#file, offset: this.#offset };
    const text2 = `its length claims ${claim}, which no orderer makes; is this a block file?`;
    throw new BlockfileError("BLOCKFILE_MALFORMED", text2, place);
  }
};

// src/ledger/blkstorage/blockfile/blockfile-reader.ts
var BLOCK_HEADER_TAG = 10;
async function* readBlockfiles(sources, options = {}) {
  const totalBytes = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytesRead = 0;
  let blocks = 0;
  let expected;
  for (const [index, source] of sources.entries()) {
    const onRead = (bytes) => {
      bytesRead += bytes;
    };
    const onEnd = (tail) => {
      if (index === sources.length - 1) options.onTornTail?.(tail);
      else throw new BlockfileError("BLOCKFILE_TORN", "ends within a block", tail);
    };
    for await (const block of readBlockfile(source, { ...options, onRead, onEnd })) {
      checkOrder(block, expected);
      expected = block.number + 1;
      blocks++;
      yield block;
      options.onProgress?.({ bytesRead, totalBytes, blocks });
    }
  }
}
async function* readBlockfile(source, events) {
  const parser = new BlockfileParser(source.name);
  let single2;
  let isFirst = true;
  for await (const chunk of source.open(events.onRead)) {
    if (chunk.length === 0) continue;
    if (isFirst && chunk[0] === BLOCK_HEADER_TAG) single2 = [];
    isFirst = false;
    if (single2) {
      single2.push(chunk);
      checkSize(source.name, single2);
      continue;
    }
    for (const entry of parser.push(chunk)) {
      events.signal?.throwIfAborted();
      yield fileBlockOf(source.name, entry);
    }
  }
  if (single2) yield singleBlock(source.name, concat(...single2));
  const tail = parser.end();
  if (tail) events.onEnd(tail);
}
function checkSize(file, chunks) {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (bytes <= MAX_BLOCK_BYTES) return;
  throw new BlockfileError("BLOCKFILE_MALFORMED", "not a block: it is too large", {
    file,
    offset: 0
  });
}
function singleBlock(file, bytes) {
  try {
    const { header: header2, data } = common.Block.decode(bytes);
    if (!header2 || !data) throw new Error("it has no header or no data");
    return { number: toNumber(header2.number), block: bytes, file, offset: 0 };
  } catch (cause) {
    const reason = `neither a block file nor a block of peer channel fetch: ${messageOf(cause)}`;
    throw new BlockfileError("BLOCKFILE_MALFORMED", reason, { file, offset: 0 }, cause);
  }
}
function fileBlockOf(file, { offset, serialized }) {
  try {
    return { ...deserializeBlock(serialized), file, offset };
  } catch (cause) {
    const reason = `not a block: ${messageOf(cause)}`;
    throw new BlockfileError("BLOCKFILE_MALFORMED", reason, { file, offset }, cause);
  }
}
function checkOrder({ number, file, offset }, expected) {
  if (expected === void 0 || number === expected) return;
  const place = { file, offset, blockNum: number };
  throw new BlockfileError("BLOCKFILE_OUT_OF_ORDER", `block ${expected} should stand here`, place);
}

// src/ledger/blkstorage/blockfile/split-into-files.ts
var MAX_BLOCKFILE_BYTES = 64 * 1024 * 1024;
function blockfileName(index) {
  return `blockfile_${String(index).padStart(6, "0")}`;
}
async function* splitIntoFiles(entries, { maxFileBytes = MAX_BLOCKFILE_BYTES } = {}) {
  let index = 0;
  let size = 0;
  for await (const bytes of entries) {
    if (size + bytes.length > maxFileBytes) {
      index++;
      size = 0;
    }
    size += bytes.length;
    yield { file: blockfileName(index), bytes };
  }
}

// src/ledger/blkstorage/blockfile/blockfile-writer.ts
async function* writeBlockfiles(blocks, options = {}) {
  yield* splitIntoFiles(entriesOf(blocks), options);
}
async function* entriesOf(blocks) {
  for await (const block of blocks) yield blockfileEntry(block);
}
function blockfileEntry(block) {
  const serialized = serializeBlock(block);
  return concat(new Writer().uint32(serialized.length).finish(), serialized);
}

// cmd/arguments.ts
import { InvalidArgumentError as InvalidArgumentError2 } from "commander";
function wholeNumber(text2) {
  const value = Number(text2);
  if (/^\d+$/.test(text2) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError2("It must be a whole number.");
}
function addWholeNumber(text2, before = []) {
  return [...before, wholeNumber(text2)];
}
var CHAIN_PATH = "a block file, packed (.gz) or not, a directory of blockfile_NNNNNN, or of LevelDB databases of ours";
var LEDGER_DIRECTORY = "directory of LevelDB databases, as `replay --store leveldb` and `snapshot join` leave it";
var CHAIN_DIRECTORY = `${LEDGER_DIRECTORY}, or the data directory of a stopped relay`;
var CHANNEL_FLAG = ["--channel <name>", "which one, when there are several"];

// cmd/stored-chains.ts
import { stat as stat2 } from "node:fs/promises";
import { join as join6 } from "node:path";

// src/ledger/leveldb/leveldb-kv-store.ts
import { mkdir as mkdir2, readdir as readdir3, rm as rm2 } from "node:fs/promises";
import { join as join5 } from "node:path";
import { ClassicLevel } from "classic-level";
var LevelDBKVStore = class {
  #db;
  #directory;
  /** @param db an open database. */
  constructor(db, directory) {
    this.#db = db;
    this.#directory = directory;
  }
  async get(key) {
    return this.#run(async () => plain(await this.#db.get(key)));
  }
  async getMany(keys) {
    const values2 = await this.#run(() => this.#db.getMany([...keys]));
    return values2.map(plain);
  }
  async *range({ gte, lt, reverse = false, limit = -1 }) {
    const bounds = { ...gte && { gte }, ...lt && { lt } };
    const iterator = await this.#run(async () => this.#db.iterator({ ...bounds, reverse, limit }));
    try {
      for (; ; ) {
        const entry = await this.#run(() => iterator.next());
        if (entry === void 0) return;
        yield [plain(entry[0]), plain(entry[1])];
      }
    } finally {
      await iterator.close();
    }
  }
  async write(operations, { durable = false } = {}) {
    const batch = operations.map(
      (operation) => operation.type === "delete" ? { type: "del", key: operation.key } : operation
    );
    await this.#run(() => this.#db.batch(batch, { sync: durable }));
  }
  async close() {
    await this.#db.close();
  }
  async #run(action) {
    try {
      return await action();
    } catch (cause) {
      throw storeError(cause, this.#directory);
    }
  }
};
var LevelDBKVStoreProvider = class {
  #root;
  #options;
  constructor(root, options = {}) {
    this.#root = root;
    this.#options = options;
  }
  async open(name) {
    const directory = this.#directory(name);
    const encodings = { keyEncoding: "view", valueEncoding: "view" };
    const db = new ClassicLevel(directory, { ...this.#options, ...encodings });
    try {
      await mkdir2(this.#root, { recursive: true });
      await db.open();
    } catch (cause) {
      throw storeError(cause, directory, "STORE_UNREADABLE");
    }
    return new LevelDBKVStore(db, directory);
  }
  async list() {
    const entries = await readdir3(this.#root, { withFileTypes: true }).catch((cause) => {
      if (codeOf(cause) === "ENOENT") return [];
      throw storeError(cause, this.#root);
    });
    const directories = entries.filter((entry) => entry.isDirectory());
    return directories.map((entry) => decodeURIComponent(entry.name)).sort();
  }
  async destroy(name) {
    const directory = this.#directory(name);
    try {
      await ClassicLevel.destroy(directory);
      await rm2(directory, { recursive: true, force: true });
    } catch (cause) {
      throw storeError(cause, directory);
    }
  }
  // Letters in a name may mean different stores while the file system takes them for one; channel names
  // are lower-case, and `%` escapes keep a name from leaving the root.
  #directory(name) {
    if (name === "") throw new LedgerError("STORE_FAILED", "a store must have a name");
    return join5(this.#root, encodeURIComponent(name).replaceAll(".", "%2E"));
  }
};
function plain(bytes) {
  if (bytes === void 0) return void 0;
  const { buffer, byteOffset, byteLength } = bytes;
  const own = byteLength === buffer.byteLength;
  return own ? new Uint8Array(buffer) : new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
function codeOf(error) {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
var KINDS = [
  [/LEVEL_LOCKED|LOCK: .*unavailable/, "STORE_LOCKED", "the database is in use; stop who uses it"],
  [/no space left|ENOSPC|quota/i, "QUOTA_EXCEEDED", "the disk is full"],
  [/corruption/i, "STORE_UNREADABLE", "the database is damaged"],
  [/^LEVEL_(DATABASE|ITERATOR)_NOT_OPEN/, "STORE_CLOSED", "the database is closed"]
];
function storeError(error, directory, otherwise = "STORE_FAILED") {
  if (error instanceof LedgerError) return error;
  const root = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text2 = `${codeOf(root)} ${messageOf(root)}`;
  const [, code, message] = KINDS.find(([pattern]) => pattern.test(text2)) ?? [
    void 0,
    otherwise,
    "the database failed"
  ];
  return new LedgerError(code, `${message} (${directory}: ${messageOf(root)})`, { cause: error });
}

// cmd/progress-bar.ts
var WIDTH = 30;
var REDRAW_MS = 100;
var ProgressBar = class {
  #unit;
  #stream;
  #began = performance.now();
  #drawn = 0;
  constructor(unit, stream = process.stderr) {
    this.#unit = unit;
    this.#stream = stream;
  }
  update({ done, total, count: count2 }) {
    const now = performance.now();
    if (!this.#stream.isTTY || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const rate = this.#amount(count2 / Math.max(1e-3, (now - this.#began) / 1e3));
    const text2 = `${this.#amount(count2)} ${this.#unit}  ${rate}/s`;
    this.#stream.write(`\r${total === void 0 ? "" : barOf(done, total)}${text2}\x1B[K`);
  }
  /** Takes the line away. */
  end() {
    if (this.#stream.isTTY && this.#drawn > 0) this.#stream.write("\r\x1B[K");
  }
  #amount(count2) {
    return this.#unit === "MB" ? (count2 / 1e6).toFixed(1) : count2.toFixed(0);
  }
};
function barOf(done, total) {
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const bar = "#".repeat(Math.round(part * WIDTH)).padEnd(WIDTH, ".");
  return `[${bar}] ${(100 * part).toFixed(0).padStart(3)}%  `;
}

// cmd/stored-chains.ts
var PEER_STORES = "peer";
var PEER_IDS = `${PEER_STORES}/ledgerProvider`;
var PEER_BLOCKS = new RegExp(`^${PEER_STORES}/(.+)/blocks$`);
var ORDERER_BLOCKS = /^orderer-(.+)$/;
function peerBlocks(channelId) {
  return `${PEER_STORES}/${channelId}/blocks`;
}
async function findChains(path) {
  for (const folder of [path, join6(path, "chains")]) {
    const found = await stat2(folder).catch(() => void 0);
    if (!found?.isDirectory()) continue;
    const stores = new LevelDBKVStoreProvider(folder);
    const names = await stores.list().catch(noneIfNotOurs);
    const chains = names.flatMap(chainOf);
    const isPeers = names.includes(PEER_IDS);
    if (isPeers || chains.length > 0) return { path: folder, stores, chains, isPeers };
  }
  return void 0;
}
function noneIfNotOurs(error) {
  if (error instanceof URIError) return [];
  throw error;
}
function chainOf(store) {
  const [, peers2] = PEER_BLOCKS.exec(store) ?? [];
  if (peers2 !== void 0) return [{ kind: "peer", channelId: peers2, store }];
  const [, orderers] = ORDERER_BLOCKS.exec(store) ?? [];
  return orderers === void 0 ? [] : [{ kind: "orderer", channelId: orderers, store }];
}
async function needChains(path) {
  const found = await findChains(path);
  if (found) return found;
  throw new FabricError("LEDGER_NOT_FOUND", `there are no ledgers in ${path}`);
}
function chooseChain({ path, chains }, wanted) {
  const [chain, another] = chains.filter(({ channelId }) => channelId === (wanted ?? channelId));
  if (chain && !another) return chain;
  const names = chains.map(({ channelId }) => channelId).join(", ") || "none";
  const text2 = another ? `say which --channel: ${names}` : `there is no such ledger in ${path}; there are: ${names}`;
  throw new FabricError("LEDGER_NOT_FOUND", text2);
}
async function openBlocks({ path, stores }, { store, channelId }) {
  const kvStore = await stores.open(store).catch((error) => throwClearly(error, path));
  try {
    const blockStore = await BlockStore.open(kvStore, channelId);
    return { blockStore, [Symbol.asyncDispose]: () => kvStore.close() };
  } catch (error) {
    await kvStore.close();
    throw error;
  }
}
function throwClearly(error, path) {
  if (!(error instanceof LedgerError && error.code === "STORE_LOCKED")) throw error;
  const text2 = `another process uses the ledgers in ${path}; stop it (a relay, or another command) and try again`;
  throw new FabricError("STORE_LOCKED", text2, { cause: error });
}
function rangeOf({ ledgerId, firstBlock, height }, { from = firstBlock, to = height - 1 } = {}) {
  if (from >= firstBlock && to < height && from <= to) return { from, to: to + 1 };
  const origin = firstBlock > 0 ? ", since it was made from a snapshot" : "";
  const text2 = height > firstBlock ? `${ledgerId} has blocks ${firstBlock} to ${height - 1}${origin}` : `${ledgerId} has no block yet${origin}`;
  throw new FabricError("BLOCK_NOT_FOUND", text2);
}
async function* blocksOf(store, { from, to }, signal) {
  const bar = new ProgressBar("blocks");
  try {
    for (let number = from; number < to; number++) {
      signal.throwIfAborted();
      yield await store.retrieveBlockByNumber(number) ?? new Uint8Array();
      bar.update({ done: number + 1 - from, total: to - from, count: number + 1 - from });
    }
  } finally {
    bar.end();
  }
}

// cmd/ledger-export.ts
function exportCommand({ signal, finish: finish2 }) {
  return new Command3("export").description(
    "writes the blocks of a ledger into block files, byte for byte as a Fabric peer or orderer would have them"
  ).argument("<directory>", CHAIN_DIRECTORY).option(...CHANNEL_FLAG).option("--out <folder>", "where the files go; none is overwritten", ".").option("--from <number>", "the first block (default: the first there is)", wholeNumber).option("--to <number>", "the last block (default: the last there is)", wholeNumber).addHelpText("after", examples("export ledgers --out chains/mychannel")).action(async (path, options) => {
    finish2(await exportLedger(path, options, signal));
  });
}
async function exportLedger(path, options, signal) {
  var _stack = [];
  try {
    const directory = await needChains(path);
    const chain = chooseChain(directory, options.channel);
    const opened = __using(_stack, await openBlocks(directory, chain), true);
    const { from, to } = rangeOf(opened.blockStore, options);
    const blocks = blocksOf(opened.blockStore, { from, to }, signal);
    const files = await writeFiles(blocks, options.out);
    const [first, last] = [files[0], files.at(-1)];
    const names = first === last ? first : `${first} to ${last}`;
    print(`${to - from} blocks of ${chain.channelId} in ${names}`);
    if (from > 0) warn(`block ${from} is the first of these files, and not a genesis block`);
    return 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function writeFiles(blocks, folder) {
  await mkdir3(folder, { recursive: true });
  const written = [];
  let handle;
  const finishFile = async () => {
    await handle?.sync();
    await handle?.close();
    handle = void 0;
  };
  try {
    for await (const { file, bytes } of writeBlockfiles(blocks)) {
      if (written.at(-1) !== file) {
        await finishFile();
        handle = await createFile(join7(folder, file));
        written.push(file);
      }
      await handle?.writeFile(bytes);
    }
    await finishFile();
    return written;
  } catch (error) {
    await handle?.close();
    for (const file of written) await rm3(join7(folder, file));
    throw error;
  }
}
async function createFile(path) {
  try {
    return await open(path, "wx");
  } catch (cause) {
    throw new FabricError("FILE_EXISTS", `cannot make ${path}: ${messageOf(cause)}`, { cause });
  }
}

// cmd/ledger-inspect.ts
import { Command as Command4 } from "commander";

// src/common/runtime/trace.ts
var TRACE_STAGES = [
  "propose",
  "endorse",
  "submit",
  "order",
  "cut",
  "write",
  "deliver",
  "gossip",
  "buffer",
  "validate",
  "commit",
  "event"
];
var TRACE_CAPACITY = 2e3;
var TraceBus = class {
  #listeners = /* @__PURE__ */ new Set();
  #kept = [];
  emit(event) {
    this.#kept.push(event);
    if (this.#kept.length > TRACE_CAPACITY * 1.5) this.#kept = this.#kept.slice(-TRACE_CAPACITY);
    for (const { tell } of this.#listeners) {
      try {
        tell(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
  /** Calls `listener` on each event; the result stops it. */
  on(listener) {
    const entry = { tell: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }
  /** The kept events, oldest first, of one transaction or all. */
  events(txId) {
    return txId === void 0 ? [...this.#kept] : this.#kept.filter((e) => e.txId === txId);
  }
};

// src/ledger/kvledger/txmgmt/rwsetutil/state-metadata.ts
function serializeMetadata(entries) {
  return kvrwset.KVMetadataWrite.encode({ entries }).finish();
}
function deserializeMetadata(bytes) {
  const { entries } = kvrwset.KVMetadataWrite.decode(bytes);
  return new Map(entries.map(({ name, value }) => [name, value]));
}

// src/node/privdata/collection-store.ts
var CollectionStore = class {
  #components;
  constructor(components) {
    this.#components = components;
  }
  /** All that a chaincode defines, without the implicit ones. */
  async collections(chaincode) {
    return (await this.#components.deployed.chaincode(chaincode))?.collections ?? [];
  }
  /** Undefined when there is none of that name. */
  async find(chaincode, collection) {
    const mspId = mspIdIfImplicitCollection(collection);
    if (mspId === void 0) {
      return (await this.collections(chaincode)).find(({ name }) => name === collection);
    }
    const isKnown = this.#components.bundle().application.orgs.some((org) => org.mspId === mspId);
    return isKnown ? implicitCollection2(mspId) : void 0;
  }
  /** Throws FabricError COLLECTION_UNKNOWN. */
  async retrieveCollectionConfig(chaincode, collection) {
    const found = await this.find(chaincode, collection);
    if (found) return found;
    const text2 = `collection ${this.#components.channelId}/${chaincode}/${collection} could not be found`;
    throw new FabricError("COLLECTION_UNKNOWN", text2);
  }
  /** What the creator of a proposal may do. Throws FabricError COLLECTION_UNKNOWN. */
  async retrieveReadWritePermission(chaincode, collection, signedProposal) {
    const config = await this.retrieveCollectionConfig(chaincode, collection);
    const { member_only_read, member_only_write } = config;
    if (!member_only_read && !member_only_write) return { read: true, write: true };
    if (await this.#isCreatorAMember(config, signedProposal)) return { read: true, write: true };
    return { read: !member_only_read, write: !member_only_write };
  }
  async #isCreatorAMember({ member_orgs_policy }, signedProposal) {
    const envelope = member_orgs_policy?.signature_policy;
    if (!envelope) return false;
    const bytes = common.SignaturePolicyEnvelope.encode(envelope).finish();
    const policy = this.#components.bundle().signaturePolicy(bytes);
    return policy.evaluateSignedData([proposalAsSignedData(signedProposal)]);
  }
};
function memberOrgs(config) {
  const [info] = collectionsOf(
    protos.CollectionConfigPackage.encode({
      config: [{ static_collection_config: config }]
    }).finish()
  ).values();
  return info?.memberOrgs ?? [];
}

// src/node/privdata/coordinator.ts
import { sha256 as sha2562 } from "@noble/hashes/sha2.js";

// src/node/privdata/block-pvtdata.ts
function txPvtdataInfosOf({ transactions }, verdicts, flags) {
  return verdicts.flatMap(({ txId, namespaces }, seqInBlock) => {
    if (flags[seqInBlock] !== protos.TxValidationCode.VALID) return [];
    if (!namespaces.some(({ collections }) => collections.length > 0)) return [];
    const tx = transactions[seqInBlock];
    return tx ? [{ txId, seqInBlock, collections: collectionsIn(tx) }] : [];
  });
}
function collectionsIn({ action }) {
  return rwset.TxReadWriteSet.decode(action.results).ns_rwset.flatMap(
    ({ namespace, collection_hashed_rwset }) => collection_hashed_rwset.filter(hasWrites).map((set2) => ({
      namespace,
      collection: set2.collection_name,
      expectedHash: set2.pvt_rwset_hash
    }))
  );
}
function hasWrites({ hashed_rwset }) {
  const { hashed_writes, metadata_writes } = kvrwset.HashedRWSet.decode(hashed_rwset);
  return hashed_writes.length + metadata_writes.length > 0;
}

// src/node/privdata/coordinator.ts
var DEFAULT_COORDINATOR_OPTIONS = Object.freeze({
  transientBlockRetention: 1e3
});
var Coordinator = class {
  #components;
  #options;
  #purging = Promise.resolve();
  constructor(components, options = DEFAULT_COORDINATOR_OPTIONS) {
    this.#components = components;
    this.#options = options;
  }
  /**
   * What this peer has of a block's private data and may keep: serialized rwset.TxPvtReadWriteSet by the number of the
   * transaction.
   */
  async retrievePvtdata(block, verdicts, flags) {
    const found = /* @__PURE__ */ new Map();
    const missing = [];
    for (const info of txPvtdataInfosOf(block, verdicts, flags)) {
      const eligible = await this.#eligible(info.collections);
      if (eligible.length === 0) continue;
      const sets = await this.#fromTransientStore(info, eligible);
      if (sets.length > 0) found.set(info.seqInBlock, encode(sets));
      for (const { namespace, collection } of eligible) {
        const isThere = sets.some((s) => s.namespace === namespace && s.collection === collection);
        if (!isThere) missing.push(`${info.seqInBlock}/${namespace}/${collection}`);
      }
    }
    if (missing.length > 0) {
      const text2 = `block ${block.number} is committed with missing private write sets: ${missing.join(", ")}`;
      this.#components.log.warn(text2);
    }
    return found;
  }
  /** Forgets, in the background, what nobody needs once a block is durable. */
  purge(blockNum, txIds) {
    const { transientStore, log } = this.#components;
    const { transientBlockRetention } = this.#options;
    const isDue = blockNum % transientBlockRetention === 0 && blockNum > transientBlockRetention;
    if (!isDue && !txIds.some((txId) => transientStore.has(txId))) return;
    this.#purging = this.#purging.then(async () => {
      try {
        await transientStore.purgeByTxids(txIds);
        if (isDue) await transientStore.purgeBelowHeight(blockNum - transientBlockRetention);
      } catch (error) {
        log.warn(`the transient store was not purged at block ${blockNum}: ${messageOf(error)}`);
      }
    });
  }
  /** Resolves when all purging so far has ended. */
  async stop() {
    await this.#purging;
  }
  async #eligible(infos) {
    const { collections, mspId } = this.#components;
    const eligible = await Promise.all(
      infos.map(async ({ namespace, collection }) => {
        const config = await collections.find(namespace, collection);
        return config !== void 0 && memberOrgs(config).includes(mspId);
      })
    );
    return infos.filter((_, i) => eligible[i]);
  }
  // Endorsers may have simulated differently; the block says whose outcome it was.
  async #fromTransientStore({ txId }, wanted) {
    const { transientStore, log } = this.#components;
    let results;
    try {
      results = await transientStore.getTxPvtRWSetByTxid(txId);
    } catch (error) {
      log.warn(`failed fetching private data from transient store: ${messageOf(error)}`);
      return [];
    }
    const sets = results.flatMap((one) => setsIn(one));
    return wanted.flatMap((info) => {
      const found = sets.find(
        ({ namespace, collection, rwset: bytes }) => namespace === info.namespace && collection === info.collection && equalBytes(sha2562(bytes), info.expectedHash)
      );
      return found ? [{ ...info, rwset: found.rwset }] : [];
    });
  }
};
function setsIn({ results }) {
  return (results.pvt_rwset?.ns_pvt_rwset ?? []).flatMap(
    ({ namespace, collection_pvt_rwset }) => (collection_pvt_rwset ?? []).map(({ collection_name, rwset: bytes }) => ({
      namespace: namespace ?? "",
      collection: collection_name ?? "",
      rwset: bytes ?? new Uint8Array()
    }))
  );
}
function encode(sets) {
  const namespaces = [...new Set(sets.map(({ namespace }) => namespace))];
  const ns_pvt_rwset = namespaces.map((namespace) => ({
    namespace,
    collection_pvt_rwset: sets.filter((set2) => set2.namespace === namespace).map(({ collection, rwset: bytes }) => ({ collection_name: collection, rwset: bytes }))
  }));
  return rwset.TxPvtReadWriteSet.encode({ ns_pvt_rwset }).finish();
}

// src/node/privdata/distributor.ts
var PvtDataDistributor = class {
  #components;
  constructor(components) {
    this.#components = components;
  }
  /**
   * Throws FabricError DISTRIBUTION_FAILED when a collection needs more peers than there are, and LedgerError
   * TRANSIENT_STORE_FULL. Nothing may be signed then.
   *
   * @param blockHeight of the ledger, now.
   */
  async distributePrivateData(txId, data, blockHeight) {
    try {
      for (const [chaincode, { config }] of Object.entries(data.collection_configs ?? {})) {
        for (const { static_collection_config: collection } of config ?? []) {
          if (collection) this.#plan(chaincode, collection);
        }
      }
    } catch (cause) {
      const text2 = `failed to distribute private collection, txID ${txId}, channel ${this.#components.channelId}: ${messageOf(cause)}`;
      throw new FabricError("DISTRIBUTION_FAILED", text2, { cause });
    }
    await this.#components.transientStore.persist(txId, blockHeight, data);
  }
  #plan(chaincode, collection) {
    const { mspId, log } = this.#components;
    const { name, required_peer_count: required } = collection;
    if ((required ?? 0) > 0) {
      const text3 = `could not build private data dissemination plan for chaincode ${chaincode} and collection ${name}: required to disseminate to at least ${required} peers, but know of only 0 eligible peers: peers do not send private data to one another yet; define the collection with requiredPeerCount 0`;
      throw new FabricError("DISTRIBUTION_FAILED", text3);
    }
    if (memberOrgs(collection).includes(mspId)) return;
    const text2 = `private data for collection ${name} of ${chaincode} is endorsed here, but ${mspId} is no member of it and nobody else has it: members will miss it`;
    log.warn(text2);
  }
};

// src/node/discovery/layouts.ts
var MAX_LAYOUTS = 200;
function layoutsOf(envelope, preferred) {
  const { rule, identities } = envelope;
  if (!rule) return [];
  const principals = (identities ?? []).map(mspOf);
  const satisfying = (layouts) => layouts.filter((layout) => satisfies(rule, principals, layout));
  const exact = expand(rule, principals, false);
  let found = satisfying(exact);
  if (found.length < exact.length) found = satisfying(expand(rule, principals, true));
  return minimal(found).sort(
    (a, b) => rank(a, preferred) - rank(b, preferred) || compareUtf8(a.join(), b.join())
  );
}
function rank(layout, preferred) {
  return layout.length * 2 - (layout.includes(preferred) ? 1 : 0);
}
function mspOf(identity) {
  const { MSPRole, MSPPrincipal } = common;
  if ((identity.principal_classification ?? 0) !== MSPPrincipal.Classification.ROLE)
    return void 0;
  const { role, msp_identifier } = MSPRole.decode(identity.principal ?? new Uint8Array());
  const { MEMBER, PEER } = MSPRole.MSPRoleType;
  return role === MEMBER || role === PEER ? msp_identifier : void 0;
}
function expand(rule, principals, more) {
  if (!rule.n_out_of) {
    const mspId = principals[rule.signed_by ?? -1];
    return mspId === void 0 ? [] : [[mspId]];
  }
  const { n = 0, rules } = rule.n_out_of;
  const needed = Math.max(0, n ?? 0);
  let table = [[[]]];
  for (const branch of rules ?? []) {
    table = withBranch(table, expand(branch, principals, more));
  }
  return bounded(more ? table.slice(needed).flat() : table[needed] ?? []);
}
function withBranch(table, branch) {
  return Array.from({ length: table.length + 1 }, (_, count2) => {
    const without = table[count2] ?? [];
    const rest = count2 > 0 ? table[count2 - 1] ?? [] : [];
    return bounded([...without, ...products(rest, branch)]);
  });
}
function products(some, others) {
  const layouts = [];
  for (const head of some) {
    for (const tail of others) {
      if (layouts.length >= MAX_LAYOUTS) return layouts;
      layouts.push([...head, ...tail].sort());
    }
  }
  return layouts;
}
function bounded(layouts) {
  const different = [...new Map(layouts.map((layout) => [layout.join("\n"), layout])).values()];
  return different.sort((a, b) => a.length - b.length).slice(0, MAX_LAYOUTS);
}
function satisfies(rule, principals, layout) {
  return take(rule, principals, layout) !== void 0;
}
function take(rule, principals, layout) {
  if (!rule.n_out_of) {
    const index = layout.indexOf(principals[rule.signed_by ?? -1] ?? "");
    return index < 0 ? void 0 : layout.toSpliced(index, 1);
  }
  let left = layout;
  let satisfied = 0;
  for (const branch of rule.n_out_of.rules ?? []) {
    const rest = take(branch, principals, left);
    if (!rest) continue;
    left = rest;
    satisfied++;
  }
  return satisfied >= (rule.n_out_of.n ?? 0) ? left : void 0;
}
function minimal(layouts) {
  return layouts.filter(
    (layout) => !layouts.some((other) => other !== layout && isPart(other, layout))
  );
}
function isPart(small, large) {
  if (small.length >= large.length) return false;
  const left = [...large];
  return small.every((mspId) => {
    const index = left.indexOf(mspId);
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  });
}

// src/node/discovery/interest-plan.ts
function planForInterest({ chaincodes, hasTransientData }, policies, preferred) {
  let layouts = [[]];
  let readers;
  let holders;
  const hidden = [];
  for (const { name, collectionNames, noPrivateReads } of chaincodes) {
    if (collectionNames.length === 0) layouts = combined(layouts, policies.chaincode(name));
    for (const collection of collectionNames) {
      layouts = combined(layouts, policies.collection(name, collection));
      const members = policies.members(name, collection);
      holders = common2(holders, members);
      if (!noPrivateReads) readers = common2(readers, members);
      else hidden.push(collection);
    }
  }
  const possible = best(within(layouts, readers), preferred);
  const allowed = hasTransientData ? holders : readers;
  const chosen = best(within(layouts, allowed), preferred);
  if (chosen.length === 0) return { layouts: [], problem: problemOf(possible, hidden) };
  return allowed ? { layouts: chosen, allowed } : { layouts: chosen };
}
function problemOf(possible, hidden) {
  return possible.length > 0 ? `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${hidden.join(" ")}]; retry specifying trusted endorsing organizations to protect transient data` : "no combination of peers can be derived which satisfy the endorsement policy";
}
function combined(some, others) {
  const layouts = /* @__PURE__ */ new Map();
  for (const a of some) {
    for (const b of others) {
      const layout = union(a, b);
      if (layouts.size < MAX_LAYOUTS) layouts.set(layout.join("\n"), layout);
    }
  }
  return [...layouts.values()];
}
function union(a, b) {
  const left = [...a];
  const more = b.filter((mspId) => {
    const index = left.indexOf(mspId);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [...a, ...more].sort();
}
function common2(some, others) {
  return some ? some.filter((mspId) => others.includes(mspId)) : others;
}
function within(layouts, allowed) {
  return layouts.filter((layout) => layout.every((mspId) => !allowed || allowed.includes(mspId)));
}
function best(layouts, preferred) {
  const rank2 = (layout) => layout.length * 2 - (layout.includes(preferred) ? 1 : 0);
  return layouts.toSorted((a, b) => rank2(a) - rank2(b));
}

// src/node/discovery/endorsement-analyzer.ts
var LIFECYCLE_ENDORSEMENT_POLICY = "/Channel/Application/LifecycleEndorsement";
var MAX_COMBINED_ORGS = 8;
var EndorsementAnalyzer = class {
  #components;
  constructor(components) {
    this.#components = components;
  }
  /** Another number means that plans made before may no longer hold: the configuration or a definition has changed. */
  get version() {
    return this.#components.bundle().sequence + this.#components.deployed.version;
  }
  /** Whose endorsements a call of the chaincode needs. */
  async plan(chaincode, interest) {
    const { collections, mspId } = this.#components;
    if (!interest || interest.chaincodes.length === 0) {
      const layouts2 = await this.#chaincodeLayouts(chaincode);
      const dependsOnInterest = (await collections.collections(chaincode)).length > 0;
      return { layouts: layouts2, dependsOnInterest };
    }
    const layouts = /* @__PURE__ */ new Map();
    const members = /* @__PURE__ */ new Map();
    for (const { name, collectionNames } of interest.chaincodes) {
      layouts.set(idOf(name), await this.#chaincodeLayouts(name));
      for (const collection of collectionNames) {
        const id = idOf(name, collection);
        layouts.set(id, await this.#collectionLayouts(name, collection));
        const config = await collections.find(name, collection);
        members.set(id, config ? memberOrgs(config) : []);
      }
    }
    const policies = {
      chaincode: (name) => layouts.get(idOf(name)) ?? [],
      collection: (name, collection) => layouts.get(idOf(name, collection)) ?? [],
      members: (name, collection) => members.get(idOf(name, collection)) ?? []
    };
    return planForInterest(interest, policies, mspId);
  }
  /** Whether endorsements of a serialized ProposalResponsePayload satisfy the policies of all that it writes. */
  async isSatisfied(payload, endorsements) {
    const { bundle, policies, keyPolicies } = this.#components;
    const written = writesIn(payload);
    if (!written) return false;
    const signatures = endorsements.map(({ endorser, signature }) => ({
      data: concat(payload, endorser),
      identity: endorser,
      signature
    }));
    const known = await policies();
    const evaluate = async (policy) => policy ? policy.evaluateSignedData(signatures) : false;
    for (const writes of written) {
      const { namespace } = writes;
      const verdict = {
        ...writes,
        chaincodePolicySatisfied: await evaluate(known.policyOf(namespace)),
        collections: await Promise.all(
          writes.collections.map(async (one) => ({
            ...one,
            policySatisfied: await evaluate(known.collectionPolicyOf(namespace, one.collection))
          }))
        )
      };
      const changed = new ChangedKeyPolicies();
      const ok = await namespaceEndorsed(verdict, changed, keyPolicies, bundle(), () => signatures);
      if (!ok) return false;
    }
    return true;
  }
  /** Whether the endorsement in a serialized ProposalResponse is enough by itself. */
  async isEnough(proposalResponse) {
    const { payload, endorsement } = protos.ProposalResponse.decode(proposalResponse);
    return endorsement ? this.isSatisfied(payload, [endorsement]) : false;
  }
  async #chaincodeLayouts(name) {
    if (name === LIFECYCLE_NAMESPACE) {
      return this.#layoutsOf(createApplicationPolicy(LIFECYCLE_ENDORSEMENT_POLICY));
    }
    const found = await this.#components.deployed.chaincode(name);
    return found ? this.#layoutsOf(found.validationParameter) : [];
  }
  async #collectionLayouts(chaincode, collection) {
    const mspId = mspIdIfImplicitCollection(collection);
    if (mspId !== void 0) return [[mspId]];
    const config = await this.#components.collections.find(chaincode, collection);
    const own = config?.endorsement_policy;
    if (!own) return this.#chaincodeLayouts(chaincode);
    return this.#layoutsOf(protos.ApplicationPolicy.encode(own).finish());
  }
  // A reference is usually to MAJORITY Endorsement. Where it is not, asking goes on until it is satisfied.
  #layoutsOf(applicationPolicy) {
    const { mspId, bundle } = this.#components;
    const { signature_policy } = protos.ApplicationPolicy.decode(applicationPolicy);
    if (signature_policy) return layoutsOf(signature_policy, mspId);
    const orgs = bundle().application.orgs.map((org) => org.mspId);
    const ordered = [mspId, ...orgs.filter((one) => one !== mspId)];
    const majority = Math.floor(orgs.length / 2) + 1;
    if (orgs.length > MAX_COMBINED_ORGS) return [ordered.slice(0, majority)];
    const principals = ordered.map((one) => `'${one}.member'`).join(",");
    return layoutsOf(parsePolicy(`OutOf(${majority},${principals})`), mspId);
  }
};
function writesIn(payload) {
  try {
    const { extension } = unmarshalProposalResponsePayload(payload);
    const { chaincode_id, results } = unmarshalChaincodeAction(extension);
    return namespaceWritesOf(chaincode_id?.name ?? "", results);
  } catch {
    return void 0;
  }
}
function idOf(chaincode, collection = "") {
  return `${chaincode}\0${collection}`;
}

// src/node/peer/channel-config.ts
var ChannelConfig = class _ChannelConfig {
  events = new TypedEventTarget();
  #channelId;
  #bundle;
  constructor(channelId, bundle) {
    this.#channelId = channelId;
    this.#bundle = bundle;
  }
  /** Reads the configuration that holds at the ledger's height. Throws FabricError CONFIG_REJECTED. */
  static async load(ledger) {
    const envelope = configEnvelopeOf(await configBlockOf(ledger));
    return new _ChannelConfig(ledger.ledgerId, await bundleOf(ledger.ledgerId, envelope));
  }
  get bundle() {
    return this.#bundle;
  }
  async prepare(configEnvelope) {
    try {
      await validateConfigEnvelope(this.#bundle, configEnvelope);
      const next = await createBundle(this.#channelId, configEnvelope);
      validateNew(this.#bundle, next);
      return next;
    } catch (cause) {
      const text2 = `a new configuration of ${this.#channelId} is refused: ${messageOf(cause)}`;
      throw new FabricError("CONFIG_REJECTED", text2, { cause });
    }
  }
  apply(bundle) {
    this.#bundle = bundle;
    this.events.emit("config:changed", bundle);
  }
};
async function configBlockOf(ledger) {
  const { height } = ledger.getBlockchainInfo();
  const last = await requireBlock(ledger, height - 1);
  const index = height === 1 ? 0 : getLastConfigIndexFromBlock(common.Block.decode(last));
  return requireBlock(ledger, index);
}
async function bundleOf(channelId, configEnvelope) {
  try {
    return await createBundle(channelId, configEnvelope);
  } catch (cause) {
    const text2 = `the configuration of ${channelId} cannot be used: ${messageOf(cause)}`;
    throw new FabricError("CONFIG_REJECTED", text2, { cause });
  }
}
async function requireBlock(ledger, blockNum) {
  const block = await ledger.getBlockByNumber(blockNum);
  if (block) return block;
  const text2 = `block ${blockNum} of ${ledger.ledgerId} is missing from the ledger`;
  throw new FabricError("LEDGER_CORRUPT", text2);
}
function configEnvelopeOf(block) {
  const [envelope] = common.Block.decode(block).data?.data ?? [];
  const { payload } = common.Envelope.decode(envelope ?? new Uint8Array());
  return common.Payload.decode(payload).data;
}

// src/node/peer/channel.ts
var Channel = class _Channel {
  events = new TypedEventTarget();
  #ledger;
  #config;
  #committer;
  #coordinator;
  /** The one answer to which chaincodes there are, and how they are defined. */
  deployed;
  /** Its private collections, and who may use them. */
  collections;
  /** For gateways: whose endorsements are needed, and whether there are enough. */
  endorsement;
  /** Absent when the channel takes no private data. */
  distributor;
  #policies;
  constructor(components, config, described) {
    const { ledger, log, privateData } = components;
    const bundle = () => config.bundle;
    this.#ledger = ledger;
    this.#config = config;
    config.events.on("config:changed", (next) => this.events.emit("config:changed", next));
    this.deployed = new DeployedChaincodes({
      ledger,
      described: describedChaincodes(described),
      log
    });
    const { deployed } = this;
    deployed.events.on(
      "definitions:changed",
      (all) => this.events.emit("definitions:changed", all)
    );
    this.#policies = {
      bundle: config.bundle,
      definitions: [],
      policies: namespacePolicies([], config.bundle)
    };
    this.collections = new CollectionStore({ channelId: ledger.ledgerId, deployed, bundle });
    const { collections } = this;
    this.#coordinator = privateData && new Coordinator({ ...privateData, collections, log });
    this.distributor = privateData && new PvtDataDistributor({ ...privateData, channelId: ledger.ledgerId, log });
    const { peerName, clock, trace } = components;
    this.#committer = new Committer({
      peerName,
      ledger,
      clock,
      trace,
      log,
      config,
      definitions: deployed,
      signatureStage: components.signatureStage ?? this.#verifyHere,
      ...this.#coordinator && { privateData: this.#coordinator },
      validationLedger: {
        txIDExists: (txId) => ledger.txIDExists(txId),
        ...keyPoliciesOf(ledger)
      }
    });
    this.endorsement = new EndorsementAnalyzer({
      mspId: privateData?.mspId ?? "",
      deployed,
      collections,
      bundle,
      policies: async () => this.#policiesOf(config.bundle, await deployed.current()),
      keyPolicies: keyPoliciesOf(ledger)
    });
  }
  /**
   * A channel over a ledger that holds at least its genesis block.
   *
   * @param described chaincodes that the network describes; what the chain defines goes before them.
   */
  static async open(components, described) {
    return new _Channel(components, await ChannelConfig.load(components.ledger), described);
  }
  get name() {
    return this.#ledger.ledgerId;
  }
  get ledger() {
    return this.#ledger;
  }
  get bundle() {
    return this.#config.bundle;
  }
  get height() {
    return this.#ledger.getBlockchainInfo().height;
  }
  /** The last block that set the configuration, as it is stored. */
  configBlock() {
    return configBlockOf(this.#ledger);
  }
  /**
   * Throws BlockRejectedError unless the block is this channel's block `blockNum`, signed by its orderers. The signatures in a good one
   * begin to be checked, since it will be committed soon.
   */
  async verifyBlock(bytes, blockNum) {
    const block = await verifyBlock(bytes, blockNum, this.bundle);
    if (blockNum >= this.height) this.#committer.anticipate(block);
  }
  /** Commits the next block; see Committer.commit. Definitions that it changed are told of before it is. */
  async commit(block) {
    const committed = await this.#committer.commit(block);
    await this.deployed.settled();
    this.events.emit("block:committed", committed);
    const { block: _, ...result } = committed;
    return result;
  }
  /** Resolves when what goes on behind the commits so far has ended. */
  async settled() {
    await this.#coordinator?.stop();
  }
  /** Closes the ledger, after all that goes on behind the commits. */
  async close() {
    await this.settled();
    await this.#ledger.close();
  }
  #verifyHere = (block, bundle, definitions) => verifySignatures(block, { bundle, policies: this.#policiesOf(bundle, definitions) });
  #policiesOf(bundle, definitions) {
    if (this.#policies.bundle !== bundle || this.#policies.definitions !== definitions) {
      const policies = namespacePolicies(definitions, bundle);
      this.#policies = { bundle, definitions, policies };
    }
    return this.#policies.policies;
  }
};
function keyPoliciesOf(ledger) {
  return {
    validationParameter: async (namespace, key) => ledger.hasStateMetadata(namespace) ? validationParameterOf(await ledger.getVersionedValue(namespace, key)) : void 0,
    hashedValidationParameter: async (namespace, collection, keyHash) => ledger.hasStateMetadata(namespace) ? validationParameterOf(
      await ledger.getPrivateDataHash(namespace, collection, fromHex(keyHash))
    ) : void 0
  };
}
function validationParameterOf(committed) {
  if (!committed || committed.metadata.length === 0) return void 0;
  return deserializeMetadata(committed.metadata).get(VALIDATION_PARAMETER);
}

// src/node/replay/replay-report.ts
var ReplayReportBuilder = class {
  #codes = /* @__PURE__ */ new Map();
  #codeDifferences = [];
  #commitHashDifferences = [];
  #blocks = 0;
  #transactions = 0;
  #withoutCodes = 0;
  #withoutCommitHash = 0;
  #lastCommitHash = "";
  /** The genesis block is taken as it is: no peer validates it. */
  genesis(stored) {
    this.#count(Uint8Array.of(0));
    if (!stored.flags) this.#withoutCodes++;
  }
  add(stored, result) {
    this.#count(result.flags);
    if (stored.flags) this.#compareCodes(stored.blockNum, stored.flags, result);
    else this.#withoutCodes++;
    if (stored.commitHash) this.#compareHash(stored.blockNum, stored.commitHash, result.commitHash);
    else this.#withoutCommitHash++;
    this.#lastCommitHash = toHex(result.commitHash);
  }
  build(channelId, lastBlockHash) {
    return {
      channelId,
      blocks: this.#blocks,
      transactions: this.#transactions,
      codes: Object.fromEntries(
        [...this.#codes].sort(([a], [b]) => a - b).map(([code, count2]) => [codeName(code), count2])
      ),
      codeDifferences: this.#codeDifferences,
      commitHashDifferences: this.#commitHashDifferences,
      blocksWithoutCodes: this.#withoutCodes,
      blocksWithoutCommitHash: this.#withoutCommitHash,
      lastBlockHash: toHex(lastBlockHash),
      lastCommitHash: this.#lastCommitHash
    };
  }
  #count(flags) {
    this.#blocks++;
    this.#transactions += flags.length;
    for (const code of flags) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }
  #compareCodes(blockNum, stored, { flags, txIds }) {
    for (let txNum = 0; txNum < Math.max(stored.length, flags.length); txNum++) {
      const [was, is] = [stored[txNum], flags[txNum]];
      if (was === is) continue;
      const txId = txIds[txNum] ?? "";
      this.#codeDifferences.push({
        blockNum,
        txNum,
        txId,
        stored: nameOf(was),
        replayed: nameOf(is)
      });
    }
  }
  #compareHash(blockNum, stored, replayed) {
    if (equalBytes(stored, replayed)) return;
    const hashes = { stored: toHex(stored), replayed: toHex(replayed) };
    this.#commitHashDifferences.push({ blockNum, ...hashes });
  }
};
function nameOf(code) {
  return code === void 0 ? "none" : codeName(code);
}
function isClean(report) {
  return report.codeDifferences.length === 0 && report.commitHashDifferences.length === 0;
}

// src/node/replay/stored-outcome.ts
var { TRANSACTIONS_FILTER, COMMIT_HASH } = common.BlockMetadataIndex;
function storedOutcomeOf(block) {
  const flags = block.metadata[TRANSACTIONS_FILTER] ?? EMPTY_BYTES;
  const slot = block.metadata[COMMIT_HASH] ?? EMPTY_BYTES;
  const commitHash = commitHashIn(slot);
  return {
    blockNum: block.number,
    transactions: block.transactions.length,
    flags: flags.length > 0 ? flags : void 0,
    commitHash: commitHash.length > 0 ? commitHash : void 0
  };
}
function commitHashIn(slot) {
  try {
    return common.Metadata.decode(slot).value;
  } catch {
    return slot;
  }
}
function splitOutcome(bytes) {
  const block = parseBlock(bytes);
  const slots = /* @__PURE__ */ new Map([
    [TRANSACTIONS_FILTER, EMPTY_BYTES],
    [COMMIT_HASH, EMPTY_BYTES]
  ]);
  return { received: replaceMetadata(block, slots), stored: storedOutcomeOf(block) };
}

// src/node/replay/replay-chain.ts
var ReplayError = class extends FabricError {
  name = "ReplayError";
  blockNum;
  /** What was found in the blocks that were committed. */
  report;
  constructor(blockNum, cause, report) {
    const { message, code } = cause instanceof FabricError ? cause : { message: String(cause) };
    super("REPLAY_STOPPED", `the replay stopped at block ${blockNum}: ${message}`, {
      cause,
      data: { blockNum, ...code !== void 0 && { reason: code } }
    });
    this.blockNum = blockNum;
    this.report = report;
  }
};
var DEFAULT_BLOCKS_AHEAD = 6;
async function replayChain(blocks, components, options = {}) {
  let replay2;
  try {
    for await (const bytes of blocks) {
      options.signal?.throwIfAborted();
      if (replay2) await replay2.next(bytes);
      else replay2 = await ChainReplay.begin(bytes, components, options);
    }
    await replay2?.drain();
  } catch (error) {
    await replay2?.settle();
    if (!replay2 || !(error instanceof ReplayError)) throw error;
    throw new ReplayError(error.blockNum, error.cause, replay2.report());
  }
  if (!replay2) throw new FabricError("REPLAY_EMPTY", "there is no block to replay");
  return replay2.report();
}
var ChainReplay = class _ChainReplay {
  #channel;
  #options;
  #report;
  #next = 1;
  #underWay = [];
  constructor(channel, options, report) {
    this.#channel = channel;
    this.#options = options;
    this.#report = report;
  }
  static async begin(genesis, { ledgers, ...components }, options) {
    try {
      const { received, stored } = splitOutcome(genesis);
      const ledger = await ledgers.create(received.bytes);
      for (const blockNum of options.snapshotsAt ?? [])
        await ledger.submitSnapshotRequest(blockNum);
      const { log = silentLogger, trace = new TraceBus() } = components;
      const about = { ...components, log, trace, peerName: "replay", ledger };
      const report = new ReplayReportBuilder();
      report.genesis(stored);
      return new _ChainReplay(await Channel.open(about, options.described ?? []), options, report);
    } catch (error) {
      throw new ReplayError(0, error);
    }
  }
  // Blocks follow one another closely, except around a configuration: the next is verified under it.
  async next(bytes) {
    const blockNum = this.#next++;
    const { blocksAhead = DEFAULT_BLOCKS_AHEAD } = this.#options;
    await this.#leaveUnderWay(blocksAhead - 1);
    try {
      const { received, stored } = splitOutcome(bytes);
      await verifyBlock(received, blockNum, this.#channel.bundle);
      const commit = this.#commit(received, stored);
      commit.catch(() => {
      });
      this.#underWay.push(commit);
      if (holdsConfig(received)) await this.drain();
    } catch (error) {
      throw this.#stopped(blockNum, error);
    }
  }
  /** Waits for all commits. */
  drain() {
    return this.#leaveUnderWay(0);
  }
  /** Waits for all commits, whatever becomes of them. */
  async settle() {
    await Promise.allSettled(this.#underWay);
  }
  report() {
    const { ledger, name } = this.#channel;
    return this.#report.build(name, ledger.getBlockchainInfo().currentBlockHash);
  }
  async #commit(received, stored) {
    try {
      const result = await this.#channel.commit(received);
      this.#report.add(stored, result);
      this.#options.onCommit?.(result);
    } catch (error) {
      throw this.#stopped(stored.blockNum, error);
    }
  }
  async #leaveUnderWay(count2) {
    while (this.#underWay.length > count2) await this.#underWay.shift();
  }
  #stopped(blockNum, error) {
    return error instanceof ReplayError ? error : new ReplayError(blockNum, error);
  }
};

// src/node/replay/summarise-blocks.ts
var BlocksSummariser = class {
  #channelIds = /* @__PURE__ */ new Set();
  #types = /* @__PURE__ */ new Map();
  #chaincodes = /* @__PURE__ */ new Map();
  #codes = /* @__PURE__ */ new Map();
  #configBlocks = [];
  #first;
  #last = -1;
  #blocks = 0;
  #transactions = 0;
  #bytes = 0;
  #largest = { number: -1, bytes: -1 };
  #from;
  #to;
  add({ number, block: bytes }) {
    const block = common.Block.decode(bytes);
    const envelopes = block.data?.data ?? [];
    this.#first ??= number;
    this.#last = number;
    this.#blocks++;
    this.#transactions += envelopes.length;
    this.#bytes += bytes.length;
    if (bytes.length > this.#largest.bytes) this.#largest = { number, bytes: bytes.length };
    for (const code of getTransactionsFilter(block)) count(this.#codes, codeName(code));
    for (const envelope of envelopes) this.#addEnvelope(number, envelope);
  }
  summary() {
    return {
      channelIds: [...this.#channelIds],
      firstBlock: this.#first ?? -1,
      lastBlock: this.#last,
      blocks: this.#blocks,
      transactions: this.#transactions,
      bytes: this.#bytes,
      largestBlock: this.#largest,
      configBlocks: this.#configBlocks,
      types: Object.fromEntries(this.#types),
      chaincodes: Object.fromEntries(this.#chaincodes),
      codes: Object.fromEntries(this.#codes),
      ...this.#from !== void 0 && { from: this.#from },
      ...this.#to !== void 0 && { to: this.#to }
    };
  }
  #addEnvelope(blockNum, bytes) {
    const header2 = channelHeaderOf(bytes);
    if (!header2) {
      count(this.#types, "UNREADABLE");
      return;
    }
    count(this.#types, common.HeaderType[header2.type] ?? `TYPE_${header2.type}`);
    this.#channelIds.add(header2.channel_id);
    if (header2.type === common.HeaderType.CONFIG) this.#configBlocks.push(blockNum);
    const chaincode = chaincodeOf(header2);
    if (chaincode) count(this.#chaincodes, chaincode);
    const time = timeOf(header2);
    this.#to = time ?? this.#to;
    this.#from ??= time;
  }
};
function count(counts2, name) {
  counts2.set(name, (counts2.get(name) ?? 0) + 1);
}
function channelHeaderOf(envelope) {
  try {
    const { header: header2 } = common.Payload.decode(common.Envelope.decode(envelope).payload);
    return header2 ? common.ChannelHeader.decode(header2.channel_header) : void 0;
  } catch {
    return void 0;
  }
}
function timeOf({ timestamp }) {
  try {
    return timestamp ? fromTimestamp(timestamp) : void 0;
  } catch {
    return void 0;
  }
}
function chaincodeOf(header2) {
  if (header2.type !== common.HeaderType.ENDORSER_TRANSACTION) return void 0;
  try {
    return protos.ChaincodeHeaderExtension.decode(header2.extension).chaincode_id?.name;
  } catch {
    return void 0;
  }
}

// src/node/replay/verify-chain.ts
async function verifyChain(blocks, ledgers, { signal, onBlock } = {}) {
  let verifier;
  let blockNum = 0;
  for await (const bytes of blocks) {
    signal?.throwIfAborted();
    if (verifier) await verifier.next(bytes);
    else verifier = await ChainVerifier.begin(bytes, ledgers);
    onBlock?.(blockNum++);
  }
  if (!verifier) throw new FabricError("REPLAY_EMPTY", "there is no block to verify");
  return verifier.report();
}
var ChainVerifier = class _ChainVerifier {
  #genesisHash;
  #problems = [];
  #bundle;
  #ledger;
  #lastHash;
  #next = 1;
  #transactions = 1;
  #commitHashes = 0;
  constructor(bundle, genesisHash, ledger) {
    this.#bundle = bundle;
    this.#genesisHash = genesisHash;
    this.#lastHash = genesisHash;
    this.#ledger = ledger;
  }
  static async begin(genesis, ledgers) {
    const bundle = await createBundleFromBlock(genesis);
    const { headerHash } = await verifyBlock(genesis, 0, bundle);
    const { received, stored } = splitOutcome(genesis);
    const ledger = stored.flags && await ledgers.create(received.bytes);
    return new _ChainVerifier(bundle, headerHash, ledger);
  }
  async next(bytes) {
    const blockNum = this.#next++;
    const { received, stored } = splitOutcome(bytes);
    const { previousHash } = received;
    this.#transactions += stored.transactions;
    await this.#attempt(
      blockNum,
      "BLOCK_REJECTED",
      () => verifyBlock(received, blockNum, this.#bundle)
    );
    if (!equalBytes(previousHash, this.#lastHash)) {
      const text2 = `it follows ${toHex(previousHash)}, but the block before is ${toHex(this.#lastHash)}`;
      this.#problem(blockNum, "HASH_MISMATCH", text2);
    }
    this.#lastHash = received.headerHash;
    if (holdsConfig(received)) {
      await this.#attempt(blockNum, "CONFIG_REJECTED", () => this.#configure(received.bytes));
    }
    await this.#checkCommitHash(received, stored);
  }
  report() {
    return {
      channelId: this.#bundle.channelId,
      blocks: this.#next,
      transactions: this.#transactions,
      commitHashesChecked: this.#commitHashes,
      genesisHash: toHex(this.#genesisHash),
      lastBlockHash: toHex(this.#lastHash),
      problems: this.#problems
    };
  }
  async #configure(block) {
    const envelope = configEnvelopeOf(block);
    await validateConfigEnvelope(this.#bundle, envelope);
    const next = await createBundle(this.#bundle.channelId, envelope);
    validateNew(this.#bundle, next);
    this.#bundle = next;
  }
  // The stored codes are taken as they are, and must then give the stored hash.
  async #checkCommitHash(received, stored) {
    const { blockNum, flags, commitHash } = stored;
    const ledger = this.#ledger;
    if (!ledger) return;
    const done = await this.#attempt(
      blockNum,
      "COMMIT_STOPPED",
      () => ledger.commit(received, flags?.slice() ?? new Uint8Array())
    );
    if (!done) {
      this.#ledger = void 0;
      return;
    }
    if (flags && !equalBytes(done.flags, flags)) {
      this.#problem(blockNum, "CODES_MISMATCH", "reads are called valid that were not");
    }
    if (!commitHash) return;
    this.#commitHashes++;
    if (equalBytes(done.commitHash, commitHash)) return;
    const text2 = `the commit hash is ${toHex(done.commitHash)}, not ${toHex(commitHash)}`;
    this.#problem(blockNum, "COMMIT_HASH_MISMATCH", text2);
  }
  async #attempt(blockNum, code, action) {
    try {
      return await action();
    } catch (error) {
      this.#problem(blockNum, code, messageOf(error));
      return void 0;
    }
  }
  #problem(blockNum, code, message) {
    this.#problems.push({ blockNum, code, message });
  }
};

// cmd/blockfile-sources.ts
import { createReadStream } from "node:fs";
import { readdir as readdir4, stat as stat3 } from "node:fs/promises";
import { basename as basename2, join as join8 } from "node:path";
import { createGunzip } from "node:zlib";
var BLOCKFILE = /^blockfile_(\d{6})(?:\.gz)?$/;
var CHUNK_BYTES = 1024 * 1024;
async function openBlockfiles(path) {
  const found = await stat3(path).catch((cause) => {
    throw new BlockfileError("BLOCKFILE_MISSING", `cannot read ${path}: ${messageOf(cause)}`);
  });
  if (!found.isDirectory()) return [sourceOf(path, found.size)];
  const names = (await readdir4(path)).filter((name) => BLOCKFILE.test(name)).sort();
  if (names.length === 0) {
    throw new BlockfileError("BLOCKFILE_MISSING", `there is no ${blockfileName(0)} in ${path}`);
  }
  names.forEach((name, index) => {
    if (name.startsWith(blockfileName(index)) && !names[index - 1]?.startsWith(name)) return;
    const text2 = `${blockfileName(index)} is missing in ${path}, or there twice`;
    throw new BlockfileError("BLOCKFILE_MISSING", text2);
  });
  return Promise.all(
    names.map(async (name) => {
      const file = join8(path, name);
      return sourceOf(file, (await stat3(file)).size);
    })
  );
}
function sourceOf(path, sizeBytes) {
  const packed = path.endsWith(".gz");
  const name = basename2(path, ".gz");
  return {
    name,
    sizeBytes,
    async *open(onRead) {
      const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
      file.on("data", (chunk) => onRead(chunk.length));
      const stream = packed ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file;
      file.on("error", (error) => stream.destroy(error));
      try {
        for await (const chunk of stream) yield asBytes(chunk);
      } catch (cause) {
        const text2 = `${name} cannot be read: ${messageOf(cause)}`;
        throw new BlockfileError("BLOCKFILE_MALFORMED", text2, void 0, cause);
      } finally {
        file.destroy();
      }
    }
  };
}
function asBytes(chunk) {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

// cmd/read-chain.ts
async function readChain(path, options) {
  const directory = await findChains(path);
  if (!directory) return readFiles(path, options);
  return readStored(directory, chooseChain(directory, options.channel), options);
}
async function readFiles(path, { signal }) {
  const sources = await openBlockfiles(path);
  let torn;
  async function* blocks() {
    const bar = new ProgressBar("blocks");
    try {
      yield* readBlockfiles(sources, {
        signal,
        onProgress: ({ bytesRead, totalBytes, blocks: count2 }) => bar.update({ done: bytesRead, total: totalBytes, count: count2 }),
        onTornTail: (tail) => {
          torn = tail;
        }
      });
    } finally {
      bar.end();
    }
    if (torn) {
      warn(`${torn.file} ends within a block: ${torn.bytes} bytes at ${torn.offset} are left out`);
    }
  }
  return {
    totalBytes: sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    blocks: blocks(),
    tornTail: () => torn,
    [Symbol.asyncDispose]: async () => {
    }
  };
}
async function readStored(directory, chain, { signal }) {
  const opened = await openBlocks(directory, chain);
  async function* blocks() {
    const range = rangeOf(opened.blockStore);
    let number = range.from;
    for await (const block of blocksOf(opened.blockStore, range, signal)) {
      yield { number: number++, block };
    }
  }
  return {
    totalBytes: void 0,
    blocks: blocks(),
    tornTail: () => void 0,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]()
  };
}
async function* fromGenesis(blocks) {
  let isFirst = true;
  for await (const { number, block } of blocks) {
    if (isFirst && number !== 0) {
      const text2 = `the chain begins with block ${number}: without the genesis block there is nothing to check it by`;
      throw new FabricError("NO_GENESIS_BLOCK", text2);
    }
    isFirst = false;
    yield block;
  }
}

// cmd/ledger-inspect.ts
function inspectCommand({ signal, finish: finish2 }) {
  return new Command4("inspect").description("what is in a chain: block files, or databases of ours; nothing is verified").argument("<path>", CHAIN_PATH).option(...CHANNEL_FLAG).option("--block <number>", "one block in words, as JSON", wholeNumber).option("--tx <id>", "the first transaction whose id begins so, in words, as JSON").option("--json", "answer in one line of JSON").addHelpText(
    "after",
    examples("inspect ledgersData/chains/chains/mychannel", "inspect data --block 7")
  ).action(async (path, options) => {
    finish2(await inspect(path, options, signal));
  });
}
async function inspect(path, { channel, json, block: wanted, tx }, signal) {
  var _stack = [];
  try {
    const chain = __using(_stack, await readChain(path, { channel, signal }), true);
    if (wanted !== void 0) return await printBlock(chain.blocks, wanted);
    if (tx !== void 0) return await printTransaction(chain.blocks, tx);
    const summariser = new BlocksSummariser();
    for await (const block of chain.blocks) summariser.add(block);
    const summary = summariser.summary();
    if (summary.blocks === 0)
      throw new FabricError("BLOCK_NOT_FOUND", `there is no block in ${path}`);
    const torn = chain.tornTail();
    print(json ? JSON.stringify({ ...summary, ...torn && { torn } }) : summaryText(summary));
    return torn ? 1 : 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function printBlock(blocks, wanted) {
  for await (const { number, block } of blocks) {
    if (number !== wanted) continue;
    print(JSON.stringify(blockViewOf(block), null, 2));
    return 0;
  }
  throw new FabricError("BLOCK_NOT_FOUND", `there is no block ${wanted} here`);
}
async function printTransaction(blocks, wanted) {
  for await (const { block } of blocks) {
    const index = txIdsOf(parseBlock(block)).findIndex((txId) => txId.startsWith(wanted));
    if (index < 0) continue;
    print(JSON.stringify(blockViewOf(block).transactions[index], null, 2));
    return 0;
  }
  throw new FabricError("TX_NOT_FOUND", `there is no transaction ${wanted} here`);
}
function summaryText(summary) {
  const { firstBlock, lastBlock, blocks, largestBlock, from, to } = summary;
  const time = (ms) => ms === void 0 || Math.abs(ms) > 864e13 ? "unknown" : new Date(ms).toISOString();
  return rows([
    ["channel", summary.channelIds.join(", ") || "unknown"],
    ["blocks", `${blocks}, numbers ${firstBlock} to ${lastBlock}`],
    [
      "size",
      `${sizeText(summary.bytes)}; largest is block ${largestBlock.number} of ${sizeText(largestBlock.bytes)}`
    ],
    ["time", `${time(from)} to ${time(to)}`],
    ["config blocks", summary.configBlocks.join(", ") || "none"],
    ["transactions", `${summary.transactions}: ${counts(summary.types)}`],
    ["chaincodes", counts(summary.chaincodes)],
    [
      "codes",
      Object.keys(summary.codes).length > 0 ? counts(summary.codes) : "none: an orderer\u2019s blocks"
    ]
  ]);
}

// cmd/ledger-list.ts
import { Command as Command5 } from "commander";

// cmd/chain-tip.ts
async function tipOf(store) {
  const { height, firstBlock, bootstrap } = store;
  const last = height > firstBlock ? await store.retrieveBlockByNumber(height - 1) : void 0;
  const commitHash = last ? storedOutcomeOf(parseBlock(last)).commitHash : void 0;
  return {
    height,
    firstBlock,
    lastBlockHash: toHex(store.getBlockchainInfo().currentBlockHash),
    lastCommitHash: toHex(
      commitHash ?? (last ? void 0 : bootstrap?.lastBlockCommitHash) ?? new Uint8Array()
    )
  };
}
function tipRows({
  height,
  firstBlock,
  lastBlockHash,
  lastCommitHash: lastCommitHash2
}) {
  const origin = firstBlock > 0 ? ` (from a snapshot of block ${firstBlock - 1})` : "";
  return [
    ["height", `${height}${origin}`],
    ["last block", lastBlockHash || "none"],
    ["last commit", lastCommitHash2 || "none"]
  ];
}

// cmd/command-ledgers.ts
import { mkdtemp as mkdtemp2, rm as rm4 } from "node:fs/promises";
import { tmpdir as tmpdir2 } from "node:os";
import { join as join9 } from "node:path";

// src/ledger/kvledger/ledger-metadata.ts
var STATUSES = [
  "ACTIVE",
  "INACTIVE",
  "UNDER_CONSTRUCTION",
  "UNDER_DELETION"
];
var KINDS2 = ["goleveldb", "CouchDB"];
var DROPS = ["all", "state"];
var STATUS = 1 << 3 | 0;
var STATE_DATABASE = 101 << 3 | 2;
var PRE_RESET_HEIGHT = 102 << 3 | 2;
var PENDING = 103 << 3 | 0;
var PENDING_LAST_BLOCK = 104 << 3 | 2;
function encodeLedgerMetadata(metadata) {
  const { stateDatabase, preResetHeight, pending } = metadata;
  const writer = new Writer();
  const status = STATUSES.indexOf(metadata.status);
  if (status > 0) writer.uint32(STATUS).uint32(status);
  if (stateDatabase) writer.uint32(STATE_DATABASE).bytes(utf8(stateDatabase));
  if (preResetHeight !== void 0) {
    writer.uint32(PRE_RESET_HEIGHT).bytes(uint64Bytes(preResetHeight));
  }
  if (pending) writer.uint32(PENDING).uint32(DROPS.indexOf(pending.databases));
  if (pending?.lastBlock !== void 0) {
    writer.uint32(PENDING_LAST_BLOCK).bytes(uint64Bytes(pending.lastBlock));
  }
  return writer.finish();
}
function decodeLedgerMetadata(bytes) {
  const reader = new Reader(bytes);
  const fields = /* @__PURE__ */ new Map();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === STATUS || tag === PENDING) fields.set(tag, reader.uint32());
    else if ((tag & 7) === 2) fields.set(tag, reader.bytes());
    else reader.skip(tag);
  }
  const kind = KINDS2.find((known) => known === textOf(fields.get(STATE_DATABASE)));
  const preResetHeight = numberOf(fields.get(PRE_RESET_HEIGHT));
  const pending = pendingOf(fields);
  return {
    // An unknown status is one of a ledger that cannot be opened here.
    status: STATUSES[numberOf(fields.get(STATUS)) ?? 0] ?? "INACTIVE",
    ...kind && { stateDatabase: kind },
    ...preResetHeight !== void 0 && { preResetHeight },
    ...pending && { pending }
  };
}
function pendingOf(fields) {
  const drop2 = numberOf(fields.get(PENDING));
  if (drop2 === void 0) return void 0;
  const lastBlock = numberOf(fields.get(PENDING_LAST_BLOCK));
  const databases = DROPS[drop2] ?? "all";
  return lastBlock === void 0 ? { databases } : { databases, lastBlock };
}
function numberOf(field) {
  return field instanceof Uint8Array ? readUint64(field) : field;
}
function textOf(field) {
  return field instanceof Uint8Array ? fromUtf8(field) : void 0;
}

// src/ledger/kvledger/id-store.ts
var IdStore = class {
  #store;
  /** @param store one whose format is that of this version (see maintenance/upgrade-dbs). */
  constructor(store) {
    this.#store = store;
  }
  /** In the order of their ids. */
  async list() {
    const found = /* @__PURE__ */ new Map();
    for await (const [key, value] of this.#store.range({ gte: utf8("s"), lt: utf8("t") })) {
      found.set(fromUtf8(key.subarray(1)), decodeLedgerMetadata(value));
    }
    return found;
  }
  async get(ledgerId) {
    const value = await this.#store.get(utf8(`s${ledgerId}`));
    return value && decodeLedgerMetadata(value);
  }
  set(ledgerId, metadata) {
    return this.setAll(/* @__PURE__ */ new Map([[ledgerId, metadata]]));
  }
  /** All or none; durable on return. */
  async setAll(metadata) {
    const operations = [...metadata].map(([ledgerId, value]) => {
      return { type: "put", key: utf8(`s${ledgerId}`), value: encodeLedgerMetadata(value) };
    });
    await this.#store.write(operations, { durable: true });
  }
  async delete(ledgerId) {
    await this.#store.write([{ type: "delete", key: utf8(`s${ledgerId}`) }], { durable: true });
  }
  close() {
    return this.#store.close();
  }
};

// src/ledger/kvledger/commit-hash.ts
import { sha256 as sha2564 } from "@noble/hashes/sha2.js";

// src/ledger/kvledger/txmgmt/statedb/state-record.ts
var VERSION = 10;
var VALUE = 18;
var METADATA2 = 26;
function versionBytes({ blockNum, txNum }) {
  return concat(orderPreservingVarint(blockNum), orderPreservingVarint(txNum));
}
function versionOf(bytes) {
  const { value: blockNum, next } = readOrderPreservingVarint(bytes, 0);
  return { blockNum, txNum: readOrderPreservingVarint(bytes, next).value };
}
function encodeStateRecord({ value, metadata, version }) {
  const writer = new Writer().uint32(VERSION).bytes(versionBytes(version));
  if (value.length > 0) writer.uint32(VALUE).bytes(value);
  if (metadata.length > 0) writer.uint32(METADATA2).bytes(metadata);
  return writer.finish();
}
function decodeStateRecord(bytes) {
  const reader = new Reader(bytes);
  let version;
  let value = EMPTY_BYTES;
  let metadata = EMPTY_BYTES;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === VERSION) version = versionOf(reader.bytes());
    else if (tag === VALUE) value = reader.bytes();
    else if (tag === METADATA2) metadata = reader.bytes();
    else reader.skip(tag);
  }
  if (!version) throw new RangeError("state record has no version");
  return { value, metadata, version };
}

// src/ledger/kvledger/txmgmt/rwsetutil/tx-rw-set.ts
import { sha256 as sha2563 } from "@noble/hashes/sha2.js";
function txRwSetFromBytes(bytes) {
  return rwset.TxReadWriteSet.decode(bytes).ns_rwset.map((ns) => ({
    namespace: ns.namespace,
    kv: kvrwset.KVRWSet.decode(ns.rwset),
    collections: ns.collection_hashed_rwset.map((coll) => ({
      collection: coll.collection_name,
      hashed: kvrwset.HashedRWSet.decode(coll.hashed_rwset),
      pvtRwSetHash: coll.pvt_rwset_hash
    }))
  }));
}
function isKVWriteDelete(write2) {
  return write2.is_delete || write2.value.length === 0;
}
var HASH_OF_NOTHING = sha2563(EMPTY_BYTES);
function isKVWriteHashDelete(write2) {
  const { is_delete, value_hash } = write2;
  return is_delete || value_hash.length === 0 || equalBytes(value_hash, HASH_OF_NOTHING);
}
function isSameVersion(read2, committed) {
  if (!read2 || !committed) return !read2 && !committed;
  return numberOf2(read2.block_num) === committed.blockNum && numberOf2(read2.tx_num) === committed.txNum;
}
function numberOf2(value) {
  return typeof value === "object" ? value?.toNumber() ?? 0 : value ?? 0;
}

// src/ledger/kvledger/validation/batch-preparer.ts
var { VALID, NOT_VALIDATED, NIL_TXACTION, INVALID_OTHER_REASON, INVALID_WRITESET } = protos.TxValidationCode;
var CHANNEL_CONFIG_NAMESPACE = "";
var CHANNEL_CONFIG_KEY = "CHANNEL_CONFIG_ENV_BYTES";
function checkFlags(block, flags) {
  if (flags.length !== block.transactions.length) {
    const text2 = `block ${block.number} has ${block.transactions.length} transactions but ${flags.length} validation codes`;
    throw new LedgerError("FLAGS_MISMATCH", text2);
  }
  const left = flags.indexOf(NOT_VALIDATED);
  if (left >= 0) {
    throw new LedgerError(
      "FLAGS_MISMATCH",
      `transaction ${left} of block ${block.number} is not validated`
    );
  }
}
function preprocessBlock(block, flags, rules) {
  const prepared = [];
  block.transactions.forEach((tx, txNum) => {
    if (flags[txNum] !== VALID) return;
    const result = prepare(block, txNum, tx);
    if (typeof result === "number") flags[txNum] = result;
    else if (result && rules && breaksRules(result.rwSet, rules)) flags[txNum] = INVALID_WRITESET;
    else if (result) prepared.push({ txNum, ...result });
  });
  return prepared;
}
function breaksRules(rwSet, rules) {
  const writes = rwSet.flatMap(({ kv }) => kv.writes);
  return writes.some(({ key, value }) => rules(key, value) !== void 0);
}
function prepare(block, txNum, tx) {
  const { type, data } = headerOf(block, txNum, tx);
  if (type === common.HeaderType.CONFIG) return { type, rwSet: configRwSet(block, data) };
  if (type !== common.HeaderType.ENDORSER_TRANSACTION) return void 0;
  let results;
  try {
    ({ results } = tx.action);
  } catch {
    return NIL_TXACTION;
  }
  try {
    return { type, rwSet: txRwSetFromBytes(results) };
  } catch {
    return INVALID_OTHER_REASON;
  }
}
function headerOf(block, txNum, tx) {
  try {
    return { type: tx.channelHeader.type, data: tx.payload.data };
  } catch (cause) {
    const text2 = `transaction ${txNum} of block ${block.number} is called valid, but is malformed: ${messageOf(cause)}`;
    throw new LedgerError("FLAGS_MISMATCH", text2, { cause });
  }
}
function configRwSet(block, config) {
  if (config.length === 0) {
    throw new LedgerError("CONFIG_INVALID", `config block ${block.number} holds no configuration`);
  }
  const writes = [{ key: CHANNEL_CONFIG_KEY, is_delete: false, value: config }];
  const kv = { reads: [], range_queries_info: [], writes, metadata_writes: [] };
  return [{ namespace: CHANNEL_CONFIG_NAMESPACE, kv, collections: [] }];
}

// src/ledger/kvledger/commit-hash.ts
var { TRANSACTIONS_FILTER: TRANSACTIONS_FILTER2, COMMIT_HASH: COMMIT_HASH2 } = common.BlockMetadataIndex;
function computeCommitHash(flags, batch, previous) {
  const filter = new Writer().bytes(flags).finish();
  return sha2564(concat(filter, deterministicBytes(batch), previous));
}
function deterministicBytes(batch) {
  const kvwrites = batch.namespaces().filter((namespace) => namespace !== CHANNEL_CONFIG_NAMESPACE).sort(compareUtf8).flatMap((namespace) => {
    const writes = batch.collections(namespace).sort(compareUtf8).flatMap((collection) => writesOf(batch, namespace, collection));
    return writes.map((write2, i) => i === 0 ? { ...write2, namespace } : write2);
  });
  return txmgr.Updates.encode({ kvwrites }).finish();
}
function writesOf(batch, namespace, collection) {
  const updates = batch.updates(namespace, collection);
  return (updates?.keys() ?? []).map((key, i) => {
    const update = updates?.get(key);
    return {
      ...i === 0 && { collection },
      key: fromBinary(key),
      isDelete: update?.value === void 0,
      value: update?.value ?? EMPTY_BYTES,
      version_bytes: update ? versionBytes(update.version) : EMPTY_BYTES
    };
  });
}
function commitHashOf(block) {
  const slot = block.metadata[COMMIT_HASH2] ?? EMPTY_BYTES;
  return common.Metadata.decode(slot).value;
}
function withFinalMetadata(block, flags, commitHash) {
  const hash = commitHash.length > 0 ? common.Metadata.encode({ value: commitHash }).finish() : new Uint8Array();
  const slots = /* @__PURE__ */ new Map([
    [TRANSACTIONS_FILTER2, flags.slice()],
    [COMMIT_HASH2, hash]
  ]);
  return replaceMetadata(block, slots);
}

// src/ledger/kvledger/txmgmt/statedb/state-key.ts
var SEPARATOR = "\0";
var AFTER_SEPARATOR = "";
function hashedDataNs(namespace, collection) {
  return `${namespace}$$h${collection}`;
}
function pvtDataNs(namespace, collection) {
  return `${namespace}$$p${collection}`;
}
function stateKey(namespace, key) {
  return utf8ToBinary(namespace) + SEPARATOR + utf8ToBinary(key);
}
function stateKeyOfBinary(namespace, key) {
  return utf8ToBinary(namespace) + SEPARATOR + key;
}
function splitStateKey(key) {
  const at2 = key.indexOf(SEPARATOR);
  return { namespace: binaryToUtf8(key.slice(0, at2)), binaryKey: key.slice(at2 + 1) };
}
function stateRange(namespace, startKey, endKey) {
  const ns = utf8ToBinary(namespace);
  return {
    gte: ns + SEPARATOR + utf8ToBinary(startKey),
    lt: endKey === "" ? ns + AFTER_SEPARATOR : ns + SEPARATOR + utf8ToBinary(endKey)
  };
}
function afterNamespace(namespace) {
  return utf8ToBinary(namespace) + AFTER_SEPARATOR;
}

// src/ledger/kvledger/history/history-db.ts
var HistoryDB = class _HistoryDB {
  #store;
  #index;
  #writing = new Mutex();
  constructor(store, index) {
    this.#store = store;
    this.#index = index;
  }
  static async open(store, options) {
    return new _HistoryDB(store, await PostingIndex.open(store, options));
  }
  /** The block to be added next. */
  get nextBlock() {
    return this.#index.nextBlock;
  }
  /** Adds the public writes of a block's valid endorser transactions. */
  async add(blockNum, txs, flags) {
    await this.#writing.run(async () => this.#index.add(blockNum, writtenKeys(txs, flags)));
  }
  /** Passes over blocks that are not here: history begins behind a snapshot. */
  async skipTo(blockNum) {
    await this.#writing.run(async () => {
      while (this.#index.nextBlock < blockNum) this.#index.add(this.#index.nextBlock, []);
    });
  }
  /** Stores what is in memory when there is enough of it. Rejects when the store fails; nothing is lost then. */
  async flushIfDue() {
    if (this.#index.flushDue) await this.flush();
  }
  /** Stores what is in memory if there is too much of it. Call before a commit. */
  async makeRoom() {
    if (this.#index.flushOverdue) await this.flush();
  }
  async flush() {
    await this.#writing.run(async () => {
      const flush = await this.#index.prepareFlush();
      if (!flush) return;
      await this.#store.write(flush.operations);
      flush.apply();
    });
  }
  /** Changes of a key, newest first. */
  getHistoryForKey(namespace, key, blockStore) {
    const postings = this.#index.find(stateKey(namespace, key), { reverse: true });
    return {
      next: async () => {
        const { value: posting, done } = await postings.next();
        return done ? void 0 : keyModification(blockStore, posting, namespace, key);
      },
      close: () => void postings.return(void 0)
    };
  }
};
function* writtenKeys(txs, flags) {
  for (const { txNum, type, rwSet } of txs) {
    if (flags[txNum] !== protos.TxValidationCode.VALID) continue;
    if (type !== common.HeaderType.ENDORSER_TRANSACTION) continue;
    const seen = /* @__PURE__ */ new Set();
    for (const { namespace, kv } of rwSet) {
      for (const write2 of kv.writes) {
        const key = stateKey(namespace, write2.key);
        if (!seen.has(key)) yield [key, txNum];
        seen.add(key);
      }
    }
  }
}
async function keyModification(blockStore, { blockNum, txNum }, namespace, key) {
  const tx = await blockStore.retrieveTxByBlockNumTranNum(blockNum, txNum);
  const envelope = tx?.envelope ?? new Uint8Array();
  const { header: header2 } = unmarshalPayload(unmarshalEnvelope(envelope).payload);
  const { tx_id, timestamp } = unmarshalChannelHeader(header2?.channel_header ?? new Uint8Array());
  const rwSet = txRwSetFromBytes(getActionFromEnvelope(envelope).results);
  const write2 = rwSet.find((ns) => ns.namespace === namespace)?.kv.writes.find((candidate) => candidate.key === key);
  if (!write2) {
    const text2 = `history says that transaction ${txNum} of block ${blockNum} writes ${key}, but it does not`;
    throw new LedgerError("LEDGER_CORRUPT", text2);
  }
  const timestampMs = Number(timestamp?.seconds ?? 0) * 1e3 + Math.floor((timestamp?.nanos ?? 0) / 1e6);
  const isDelete = isKVWriteDelete(write2);
  return { txId: tx_id, value: write2.value.slice(), timestampMs, isDelete, blockNum, txNum };
}

// src/ledger/pvtdatastorage/pvt-data-store.ts
import { sha256 as sha2566 } from "@noble/hashes/sha2.js";

// src/ledger/pvtdatastorage/pvt-keys.ts
var DATA2 = 100;
var MISSING = 109;
var BY_KEY = 107;
var EXPIRY = 120;
var PURGE = 103;
var NUL = Uint8Array.of(0);
var MAX_KEY_HASH_BYTES = 255;
function pvtDataKey(kind, id) {
  const { blockNum, txNum, namespace, collection } = id;
  return concat(pair(kind, blockNum, txNum), collBytes(namespace, collection));
}
function parsePvtDataKey(key) {
  const [blockNum, txNum] = [readUint64(key, 1), readUint64(key, 9)];
  return { blockNum, txNum, ...parseColl(key.subarray(17)) };
}
function blockRange(kind, blockNum) {
  return { gte: single(kind, blockNum), lt: single(kind, blockNum + 1) };
}
function upTo(kind, blockNum) {
  return { gte: Uint8Array.of(kind), lt: single(kind, blockNum + 1) };
}
function byKeyKey(id, blockNum, txNum) {
  return concat(byKeyPrefix(id), uint64Bytes(blockNum), uint64Bytes(txNum));
}
function byKeyRange(id, from, to) {
  const prefix = byKeyPrefix(id);
  return {
    gte: concat(prefix, uint64Bytes(from)),
    lt: to === void 0 ? prefixEnd(prefix) : concat(prefix, uint64Bytes(to))
  };
}
function placeOf(key) {
  return { blockNum: readUint64(key, key.length - 16), txNum: readUint64(key, key.length - 8) };
}
function expiryKey(expiry, committing, id) {
  return concat(pair(EXPIRY, expiry, committing), keyBytes(id), lengthOf(id));
}
function purgeKey(blockNum, txNum, id) {
  return concat(pair(PURGE, blockNum, txNum), keyBytes(id), lengthOf(id));
}
function parsePairKey(key) {
  const [first, second] = [readUint64(key, 1), readUint64(key, 9)];
  const end = key.length - 1;
  const start = end - (key[end] ?? 0);
  const coll = parseColl(key.subarray(17, start - 1));
  return { first, second, ...coll, keyHash: key.slice(start, end) };
}
function single(kind, number) {
  return concat(Uint8Array.of(kind), uint64Bytes(number));
}
function pair(kind, a, b) {
  return concat(single(kind, a), uint64Bytes(b));
}
function collBytes(namespace, collection) {
  return concat(utf8(namespace), NUL, utf8(collection));
}
function keyBytes({ namespace, collection, keyHash }) {
  return concat(collBytes(namespace, collection), NUL, keyHash);
}
function lengthOf({ keyHash }) {
  return Uint8Array.of(keyHash.length);
}
function byKeyPrefix(id) {
  return concat(Uint8Array.of(BY_KEY), keyBytes(id));
}
function parseColl(bytes) {
  const at2 = bytes.indexOf(0);
  return {
    namespace: fromUtf8(bytes.subarray(0, at2)),
    collection: fromUtf8(bytes.subarray(at2 + 1))
  };
}

// src/ledger/pvtdatastorage/pvt-importer.ts
var BATCH = 1e3;
var PvtImporter = class {
  #store;
  #infoOf;
  #missingRow;
  #operations = [];
  constructor(store, infoOf2, missingRow) {
    this.#store = store;
    this.#infoOf = infoOf2;
    this.#missingRow = missingRow;
  }
  /** @param keyHash as a binary string. */
  async add(namespace, collection, keyHash, { blockNum, txNum }) {
    this.#operations.push(this.#missingRow({ blockNum, txNum, namespace, collection }));
    const expiry = expiringBlock(this.#infoOf(namespace, collection), blockNum);
    if (expiry !== void 0) {
      const id = { namespace, collection, keyHash: fromBinary(keyHash) };
      const key = expiryKey(expiry, blockNum, id);
      this.#operations.push({ type: "put", key, value: EMPTY_BYTES });
    }
    if (this.#operations.length >= BATCH) await this.#flush();
  }
  async done() {
    await this.#flush({ durable: true });
  }
  async #flush(options) {
    const operations = this.#operations;
    this.#operations = [];
    await this.#store.write(operations, options);
  }
};

// src/ledger/pvtdatastorage/pvt-write-set.ts
import { sha256 as sha2565 } from "@noble/hashes/sha2.js";
function suppliedSet({ txNum, namespace, collection, pvtRwSetHash }, supplied) {
  const bytes = supplied.get(txNum);
  if (!bytes) return "absent";
  try {
    const sets = rwset.TxPvtReadWriteSet.decode(bytes).ns_pvt_rwset.filter(
      (ns) => ns.namespace === namespace
    );
    const found = sets.flatMap((ns) => ns.collection_pvt_rwset).find((coll) => coll.collection_name === collection);
    if (!found) return "absent";
    kvrwset.KVRWSet.decode(found.rwset);
    return equalBytes(sha2565(found.rwset), pvtRwSetHash) ? found.rwset.slice() : "mismatch";
  } catch {
    return "mismatch";
  }
}
function writtenHashes({ hashed }) {
  return [...hashed.hashed_writes, ...hashed.metadata_writes].map(({ key_hash }) => key_hash);
}
function keysWithHash(bytes, keyHash) {
  const { writes, metadata_writes } = kvrwset.KVRWSet.decode(bytes);
  return [...writes, ...metadata_writes].filter(({ key }) => equalBytes(sha2565(utf8(key)), keyHash)).map(({ key }) => key);
}
function trimmedSet(bytes, purged) {
  const set2 = kvrwset.KVRWSet.decode(bytes);
  const isPurged = ({ key }) => purged.has(toBinary(sha2565(utf8(key))));
  const all = [...set2.writes, ...set2.metadata_writes];
  const keys = [...new Set(all.filter(isPurged).map(({ key }) => key))];
  if (keys.length === 0) return { bytes, keys };
  const writes = set2.writes.filter((write2) => !isPurged(write2));
  const metadata_writes = set2.metadata_writes.filter((write2) => !isPurged(write2));
  return { bytes: kvrwset.KVRWSet.encode({ ...set2, writes, metadata_writes }).finish(), keys };
}

// src/ledger/pvtdatastorage/pvt-data-store.ts
var CLEANUP_ROWS = 1e3;
var NONE = Number.POSITIVE_INFINITY;
var PvtDataStore = class _PvtDataStore {
  #store;
  #infoAt;
  #mspId;
  // The first block at which something expires that is still here, and the first that purged something.
  #firstExpiry;
  #firstPurge;
  // Counts the commits, which go on while rows are cleaned up.
  #commits = 0;
  constructor(store, infoAt, mspId, first) {
    this.#store = store;
    this.#infoAt = infoAt;
    this.#mspId = mspId;
    this.#firstExpiry = first.expiry;
    this.#firstPurge = first.purge;
  }
  static async open(store, infoAt, { mspId } = {}) {
    const first = { expiry: await firstOf(store, EXPIRY), purge: await firstOf(store, PURGE) };
    return new _PvtDataStore(store, infoAt, mspId, first);
  }
  /** Works out what a block does; changes nothing. */
  async prepare(block) {
    const { sets, blockNum } = block;
    const operations = [];
    const mismatches = [];
    const data = [];
    const stored = sets.length > 0 ? await this.#dataOf(blockNum) : /* @__PURE__ */ new Map();
    for (const set2 of sets) {
      const known = stored.get(idText(set2));
      const found = known ?? suppliedSet(set2, block.supplied ?? /* @__PURE__ */ new Map());
      if (found === "mismatch") mismatches.push(idOf2(set2));
      if (found instanceof Uint8Array) data.push({ ...idOf2(set2), rwset: found });
      else if (block.supplied) operations.push(this.#missingRow(set2));
      if (!known && found instanceof Uint8Array) operations.push(...dataRows(set2, found));
      operations.push(...this.#schedule(set2));
    }
    return { operations, data, mismatches };
  }
  /** The keys that expire at a block, with the block that wrote them. */
  async *expiringAt(blockNum) {
    if (this.#firstExpiry > blockNum) return;
    for await (const [key] of this.#store.range(blockRange(EXPIRY, blockNum))) {
      const { second: committed, ...id } = parsePairKey(key);
      yield { ...id, committed };
    }
  }
  /** The key of a hash, as the clear sets of blocks `from` to before `to` name it; empty when none is here. */
  async clearKeysOf(id, from, to) {
    const found = /* @__PURE__ */ new Set();
    for await (const [byKey] of this.#store.range(byKeyRange(id, from, to))) {
      const bytes = await this.#store.get(pvtDataKey(DATA2, { ...id, ...placeOf(byKey) }));
      for (const key of bytes ? keysWithHash(bytes, id.keyHash) : []) found.add(key);
    }
    return found;
  }
  /** Stores what `prepare` worked out; durable on return. */
  async commit({ operations }, more = []) {
    const all = [...operations, ...more];
    if (all.length === 0) return;
    await this.#store.write(all, { durable: true });
    this.#commits++;
    this.#noteFirst(all);
  }
  /** True when something expired or was purged up to a block. */
  isCleanUpDue(blockNum) {
    return this.#firstExpiry <= blockNum || this.#firstPurge <= blockNum;
  }
  /** Forgets what expired or was purged up to a block whose state is stored for good. */
  async cleanUp(savepoint) {
    if (this.#firstExpiry <= savepoint) {
      await this.#forgetExpired(savepoint);
      await this.#refreshFirst(EXPIRY, (first) => {
        this.#firstExpiry = first;
      });
    }
    if (this.#firstPurge <= savepoint) {
      await this.#forgetPurged(savepoint);
      await this.#refreshFirst(PURGE, (first) => {
        this.#firstPurge = first;
      });
    }
  }
  /** The clear sets of a block, but for what has been purged or has expired since, at ledger height `height`. */
  async getPvtDataByBlockNum(blockNum, height) {
    const purged = await this.#purgedHashes();
    const found = [];
    for (const [text2, bytes] of await this.#dataOf(blockNum)) {
      const id = parsePvtDataKey(fromBinary(text2));
      const info = this.#infoAt(id.namespace, id.collection, blockNum);
      if ((expiringBlock(info, blockNum) ?? NONE) < height) continue;
      const hashes = hashesPurgedAfter(id, purged.get(collText(id)));
      found.push({ ...id, rwset: hashes.size > 0 ? trimmedSet(bytes, hashes).bytes : bytes });
    }
    return found;
  }
  /** Up to `limit` sets that this peer lacks, oldest first; by default those that it should have. */
  async getMissingPvtData(limit, { eligible = true } = {}) {
    const found = [];
    const range = { gte: Uint8Array.of(MISSING), lt: Uint8Array.of(MISSING + 1) };
    for await (const [key, value] of this.#store.range(range)) {
      if (found.length >= limit) break;
      if (value[0] === 1 === eligible) found.push(parsePvtDataKey(key));
    }
    return found;
  }
  /** Takes hashes of a snapshot whose last block is `lastBlock`. The store must be opened again afterwards. */
  importer(lastBlock) {
    const infoOf2 = (namespace, collection) => this.#infoAt(namespace, collection, lastBlock + 1);
    return new PvtImporter(this.#store, infoOf2, (id) => this.#missingRow(id));
  }
  #missingRow(set2) {
    const info = this.#infoAt(set2.namespace, set2.collection, set2.blockNum);
    const isMember = !info || !this.#mspId || info.memberOrgs.includes(this.#mspId);
    return { type: "put", key: pvtDataKey(MISSING, set2), value: Uint8Array.of(isMember ? 1 : 0) };
  }
  // When the keys of a set expire, and which are purged.
  #schedule(set2) {
    const { blockNum, txNum } = set2;
    const rows2 = set2.hashed.hashed_writes.filter(({ is_purge, key_hash }) => is_purge && key_hash.length <= MAX_KEY_HASH_BYTES).map(({ key_hash }) => purgeKey(blockNum, txNum, { ...set2, keyHash: key_hash }));
    const info = this.#infoAt(set2.namespace, set2.collection, blockNum);
    const expiry = expiringBlock(info, blockNum);
    if (expiry !== void 0) {
      for (const keyHash of writtenHashes(set2)) {
        if (keyHash.length > MAX_KEY_HASH_BYTES) continue;
        rows2.push(expiryKey(expiry, blockNum, { ...set2, keyHash }));
      }
    }
    return rows2.map((key) => ({ type: "put", key, value: EMPTY_BYTES }));
  }
  // What a commit added while the store was asked must not be overlooked, so nothing may come between the look at the count and
  // `set`; not even the tick that a returned promise takes.
  async #refreshFirst(kind, set2) {
    for (; ; ) {
      const commits = this.#commits;
      const first = await firstOf(this.#store, kind);
      if (commits !== this.#commits) continue;
      set2(first);
      return;
    }
  }
  #noteFirst(operations) {
    for (const { key } of operations) {
      if (key[0] === EXPIRY) this.#firstExpiry = Math.min(this.#firstExpiry, readUint64(key, 1));
      if (key[0] === PURGE) this.#firstPurge = Math.min(this.#firstPurge, readUint64(key, 1));
    }
  }
  // By the text of its key.
  async #dataOf(blockNum) {
    const found = /* @__PURE__ */ new Map();
    for await (const [key, value] of this.#store.range(blockRange(DATA2, blockNum))) {
      found.set(toBinary(key), value);
    }
    return found;
  }
  // Where each key of a collection was purged last.
  async #purgedHashes() {
    const found = /* @__PURE__ */ new Map();
    if (this.#firstPurge === NONE) return found;
    const range = { gte: Uint8Array.of(PURGE), lt: Uint8Array.of(PURGE + 1) };
    for await (const [key] of this.#store.range(range)) {
      const row = parsePairKey(key);
      const purges = found.get(collText(row)) ?? /* @__PURE__ */ new Map();
      purges.set(toBinary(row.keyHash), { blockNum: row.first, txNum: row.second });
      found.set(collText(row), purges);
    }
    return found;
  }
  async #forgetExpired(savepoint) {
    const operations = [];
    const range = { ...upTo(EXPIRY, savepoint), limit: CLEANUP_ROWS };
    for await (const [key] of this.#store.range(range)) {
      const row = parsePairKey(key);
      operations.push({ type: "delete", key });
      for await (const [byKey] of this.#store.range(byKeyRange(row, row.second, row.second + 1))) {
        operations.push({ type: "delete", key: byKey });
      }
      for (const kind of [DATA2, MISSING]) {
        for await (const [dataKey] of this.#store.range(blockRange(kind, row.second))) {
          const id = parsePvtDataKey(dataKey);
          if (collText(id) === collText(row)) operations.push({ type: "delete", key: dataKey });
        }
      }
    }
    await this.#store.write(operations);
  }
  // A set may lose several keys at once, so each is trimmed in turn.
  async #forgetPurged(savepoint) {
    const range = { ...upTo(PURGE, savepoint), limit: CLEANUP_ROWS };
    const rows2 = [];
    for await (const [key] of this.#store.range(range)) rows2.push(key);
    for (const key of rows2) {
      const row = parsePairKey(key);
      const operations = [{ type: "delete", key }];
      const purged = /* @__PURE__ */ new Set([toBinary(row.keyHash)]);
      for await (const [byKey] of this.#store.range(byKeyRange(row, 0, row.first + 1))) {
        const place = placeOf(byKey);
        if (place.blockNum === row.first && place.txNum >= row.second) continue;
        const dataKey = pvtDataKey(DATA2, { ...row, ...place });
        const bytes = await this.#store.get(dataKey);
        operations.push({ type: "delete", key: byKey });
        if (!bytes) continue;
        operations.push({ type: "put", key: dataKey, value: trimmedSet(bytes, purged).bytes });
      }
      await this.#store.write(operations);
    }
  }
};
function hashesPurgedAfter(set2, purges = /* @__PURE__ */ new Map()) {
  const later = [...purges].filter(
    ([, { blockNum, txNum }]) => blockNum > set2.blockNum || blockNum === set2.blockNum && txNum > set2.txNum
  );
  return new Set(later.map(([hash]) => hash));
}
function dataRows(set2, bytes) {
  const { blockNum, txNum, namespace, collection } = set2;
  const { writes, metadata_writes } = kvrwset.KVRWSet.decode(bytes);
  const keys = new Set([...writes, ...metadata_writes].map(({ key }) => key));
  const byKey = [...keys].map((key) => {
    const id = { namespace, collection, keyHash: sha2566(utf8(key)) };
    return { type: "put", key: byKeyKey(id, blockNum, txNum), value: EMPTY_BYTES };
  });
  return [
    { type: "put", key: pvtDataKey(DATA2, set2), value: bytes },
    { type: "delete", key: pvtDataKey(MISSING, set2) },
    ...byKey
  ];
}
async function firstOf(store, kind) {
  const range = { gte: Uint8Array.of(kind), lt: Uint8Array.of(kind + 1), limit: 1 };
  for await (const [key] of store.range(range)) return readUint64(key, 1);
  return NONE;
}
function idOf2({ blockNum, txNum, namespace, collection }) {
  return { blockNum, txNum, namespace, collection };
}
function idText(id) {
  return toBinary(pvtDataKey(DATA2, id));
}
function collText({ namespace, collection }) {
  return `${namespace}\0${collection}`;
}

// src/ledger/kvledger/confighistory/config-history.ts
var PREFIX = utf8("slscc\0");
var SUFFIX = "~collection";
var MAX_UINT642 = 0xffffffffffffffffn;
var LIFECYCLE = "_lifecycle";
var FIELDS = "namespaces/fields/";
var AFTER_FIELDS = "namespaces/fields0";
var SEQUENCE = /^namespaces\/fields\/([^/]+)\/Sequence$/;
var NO_COLLECTIONS = /* @__PURE__ */ new Map();
var ConfigHistory = class _ConfigHistory {
  #store;
  #source;
  // By chaincode, newest first.
  #definitions = /* @__PURE__ */ new Map();
  constructor(store, source) {
    this.#store = store;
    this.#source = source;
  }
  /**
   * @param source tells of collections of chaincodes that the chain does not define.
   * @param state holds the definitions without collections, which have no rows.
   */
  static async open(store, source, state) {
    const history = new _ConfigHistory(store, source);
    for await (const entry of store.range({})) history.#remember(...parseRow(entry));
    if (state) await history.#rememberDefined(state);
    return history;
  }
  /** The collection as it was when a block was to be validated, that is, after the blocks before. */
  collectionInfo(chaincode, collection, blockNum) {
    const implicit = implicitCollection(collection);
    if (implicit) return implicit;
    const defined = this.#definitionBelow(chaincode, blockNum);
    if (defined) return defined.collections.get(collection);
    return this.#source?.collectionInfo(chaincode, collection);
  }
  /**
   * Which collections a simulation on the state after block `asOf` may use. Of a chaincode that neither the history nor a
   * source describes, any.
   */
  checkerAt(asOf) {
    return {
      has: (chaincode, collection) => {
        if (this.collectionInfo(chaincode, collection, asOf + 1)) return true;
        return !this.#source && !this.#definitionBelow(chaincode, asOf + 1);
      }
    };
  }
  /** The rows for the definitions that a block commits. */
  async updateOf(blockNum, batch, state) {
    const rows2 = [];
    const bare = [];
    for (const key of batch.updates(LIFECYCLE, "")?.keys() ?? []) {
      const [, chaincode] = SEQUENCE.exec(binaryToUtf8(key)) ?? [];
      if (chaincode === void 0) continue;
      const bytes = await collectionPackage(chaincode, batch, state);
      if (bytes.length > 0) rows2.push([rowKey(chaincode, blockNum), bytes]);
      else bare.push(chaincode);
    }
    return {
      operations: rows2.map(([key, value]) => ({ type: "put", key, value })),
      apply: () => {
        for (const row of rows2) this.#remember(...parseRow(row));
        for (const name of bare) this.#remember(name, { blockNum, collections: NO_COLLECTIONS });
      }
    };
  }
  /** All rows up to a block, in the order of their keys. */
  async *rows(lastBlock) {
    for await (const entry of this.#store.range({})) {
      if (parseRow(entry)[1].blockNum <= lastBlock) yield entry;
    }
  }
  /** Adds rows of a snapshot. Throws LedgerError SNAPSHOT_INVALID. */
  async importRows(rows2) {
    const parsed = rows2.map(parseRow);
    await this.#store.write(rows2.map(([key, value]) => ({ type: "put", key, value })));
    for (const row of parsed) this.#remember(...row);
  }
  // The newest definitions alone: of an older one without collections, nothing is left.
  async #rememberDefined(state) {
    for await (const [key, { version }] of state.range(
      stateRange(LIFECYCLE, FIELDS, AFTER_FIELDS)
    )) {
      const [, chaincode] = SEQUENCE.exec(binaryToUtf8(splitStateKey(key).binaryKey)) ?? [];
      if (chaincode === void 0) continue;
      const { blockNum } = version;
      const newest = this.#definitions.get(chaincode)?.[0];
      if (newest && newest.blockNum >= blockNum) continue;
      this.#remember(chaincode, { blockNum, collections: NO_COLLECTIONS });
    }
  }
  #definitionBelow(chaincode, blockNum) {
    return this.#definitions.get(chaincode)?.find((found) => found.blockNum < blockNum);
  }
  #remember(chaincode, definition) {
    const others = (this.#definitions.get(chaincode) ?? []).filter(
      ({ blockNum }) => blockNum !== definition.blockNum
    );
    const all = [...others, definition].sort((a, b) => b.blockNum - a.blockNum);
    this.#definitions.set(chaincode, all);
  }
};
function rowKey(chaincode, blockNum) {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, MAX_UINT642 - BigInt(blockNum));
  return concat(PREFIX, utf8(chaincode + SUFFIX), number);
}
function parseRow([key, value]) {
  try {
    const name = fromUtf8(key.subarray(PREFIX.length, -8));
    const number = new DataView(key.buffer, key.byteOffset + key.length - 8, 8).getBigUint64(0);
    const isRow = fromUtf8(key.subarray(0, PREFIX.length)) === fromUtf8(PREFIX);
    if (!isRow || !name.endsWith(SUFFIX)) throw new RangeError("not a row of a chaincode");
    const definition = {
      blockNum: Number(MAX_UINT642 - number),
      collections: collectionsOf(value)
    };
    return [name.slice(0, -SUFFIX.length), definition];
  } catch (cause) {
    const text2 = `malformed history of collection configurations: ${messageOf(cause)}`;
    throw new LedgerError("SNAPSHOT_INVALID", text2, { cause });
  }
}
async function collectionPackage(chaincode, batch, state) {
  const key = `namespaces/fields/${chaincode}/Collections`;
  const update = batch.get(LIFECYCLE, "", utf8ToBinary(key));
  const { value } = update ?? await state.get(stateKey(LIFECYCLE, key)) ?? {};
  try {
    const bytes = lifecycle.StateData.decode(value ?? new Uint8Array()).Bytes?.slice();
    if (!bytes || collectionsOf(bytes).size === 0) return new Uint8Array();
    return bytes;
  } catch {
    return new Uint8Array();
  }
}

// src/ledger/kvledger/txmgmt/pvtstatepurgemgmt/purged-keys.ts
async function expiredUpdates(store, blockNum, batch, state, updates) {
  const candidates = /* @__PURE__ */ new Map();
  for await (const { committed, ...id } of store.expiringAt(blockNum)) {
    const binaryKey = toBinary(id.keyHash);
    if (!batch.get(id.namespace, id.collection, binaryKey)) {
      const hashNs = hashedDataNs(id.namespace, id.collection);
      candidates.set(stateKeyOfBinary(hashNs, binaryKey), committed);
    }
    for (const key of await store.clearKeysOf(id, committed, committed + 1)) {
      const clear = clearStateKey(id, key);
      if (!updates.has(clear)) candidates.set(clear, committed);
    }
  }
  if (candidates.size === 0) return;
  const keys = [...candidates.keys()];
  const values2 = await state.getMany(keys);
  keys.forEach((key, i) => {
    if (values2[i]?.version.blockNum !== candidates.get(key)) return;
    updates.set(key, deletion(blockNum, 0));
  });
}
async function purgedUpdates(store, sets, data, updates) {
  for (const { namespace, collection, hashed, blockNum, txNum } of sets) {
    for (const { key_hash: keyHash, is_purge } of hashed.hashed_writes) {
      if (!is_purge) continue;
      const id = { namespace, collection, keyHash };
      for (const key of await store.clearKeysOf(id, 0, blockNum)) {
        const clear = clearStateKey(id, key);
        if (!updates.has(clear)) updates.set(clear, deletion(blockNum, txNum));
      }
      for (const clear of clearKeysIn(id, data)) {
        const update = updates.get(clear);
        if (update && update.version.txNum < txNum) updates.set(clear, deletion(blockNum, txNum));
      }
    }
  }
}
function clearKeysIn(id, data) {
  return data.filter((set2) => set2.namespace === id.namespace && set2.collection === id.collection).flatMap((set2) => keysWithHash(set2.rwset, id.keyHash)).map((key) => clearStateKey(id, key));
}
function clearStateKey({ namespace, collection }, key) {
  return stateKey(pvtDataNs(namespace, collection), key);
}
function deletion(blockNum, txNum) {
  return { value: void 0, metadata: EMPTY_BYTES, version: { blockNum, txNum } };
}

// src/ledger/kvledger/validation/pvt-updates.ts
import { sha256 as sha2567 } from "@noble/hashes/sha2.js";
async function pvtUpdatesOf(sets, batch, state) {
  const updates = /* @__PURE__ */ new Map();
  const metadataKeys = [];
  for (const id of sets) {
    const { blockNum, txNum, namespace, collection } = id;
    const set2 = kvrwset.KVRWSet.decode(id.rwset);
    for (const { key, is_delete, value } of set2.writes) {
      const isDelete = is_delete || value.length === 0;
      const update = {
        value: isDelete ? void 0 : value,
        metadata: EMPTY_BYTES,
        version: { blockNum, txNum }
      };
      updates.set(stateKey(pvtDataNs(namespace, collection), key), update);
    }
    for (const { key } of set2.metadata_writes) metadataKeys.push([id, key]);
  }
  for (const [id, key] of metadataKeys) await followHash(id, key, updates, batch, state);
  return updates;
}
async function followHash({ namespace, collection }, key, updates, batch, state) {
  const hashed = batch.get(namespace, collection, toBinary(sha2567(utf8(key))));
  if (!hashed?.value) return;
  const name = stateKey(pvtDataNs(namespace, collection), key);
  const latest = updates.get(name) ?? await state.get(name);
  if (latest?.value === void 0 || !equalBytes(sha2567(latest.value), hashed.value)) return;
  updates.set(name, { value: latest.value, metadata: EMPTY_BYTES, version: hashed.version });
}

// src/ledger/kvledger/private-part.ts
var CONFIG_HISTORY = Uint8Array.of(99);
var AFTER_CONFIG_HISTORY = Uint8Array.of(100);
function dropConfigHistory(store) {
  return deleteRange(store, { gte: CONFIG_HISTORY, lt: AFTER_CONFIG_HISTORY });
}
var PrivatePart = class _PrivatePart {
  configHistory;
  pvtData;
  #log;
  constructor(configHistory, pvtData, log) {
    this.configHistory = configHistory;
    this.pvtData = pvtData;
    this.#log = log;
  }
  /** @param state as far as it is stored; absent while a snapshot is imported. */
  static async open(store, options, log, state) {
    const rows2 = new PrefixedKVStore(store, CONFIG_HISTORY);
    const history = await ConfigHistory.open(rows2, options.collections, state);
    const infoAt = history.collectionInfo.bind(history);
    return new _PrivatePart(history, await PvtDataStore.open(store, infoAt, options), log);
  }
  /** Works out what a block does; `supplied` is absent when a stored block is replayed. */
  async prepare({ blockNum, txs, flags, batch }, state, supplied) {
    const sets = hashedSetsOf(blockNum, txs, flags);
    const commit = await this.pvtData.prepare({ blockNum, sets, ...supplied && { supplied } });
    for (const { txNum, namespace, collection } of commit.mismatches) {
      const text2 = `private data for ${namespace}/${collection} of transaction ${txNum} in block ${blockNum} does not have the hash in the block; it counts as missing`;
      this.#log.warn(text2);
    }
    const updates = await pvtUpdatesOf(commit.data, batch, state);
    await purgedUpdates(this.pvtData, sets, commit.data, updates);
    await expiredUpdates(this.pvtData, blockNum, batch, state, updates);
    const definitions = await this.configHistory.updateOf(blockNum, batch, state);
    return {
      updates,
      store: async () => {
        await this.pvtData.commit(commit, definitions.operations.map(prefixed));
        definitions.apply();
      }
    };
  }
};
function prefixed(operation) {
  return { ...operation, key: concat(CONFIG_HISTORY, operation.key) };
}
function hashedSetsOf(blockNum, txs, flags) {
  const valid = txs.filter(({ txNum }) => flags[txNum] === protos.TxValidationCode.VALID);
  return valid.flatMap(
    ({ txNum, rwSet }) => rwSet.flatMap(
      ({ namespace, collections }) => collections.filter(({ pvtRwSetHash }) => pvtRwSetHash.length > 0).map((set2) => ({ blockNum, txNum, namespace, ...set2 }))
    )
  );
}

// src/ledger/kvledger/txmgmt/collection-checker.ts
function checkCollection(collections, namespace, collection) {
  if (collection !== "" && (!collections || collections.has(namespace, collection))) return;
  const text2 = `collection [${collection}] not defined in the collection config for chaincode [${namespace}]`;
  throw new LedgerError("COLLECTION_UNKNOWN", text2);
}

// src/ledger/kvledger/txmgmt/private-reader.ts
import { sha256 as sha2569 } from "@noble/hashes/sha2.js";

// src/ledger/kvledger/txmgmt/rwsetutil/range-query-results-helper.ts
import { sha256 as sha2568 } from "@noble/hashes/sha2.js";
var MAX_DEGREE_QUERY_READS_HASHING = 50;
var LEAF_LEVEL = 1;
var RangeQueryResultsHelper = class {
  #maxDegree;
  #pending = [];
  // Hashes by level, from the leaves on; index 0 is not used.
  #levels = [[], []];
  /** @param maxDegree at least 2. */
  constructor(maxDegree = MAX_DEGREE_QUERY_READS_HASHING) {
    if (maxDegree < 2) throw new RangeError(`maximum degree of ${maxDegree} is below 2`);
    this.#maxDegree = maxDegree;
  }
  addResult(key, version) {
    this.#pending.push(kvRead(key, version));
    if (this.#pending.length > this.#maxDegree) this.#hashPending();
  }
  /** The results; nothing may be added afterwards. */
  done() {
    const isEmpty = this.#levels.every((hashes) => hashes.length === 0);
    if (isEmpty) return { rawReads: this.#pending };
    if (this.#pending.length > 0) this.#hashPending();
    this.#foldUp();
    const max_level = this.#levels.length - 1;
    return {
      summary: {
        max_degree: this.#maxDegree,
        max_level,
        max_level_hashes: this.#levels[max_level] ?? []
      }
    };
  }
  #hashPending() {
    const reads = kvrwset.QueryReads.encode({ kv_reads: this.#pending }).finish();
    this.#pending = [];
    this.#add(LEAF_LEVEL, sha2568(reads));
  }
  #add(level, hash) {
    const hashes = this.#levels[level] ?? [];
    this.#levels[level] = hashes;
    hashes.push(hash);
    if (hashes.length > this.#maxDegree) this.#promote(level);
  }
  // One hash goes up as it is; it was a combination already.
  #promote(level) {
    const hashes = this.#levels[level] ?? [];
    this.#levels[level] = [];
    const [only] = hashes;
    this.#add(level + 1, hashes.length === 1 && only ? only : sha2568(concat(...hashes)));
  }
  #foldUp() {
    const top = this.#levels.length - 1;
    for (let level = LEAF_LEVEL; level < top; level++) {
      if ((this.#levels[level]?.length ?? 0) > 0) this.#promote(level);
    }
  }
};
function kvRead(key, version) {
  if (!version) return { key };
  return { key, version: { block_num: version.blockNum, tx_num: version.txNum } };
}

// src/ledger/kvledger/txmgmt/range-results.ts
var RangeResults = class {
  query;
  #rows;
  #helper;
  // What the caller has seen; in Fabric too, one that stops early binds itself to the rows before only.
  #endKey = "";
  #exhausted = false;
  #returned = 0;
  #ahead;
  /** @param record whether this is a simulation. */
  constructor(query, rows2, record) {
    this.query = query;
    this.#rows = rows2;
    this.#helper = record ? new RangeQueryResultsHelper() : void 0;
  }
  async next() {
    const row = await this.#row();
    if (!row) {
      this.#exhausted = true;
      this.#endKey = this.query.endKey;
      return void 0;
    }
    const [stateKey2, { value, version }] = row;
    const key = binaryToUtf8(splitStateKey(stateKey2).binaryKey);
    this.#helper?.addResult(key, version);
    this.#endKey = key;
    return { namespace: this.query.namespace, key, value: value.slice(), version };
  }
  bookmark() {
    return this.#ahead ? binaryToUtf8(splitStateKey(this.#ahead[0]).binaryKey) : "";
  }
  close() {
    void this.#rows.return(void 0);
  }
  /** What is to be recorded of this query; nothing may be read afterwards. */
  rangeQueryInfo() {
    const info = {
      start_key: this.query.startKey,
      end_key: this.#endKey,
      itr_exhausted: this.#exhausted
    };
    const results = this.#helper?.done();
    if (!results) return info;
    if ("summary" in results) return { ...info, reads_merkle_hashes: results.summary };
    if (results.rawReads.length === 0) return info;
    return { ...info, raw_reads: { kv_reads: results.rawReads } };
  }
  // A page reads one row ahead, because its bookmark is the key of the row after the last one read. The end of a page counts
  // as the end of the range.
  async #row() {
    const { pageSize } = this.query;
    if (pageSize === 0) return this.#read();
    if (this.#returned >= pageSize) return void 0;
    const row = this.#returned === 0 ? await this.#read() : this.#ahead;
    this.#returned++;
    this.#ahead = row && await this.#read();
    return row;
  }
  async #read() {
    const { value, done } = await this.#rows.next();
    return done ? void 0 : value;
  }
};

// src/ledger/kvledger/txmgmt/private-reader.ts
var PrivateReader = class {
  #snapshot;
  #builder;
  #collections;
  #ranges = [];
  // By namespace, the collections of which values were read.
  #reads = /* @__PURE__ */ new Map();
  constructor(snapshot, builder, collections) {
    this.#snapshot = snapshot;
    this.#builder = builder;
    this.#collections = collections;
  }
  async getPrivateData(namespace, collection, key) {
    checkCollection(this.#collections, namespace, collection);
    const [clear, hashed] = await this.#snapshot.getMany([
      stateKey(pvtDataNs(namespace, collection), key),
      hashKey(namespace, collection, key)
    ]);
    if (!sameVersion(clear?.version, hashed?.version)) {
      const text2 = `private data matching public hash version is not available. Public hash version = ${shown(hashed?.version)}, Private data version = ${shown(clear?.version)}`;
      throw new LedgerError("PRIVATE_DATA_MISSING", text2);
    }
    this.#builder?.collection(namespace, collection).addRead(key, clear?.version);
    const reads = this.#reads.get(namespace) ?? /* @__PURE__ */ new Set();
    this.#reads.set(namespace, reads.add(collection));
    return clear?.value.slice();
  }
  /** The collections of which values were read, which only their members' peers can do (Fabric's PrivateReads). */
  privateReads() {
    return [...this.#reads].flatMap(
      ([namespace, collections]) => [...collections].map((collection) => ({ namespace, collection }))
    );
  }
  async getPrivateDataHash(namespace, collection, key) {
    return (await this.#readHash(namespace, collection, key))?.value.slice();
  }
  async getPrivateDataMetadata(namespace, collection, key) {
    const found = await this.#readHash(namespace, collection, key);
    return deserializeMetadata(found?.metadata.slice() ?? new Uint8Array());
  }
  /** Nothing is recorded of it, which is why only a transaction without writes may ask. */
  getPrivateDataRange(namespace, collection, startKey, endKey) {
    checkCollection(this.#collections, namespace, collection);
    const range = stateRange(pvtDataNs(namespace, collection), startKey, endKey);
    const query = { namespace, startKey, endKey, pageSize: 0 };
    const results = new RangeResults(query, this.#snapshot.range(range), false);
    this.#ranges.push(results);
    return results;
  }
  close() {
    for (const range of this.#ranges) range.close();
  }
  async #readHash(namespace, collection, key) {
    checkCollection(this.#collections, namespace, collection);
    const found = await this.#snapshot.get(hashKey(namespace, collection, key));
    this.#builder?.collection(namespace, collection).addRead(key, found?.version);
    return found;
  }
};
function hashKey(namespace, collection, key) {
  return stateKeyOfBinary(hashedDataNs(namespace, collection), toBinary(sha2569(utf8(key))));
}
function sameVersion(a, b) {
  return a?.blockNum === b?.blockNum && a?.txNum === b?.txNum;
}
function shown(version) {
  return version ? `{BlockNum: ${version.blockNum}, TxNum: ${version.txNum}}` : "<nil>";
}

// src/ledger/kvledger/txmgmt/statedb/richquery/json.ts
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isArray(value) {
  return Array.isArray(value);
}
var decoder = new TextDecoder("utf-8", { ignoreBOM: true });
var OPENING_BRACE = /^[ \t\r\n]*\{/;
var LARGE_NUMBER = /[eE]\+?\d{3}|\d{300}/;
var MAX_NESTING = 1e4;
var OPENING = /[[{]/g;
function documentOf(value) {
  const text2 = decoder.decode(value);
  if (!OPENING_BRACE.test(text2)) return void 0;
  try {
    const parsed = JSON.parse(text2);
    if (!isObject(parsed)) return void 0;
    return isDoubtful(text2) && !isReadByGo(parsed) ? void 0 : parsed;
  } catch {
    return void 0;
  }
}
function isDoubtful(text2) {
  if (LARGE_NUMBER.test(text2)) return true;
  return text2.length > 2 * MAX_NESTING && (text2.match(OPENING)?.length ?? 0) > MAX_NESTING;
}
function isReadByGo(document) {
  const todo = [[document, 1]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [value, depth] = next;
    if (typeof value === "number" && !Number.isFinite(value)) return false;
    if (typeof value !== "object" || value === null) continue;
    if (depth > MAX_NESTING) return false;
    for (const member of Object.values(value)) todo.push([member, depth + 1]);
  }
  return true;
}

// src/ledger/kvledger/txmgmt/statedb/richquery/key-value-rules.ts
function problemOfKey(key) {
  if (key === "") return "invalid key. Empty string is not supported as a key by couchdb";
  return key.startsWith("_") ? `invalid key [${key}], cannot begin with "_"` : void 0;
}
function problemOfKeyValue(key, value) {
  const problem = problemOfKey(key);
  if (problem !== void 0) return problem;
  const reserved = Object.keys(documentOf(value) ?? {}).find(
    (name) => name === "~version" || name.startsWith("_")
  );
  return reserved === void 0 ? void 0 : `field [${reserved}] is not valid for the CouchDB state database`;
}

// src/ledger/kvledger/txmgmt/statedb/richquery/query-error.ts
function queryError(error, reason) {
  const text2 = `error handling CouchDB request. Error:${error},  Status Code:400,  Reason:${reason}`;
  return new LedgerError("QUERY_INVALID", text2, { data: { error, reason } });
}

// src/ledger/kvledger/txmgmt/statedb/richquery/bookmark.ts
var NO_ROWS = "nil";
function encodeBookmark(last) {
  return last ? toBase64(utf8(JSON.stringify([last.key, ...last.sortedBy]))) : NO_ROWS;
}
function decodeBookmark(bookmark, sortFields) {
  if (bookmark === "" || bookmark === NO_ROWS) return void 0;
  try {
    const [key, ...sortedBy] = JSON.parse(fromUtf8(fromBase64(bookmark)));
    if (typeof key === "string" && sortedBy.length === sortFields) return { key, sortedBy };
  } catch {
  }
  throw queryError("invalid_bookmark", `Invalid bookmark value: ${bookmark.slice(0, 200)}`);
}

// src/ledger/kvledger/txmgmt/statedb/richquery/rich-results.ts
var RichResults = class {
  #rows;
  #pageSize;
  #builder;
  #returned = 0;
  #last;
  /**
   * @param pageSize 0 for all.
   * @param builder takes the reads.
   */
  constructor(rows2, pageSize, builder) {
    this.#rows = rows2;
    this.#pageSize = pageSize;
    this.#builder = builder;
  }
  async next() {
    if (this.#pageSize > 0 && this.#returned >= this.#pageSize) return void 0;
    const { value, done } = await this.#rows.next();
    if (done) return void 0;
    const { result, position } = value;
    this.#returned++;
    this.#last = position;
    this.#builder?.addToReadSet(result.namespace, result.key, result.version);
    return result;
  }
  bookmark() {
    return encodeBookmark(this.#last);
  }
  close() {
    void this.#rows.return(void 0);
  }
};

// src/ledger/kvledger/txmgmt/query-executor.ts
var StateQueryExecutor = class {
  #snapshot;
  #builder;
  #private;
  #collections;
  #richQueries;
  #ranges = [];
  #richResults = [];
  #ended = false;
  /** @param snapshot released by `done()`. */
  constructor(snapshot, builder, { collections, richQueries } = {}) {
    this.#collections = collections;
    this.#richQueries = richQueries;
    this.#snapshot = snapshot;
    this.#builder = builder;
    this.#private = new PrivateReader(snapshot, builder, collections);
  }
  async getState(namespace, key) {
    const found = await this.#read(namespace, key);
    return found?.value.slice();
  }
  async getStateMultipleKeys(namespace, keys) {
    this.checkLive();
    for (const key of keys) this.#checkKey(key);
    const found = await this.#snapshot.getMany(keys.map((key) => stateKey(namespace, key)));
    keys.forEach((key, i) => {
      this.#builder?.addToReadSet(namespace, key, found[i]?.version);
    });
    return found.map((value) => value?.value.slice());
  }
  async getStateRange(namespace, startKey, endKey) {
    return this.getStateRangePaged(namespace, startKey, endKey, 0);
  }
  async getStateRangePaged(namespace, startKey, endKey, pageSize) {
    this.checkLive();
    const rows2 = this.#snapshot.range(stateRange(namespace, startKey, endKey));
    const query = { namespace, startKey, endKey, pageSize };
    const results = new RangeResults(query, rows2, this.#builder !== void 0);
    this.#ranges.push(results);
    return results;
  }
  async executeQuery(namespace, query) {
    this.checkLive();
    if (!this.#richQueries) throw richQueryUnsupported("ExecuteQuery");
    return this.executeQueryPaged(namespace, query, "", 0);
  }
  async executeQueryPaged(namespace, query, bookmark, pageSize) {
    this.checkLive();
    if (!this.#richQueries) throw richQueryUnsupported("ExecuteQueryWithPagination");
    const rows2 = await this.#richQueries.execute(namespace, query, bookmark, this.#snapshot);
    const results = new RichResults(rows2, pageSize, this.#builder);
    this.#richResults.push(results);
    return results;
  }
  async getStateMetadata(namespace, key) {
    const found = await this.#read(namespace, key);
    return deserializeMetadata(found?.metadata.slice() ?? new Uint8Array());
  }
  async getPrivateData(namespace, collection, key) {
    this.checkLive();
    return this.#private.getPrivateData(namespace, collection, key);
  }
  async getPrivateDataHash(namespace, collection, key) {
    this.checkLive();
    return this.#private.getPrivateDataHash(namespace, collection, key);
  }
  async getPrivateDataMetadata(namespace, collection, key) {
    this.checkLive();
    return this.#private.getPrivateDataMetadata(namespace, collection, key);
  }
  async getPrivateDataRange(namespace, collection, startKey, endKey) {
    this.checkLive();
    return this.#private.getPrivateDataRange(namespace, collection, startKey, endKey);
  }
  /** Nothing is recorded of it; see getPrivateDataRange. */
  async executeQueryOnPrivateData(namespace, collection, query) {
    checkCollection(this.#collections, namespace, collection);
    this.checkLive();
    if (!this.#richQueries) throw richQueryUnsupported("ExecuteQuery");
    const where = pvtDataNs(namespace, collection);
    const rows2 = await this.#richQueries.execute(where, query, "", this.#snapshot);
    const results = new RichResults(rows2, 0, void 0);
    this.#richResults.push(results);
    return {
      next: async () => {
        const row = await results.next();
        return row && { ...row, namespace };
      },
      close: () => results.close()
    };
  }
  /** The collections of which values were read. */
  privateReads() {
    return this.#private.privateReads();
  }
  /** Adds the range queries to the builder, in the order they were made. */
  recordRangeQueries() {
    for (const range of this.#ranges) {
      this.#builder?.addToRangeQuerySet(range.query.namespace, range.rangeQueryInfo());
    }
  }
  /** Throws LedgerError EXECUTOR_DONE after `done()`. */
  checkLive() {
    if (!this.#ended) return;
    throw new LedgerError("EXECUTOR_DONE", "this instance should not be used after calling Done()");
  }
  done() {
    this.#ended = true;
    for (const results of [...this.#ranges, ...this.#richResults]) results.close();
    this.#private.close();
    this.#snapshot.release();
  }
  async #read(namespace, key) {
    this.checkLive();
    this.#checkKey(key);
    const found = await this.#snapshot.get(stateKey(namespace, key));
    this.#builder?.addToReadSet(namespace, key, found?.version);
    return found;
  }
  #checkKey(key) {
    const problem = this.#richQueries && problemOfKey(key);
    if (problem !== void 0) throw new LedgerError("WRITE_INVALID", problem);
  }
};
function richQueryUnsupported(call) {
  return new LedgerError("RICH_QUERY_UNSUPPORTED", `${call} not supported for leveldb`);
}

// src/ledger/kvledger/txmgmt/statedb/richquery/change-log.ts
var MAX_KEYS = 2e4;
var MAX_BLOCKS = 1e3;
var ChangeLog = class {
  // Of blocks without a gap.
  #blocks = [];
  #next = 0;
  #keys = 0;
  /** Takes the public keys of the next block. */
  record(blockNum, batch) {
    if (blockNum !== this.#next) this.#clear();
    const changes = /* @__PURE__ */ new Map();
    for (const namespace of batch.namespaces()) {
      const keys = batch.updates(namespace, "")?.keys() ?? [];
      this.#keys += keys.length;
      changes.set(
        namespace,
        keys.map((key) => stateKeyOfBinary(namespace, key))
      );
    }
    this.#blocks.push(changes);
    this.#next = blockNum + 1;
    while (this.#keys > MAX_KEYS || this.#blocks.length > MAX_BLOCKS) this.#dropOldest();
  }
  /** State keys of a namespace that the blocks after `from` up to `to` changed; undefined when it is not known. */
  between(namespace, from, to) {
    const oldest = this.#next - this.#blocks.length;
    if (from >= to) return /* @__PURE__ */ new Set();
    if (from + 1 < oldest || to >= this.#next) return void 0;
    const blocks = this.#blocks.slice(from + 1 - oldest, to + 1 - oldest);
    return new Set(blocks.flatMap((changes) => changes.get(namespace) ?? []));
  }
  #dropOldest() {
    for (const keys of this.#blocks.shift()?.values() ?? []) this.#keys -= keys.length;
  }
  #clear() {
    this.#blocks.length = 0;
    this.#keys = 0;
  }
};

// src/ledger/kvledger/txmgmt/statedb/richquery/collate.ts
var collator = new Intl.Collator("en", {
  usage: "sort",
  sensitivity: "variant",
  ignorePunctuation: false,
  numeric: false,
  caseFirst: "false"
});
function compareJson(a, b) {
  const todo = [];
  let order = compareHeads(a, b, todo);
  for (let next = todo.pop(); order === 0 && next !== void 0; next = todo.pop()) {
    order = typeof next === "number" ? next : compareHeads(next[0], next[1], todo);
  }
  return order;
}
function compareHeads(a, b, todo) {
  const byType = rankOf(a) - rankOf(b);
  if (byType !== 0) return byType;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return collator.compare(a, b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return 0;
  if (isArray(a)) {
    if (isArray(b)) pushArrays(a, b, todo);
  } else if (!isArray(b)) pushObjects(a, b, todo);
  return 0;
}
function compareId(id, b) {
  return typeof b === "string" ? compareUtf8(id, b) : 1;
}
function rankOf(value) {
  if (value === null) return 0;
  if (value === false) return 1;
  if (value === true) return 2;
  if (typeof value === "number") return 3;
  if (typeof value === "string") return 4;
  return isArray(value) ? 5 : 6;
}
function compareArrays(a, b) {
  return compareJson(a, b);
}
function pushArrays(a, b, todo) {
  todo.push(a.length - b.length);
  for (let i = Math.min(a.length, b.length) - 1; i >= 0; i--) {
    todo.push([a[i], b[i]]);
  }
}
function pushObjects(a, b, todo) {
  const namesA = Object.keys(a).sort(compareUtf8);
  const namesB = Object.keys(b).sort(compareUtf8);
  todo.push(namesA.length - namesB.length);
  for (let i = Math.min(namesA.length, namesB.length) - 1; i >= 0; i--) {
    const [nameA, nameB] = [namesA[i], namesB[i]];
    todo.push([a[nameA], b[nameB]], [nameA, nameB]);
  }
}
function isSameJson(a, b) {
  const todo = [[a, b]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [left, right] = next;
    const isScalar = typeof left !== "object" || left === null;
    if (isScalar || typeof right !== "object" || right === null) {
      if (left !== right) return false;
      continue;
    }
    const names = Object.keys(left);
    if (isArray(left) !== isArray(right) || names.length !== Object.keys(right).length) {
      return false;
    }
    for (const name of names) {
      if (!Object.hasOwn(right, name)) return false;
      todo.push([left[name], right[name]]);
    }
  }
  return true;
}

// src/ledger/kvledger/txmgmt/statedb/richquery/document.ts
function keyOf(stateKey2) {
  return binaryToUtf8(splitStateKey(stateKey2).binaryKey);
}
function decodeDocument(stateKey2, { value }) {
  return { ...documentOf(value), _id: keyOf(stateKey2) };
}

// src/ledger/kvledger/txmgmt/statedb/richquery/field-path.ts
function parseField(name) {
  const parts = name.split(/(?<!\\)\./);
  if (parts.includes("")) throw queryError("invalid_field_name", `Invalid field name: ${name}`);
  return parts.map((part) => part.replaceAll("\\", ""));
}
function fieldName(path) {
  return path.map((part) => part.replaceAll(".", "\\.")).join(".");
}
var INTEGER = /^[+-]?\d+$/;
function getField(from, path) {
  let value = from;
  for (const name of path) {
    if (isObject(value)) {
      if (!Object.hasOwn(value, name)) return "not_found";
      value = value[name];
    } else if (isArray(value) && INTEGER.test(name)) {
      const element = value[Number(name)];
      if (element === void 0) return "bad_path";
      value = element;
    } else {
      return "bad_path";
    }
  }
  return { value };
}
function valueAt(from, path) {
  const found = getField(from, path);
  return typeof found === "string" ? void 0 : found.value;
}

// src/ledger/kvledger/txmgmt/statedb/richquery/matcher.ts
function matches(selector, value) {
  switch (selector.op) {
    case "and":
      return selector.args.every((arg) => matches(arg, value));
    case "or":
      return selector.args.length === 0 || selector.args.some((arg) => matches(arg, value));
    case "field":
      return matchesField(selector, value);
  }
}
function matchesField({ path, condition }, document) {
  const found = getField(document, path);
  if (found === "bad_path") return false;
  if (found === "not_found") return condition.op === "$exists" && !condition.arg;
  const isId = path.length === 1 && path[0] === "_id";
  return test(condition, found.value, isId ? compareIds : compareJson);
}
var compareIds = (value, arg) => typeof value === "string" ? compareId(value, arg) : compareJson(value, arg);
function test(condition, value, compare) {
  switch (condition.op) {
    case "$in":
      return isIn(value, condition.arg, compare);
    case "$nin":
      return !isIn(value, condition.arg, compare);
    case "$exists":
      return condition.arg;
    case "$not":
      return !test(condition.arg, value, compare);
    case "$all":
    case "$size":
    case "$elemMatch":
    case "$allMatch":
      return isArray(value) && testArray(condition, value);
    case "$type":
    case "$mod":
    case "$regex":
    case "$beginsWith":
    case "$keyMapMatch":
      return testValue(condition, value);
    default:
      return testOrder(condition.op, compare(value, condition.arg));
  }
}
function testOrder(op, order) {
  switch (op) {
    case "$lt":
      return order < 0;
    case "$lte":
      return order <= 0;
    case "$eq":
      return order === 0;
    case "$ne":
      return order !== 0;
    case "$gte":
      return order >= 0;
    case "$gt":
      return order > 0;
  }
}
function testArray(condition, values2) {
  switch (condition.op) {
    case "$size":
      return values2.length === condition.arg;
    case "$all":
      return hasAll(values2, condition.arg);
    case "$elemMatch":
      return values2.some((value) => matches(condition.arg, value));
    case "$allMatch":
      return values2.length > 0 && values2.every((value) => matches(condition.arg, value));
  }
}
function testValue(condition, value) {
  switch (condition.op) {
    case "$type":
      return typeOf(value) === condition.arg;
    case "$mod":
      return Number.isInteger(value) && Number(value) % condition.divisor === condition.remainder;
    case "$regex":
      return typeof value === "string" && condition.matches(value);
    case "$beginsWith":
      return typeof value === "string" && value.startsWith(condition.arg);
    case "$keyMapMatch":
      return isObject(value) && Object.keys(value).some((name) => matches(condition.arg, name));
  }
}
function isIn(value, args, compare) {
  const values2 = isArray(value) ? value : [value];
  return args.some((arg) => values2.some((one) => compare(one, arg) === 0));
}
function hasAll(values2, args) {
  if (args.length === 0) return false;
  if (args.every((arg) => values2.some((value) => isSameJson(value, arg)))) return true;
  const [only] = args;
  return args.length === 1 && only !== void 0 && isArray(only) && isSameJson(only, values2);
}
function typeOf(value) {
  if (value === null) return "null";
  return isArray(value) ? "array" : typeof value;
}

// src/ledger/kvledger/txmgmt/statedb/richquery/field-index.ts
var FieldIndex = class {
  definition;
  #namespace;
  #changes;
  #updating = new Mutex();
  // Sorted by values, then keys.
  #entries = [];
  #asOf;
  constructor(namespace, definition, changes) {
    this.#namespace = namespace;
    this.definition = definition;
    this.#changes = changes;
  }
  /** State keys of which no match within the range is missing; undefined when that cannot be said. */
  candidates(snapshot, range) {
    return this.#updating.run(async () => {
      const asOf = await this.#follow(snapshot);
      const later = this.#changes.between(this.#namespace, snapshot.asOf, asOf);
      if (!later) return void 0;
      const found = new Set(later);
      for (let i = this.#start(range); i < this.#entries.length; i++) {
        const entry = this.#entries[i];
        if (isBeyond(entry, range)) break;
        found.add(entry.stateKey);
      }
      return found;
    });
  }
  // Brings the index to the snapshot's block, unless it is there or beyond. Gives its block.
  async #follow(snapshot) {
    const { asOf } = snapshot;
    if (this.#asOf !== void 0 && this.#asOf >= asOf) return this.#asOf;
    const changed = this.#asOf === void 0 ? void 0 : this.#changes.between(this.#namespace, this.#asOf, asOf);
    if (changed) await this.#update(snapshot, [...changed]);
    else await this.#build(snapshot);
    this.#asOf = asOf;
    return asOf;
  }
  async #build(snapshot) {
    const entries = [];
    for await (const [stateKey2, value] of snapshot.range(stateRange(this.#namespace, "", ""))) {
      const entry = this.#entryOf(stateKey2, value);
      if (entry) entries.push(entry);
    }
    this.#entries = entries.sort(compareEntries);
  }
  async #update(snapshot, changed) {
    if (changed.length === 0) return;
    const values2 = await snapshot.getMany(changed);
    const gone = new Set(changed);
    const kept = this.#entries.filter(({ stateKey: stateKey2 }) => !gone.has(stateKey2));
    const added = changed.flatMap((stateKey2, i) => this.#entryOf(stateKey2, values2[i]) ?? []);
    this.#entries = [...kept, ...added.sort(compareEntries)].sort(compareEntries);
  }
  #entryOf(stateKey2, value) {
    if (!value) return void 0;
    const document = decodeDocument(stateKey2, value);
    const { columns, partialFilter } = this.definition;
    if (partialFilter && !matches(partialFilter, document)) return void 0;
    const values2 = columns.map(({ path }) => valueAt(document, path));
    return values2.every((one) => one !== void 0) ? { values: values2, stateKey: stateKey2 } : void 0;
  }
  #start(range) {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = low + high >>> 1;
      if (isBefore(this.#entries[middle], range)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
};
function compareEntries(a, b) {
  return compareArrays(a.values, b.values) || (a.stateKey < b.stateKey ? -1 : 1);
}
function isBefore({ values: values2 }, { prefix, lower }) {
  const order = compareArrays(values2.slice(0, prefix.length), prefix);
  if (order !== 0 || !lower) return order < 0;
  const next = compareJson(values2[prefix.length], lower.value);
  return lower.inclusive ? next < 0 : next <= 0;
}
function isBeyond({ values: values2 }, { prefix, upper }) {
  const order = compareArrays(values2.slice(0, prefix.length), prefix);
  if (order !== 0 || !upper) return order > 0;
  const next = compareJson(values2[prefix.length], upper.value);
  return upper.inclusive ? next > 0 : next >= 0;
}

// src/ledger/kvledger/txmgmt/statedb/richquery/selector.ts
var MAX_DEPTH = 200;
function parseSelector(selector, compile) {
  if (!isObject(selector)) {
    throw queryError("invalid_selector_json", `Selector must be a JSON object, not: ${selector}`);
  }
  if (Object.keys(selector).length === 0) return { op: "and", args: [] };
  const parsed = new SelectorParser(compile).parse(selector, [], false, 0);
  if (parsed.op === "field" && parsed.path.length === 0) {
    const text2 = "One or more conditions is missing a field name.";
    throw queryError("invalid_selector", text2);
  }
  return parsed;
}
var SelectorParser = class {
  #compile;
  constructor(compile) {
    this.#compile = compile;
  }
  parse(value, path, negated, depth) {
    if (depth > MAX_DEPTH) throw queryError("invalid_selector", "The selector is nested too deep");
    const entries = isObject(value) ? Object.entries(value) : [];
    if (entries.length === 0) return this.#field(path, { op: "$eq", arg: value }, negated);
    const args = entries.map(([name, arg]) => this.#entry(name, arg, path, negated, depth + 1));
    return args.length === 1 ? args[0] : { op: negated ? "or" : "and", args };
  }
  #entry(name, arg, path, negated, depth) {
    const list2 = (op, negateArgs) => {
      if (!Array.isArray(arg)) throw badArg(name, arg);
      return { op, args: arg.map((sub) => this.parse(sub, path, negateArgs, depth)) };
    };
    switch (name) {
      // Moving a negation inwards swaps the two.
      case "$and":
        return list2(negated ? "or" : "and", negated);
      case "$or":
        return list2(negated ? "and" : "or", negated);
      case "$nor":
        return list2(negated ? "or" : "and", !negated);
      case "$not":
        if (!isObject(arg)) throw badArg(name, arg);
        return this.parse(arg, path, !negated, depth);
    }
    if (name.startsWith("$")) return this.#field(path, this.#condition(name, arg, depth), negated);
    return this.parse(arg, [...path, ...parseField(name)], negated, depth);
  }
  #field(path, condition, negated) {
    return { op: "field", path, condition: negated ? negate(condition) : condition };
  }
  #condition(op, arg, depth) {
    switch (op) {
      case "$lt":
      case "$lte":
      case "$eq":
      case "$ne":
      case "$gte":
      case "$gt":
        return { op, arg };
      case "$in":
      case "$nin":
      case "$all":
        if (!Array.isArray(arg)) throw badArg(op, arg);
        return { op, arg };
      case "$elemMatch":
      case "$allMatch":
      case "$keyMapMatch":
        if (!isObject(arg)) throw badArg(op, arg);
        return { op, arg: this.parse(arg, [], false, depth) };
      default:
        return this.#scalarCondition(op, arg);
    }
  }
  #scalarCondition(op, arg) {
    switch (op) {
      case "$exists":
        if (typeof arg !== "boolean") throw badArg(op, arg);
        return { op, arg };
      case "$type":
      case "$beginsWith":
        if (typeof arg !== "string") throw badArg(op, arg);
        return { op, arg };
      case "$size":
        if (!Number.isSafeInteger(arg) || Number(arg) < 0) throw badArg(op, arg);
        return { op, arg: Number(arg) };
      case "$mod":
        return { op, ...modulus(arg) };
      case "$regex":
        if (typeof arg !== "string") throw badArg(op, arg);
        return { op, matches: this.#compile(arg) };
      default:
        throw queryError("invalid_operator", `Invalid operator: ${op}`);
    }
  }
};
function modulus(arg) {
  const [divisor, remainder, ...rest] = Array.isArray(arg) ? arg : [];
  const isGood = Number.isSafeInteger(divisor) && Number.isSafeInteger(remainder);
  if (!isGood || divisor === 0 || rest.length > 0) throw badArg("$mod", arg);
  return { divisor, remainder };
}
var OPPOSITES = {
  $lt: "$gte",
  $lte: "$gt",
  $eq: "$ne",
  $ne: "$eq",
  $gte: "$lt",
  $gt: "$lte"
};
function negate(condition) {
  switch (condition.op) {
    case "$lt":
    case "$lte":
    case "$eq":
    case "$ne":
    case "$gte":
    case "$gt":
      return { op: OPPOSITES[condition.op], arg: condition.arg };
    case "$in":
      return { op: "$nin", arg: condition.arg };
    case "$nin":
      return { op: "$in", arg: condition.arg };
    case "$exists":
      return { op: "$exists", arg: !condition.arg };
    case "$not":
      return condition.arg;
    default:
      return { op: "$not", arg: condition };
  }
}
function badArg(op, arg) {
  const text2 = (JSON.stringify(arg) ?? "").slice(0, 200);
  return queryError("bad_arg", `Bad argument for operator ${op}: ${text2}`);
}

// src/ledger/kvledger/txmgmt/statedb/richquery/query.ts
var OPTIONS = /* @__PURE__ */ new Set([
  "selector",
  "use_index",
  "bookmark",
  "limit",
  "skip",
  "sort",
  "fields",
  "r",
  "conflicts",
  "stale",
  "update",
  "stable",
  "execution_stats",
  "allow_fallback"
]);
function parseQuery(text2, compile) {
  const query = parseJson(text2);
  const unknown2 = Object.keys(query).find((name) => !OPTIONS.has(name));
  if (unknown2 !== void 0) {
    throw queryError("invalid_key", `Invalid key ${unknown2} for this request.`);
  }
  if (query.selector === void 0) {
    throw queryError("missing_required_key", "Missing required key: selector");
  }
  return {
    selector: parseSelector(query.selector, compile),
    fields: parseFields(query.fields),
    sort: parseSort(query.sort),
    skip: parseSkip(query.skip),
    bookmark: parseText("bookmark", query.bookmark),
    useIndex: parseUseIndex(query.use_index)
  };
}
function parseSort(sort) {
  if (sort === void 0) return void 0;
  if (!Array.isArray(sort)) {
    throw queryError("invalid_sort_json", `Sort must be an array of sort specs, not: ${sort}`);
  }
  const specs = sort.map(parseSortField);
  if (specs.length === 0) return void 0;
  if (specs.some(({ direction }) => direction !== specs[0]?.direction)) {
    const text2 = "Sorts currently only support a single direction for all fields.";
    throw queryError("unsupported_mixed_sort", text2);
  }
  return {
    fields: specs.map(({ name }) => {
      const path = parseField(name);
      return { name: fieldName(path), path };
    }),
    descending: specs[0]?.direction === "desc"
  };
}
function parseSortField(spec) {
  if (typeof spec === "string" && spec !== "") return { name: spec, direction: "asc" };
  const [[name, direction] = [], ...others] = isObject(spec) ? Object.entries(spec) : [];
  if (name === void 0 || name === "" || others.length > 0) {
    throw queryError("invalid_sort_field", `Invalid sort field: ${JSON.stringify(spec)}`);
  }
  if (direction !== "asc" && direction !== "desc") {
    throw queryError("invalid_sort_dir", `Invalid sort direction: ${JSON.stringify(direction)}`);
  }
  return { name, direction };
}
function parseJson(text2) {
  let parsed;
  try {
    parsed = JSON.parse(text2);
  } catch (cause) {
    throw new LedgerError("QUERY_INVALID", `the query is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (isObject(parsed)) return parsed;
  throw new LedgerError("QUERY_INVALID", "the query is not a JSON object");
}
function parseFields(fields) {
  if (fields === void 0) return void 0;
  if (!Array.isArray(fields)) {
    throw new LedgerError("QUERY_INVALID", "fields definition must be an array");
  }
  return fields.map((field) => {
    if (typeof field === "string") return parseField(field);
    throw queryError("invalid_fields_json", "Fields must be an array of strings");
  });
}
function parseSkip(skip) {
  if (skip === void 0) return 0;
  if (Number.isSafeInteger(skip) && Number(skip) >= 0) return Number(skip);
  throw queryError("invalid_non_neg_integer", `Skip must not be ${JSON.stringify(skip)}`);
}
function parseText(name, value) {
  if (value === void 0) return "";
  if (typeof value === "string") return value;
  throw queryError("invalid_string", `${name} must be a string, not: ${JSON.stringify(value)}`);
}
function parseUseIndex(value) {
  const names = value === void 0 ? [] : Array.isArray(value) ? value : [value];
  if (names.length > 2 || !names.every((name) => typeof name === "string")) {
    throw queryError("invalid_index_name", `Invalid index name: ${JSON.stringify(value)}`);
  }
  return names.map((name, i) => i === 0 ? name.replace(/^_design\//, "") : name);
}

// src/ledger/kvledger/txmgmt/statedb/richquery/index-definition.ts
var MAX_INDEX_BYTES = 64 * 1024;
function parseIndexDefinition(bytes, compile) {
  if (bytes.length > MAX_INDEX_BYTES) throw new Error(`larger than ${MAX_INDEX_BYTES} bytes`);
  const definition = parseJson2(bytes);
  for (const name2 of Object.keys(definition)) {
    if (!["index", "ddoc", "name", "type"].includes(name2)) {
      throw new Error(`"${name2}" is not part of an index definition`);
    }
  }
  const { index, ddoc = "", name = "", type = "json" } = definition;
  if (type !== "json") throw new Error("the type of an index must be json");
  if (typeof ddoc !== "string" || typeof name !== "string") {
    throw new Error("ddoc and name of an index must be strings");
  }
  if (!isObject(index)) throw new Error('the definition has no "index"');
  const sort = parseSort(index.fields);
  if (!sort) throw new Error('the index has no "fields"');
  return {
    ddoc: ddoc.replace(/^_design\//, ""),
    name,
    columns: sort.fields,
    partialFilter: parsePartialFilter(index.partial_filter_selector, compile)
  };
}
function parseJson2(bytes) {
  let parsed;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`not valid JSON: ${messageOf(cause)}`, { cause });
  }
  if (!isObject(parsed)) throw new Error("not a JSON object");
  return parsed;
}
function parsePartialFilter(selector, compile) {
  return selector === void 0 ? void 0 : parseSelector(selector, compile);
}

// src/ledger/kvledger/txmgmt/statedb/richquery/planner.ts
function planQuery(query, indexes) {
  const usable = indexes.filter(({ definition }) => isUsable(definition, query));
  const asked = usable.filter(({ definition }) => isAskedFor(definition, query.useIndex));
  const others = usable.filter(({ definition }) => !definition.partialFilter);
  const [best2] = (asked.length > 0 ? asked : others).map((index) => ({ index, range: rangeOf2(index.definition, query.selector) })).sort((a, b) => widthOf(a) - widthOf(b));
  if (!best2 && query.sort && !isSortedById(query)) {
    const text2 = "No index exists for this sort, try indexing by the sort fields.";
    throw queryError("no_usable_index", text2);
  }
  return best2;
}
function isAskedFor({ ddoc, name }, [wanted, wantedName]) {
  return wanted === ddoc && (wantedName === void 0 || wantedName === name);
}
function widthOf({ index, range }) {
  const bounds = (range.lower ? 1 : 0) + (range.upper ? 1 : 0);
  return index.definition.columns.length - 1e3 * (3 * range.prefix.length + bounds);
}
function isSortedById({ sort, selector }) {
  if (sort?.fields.length !== 1 || sort.fields[0]?.name !== "_id") return false;
  return conditionsOn(selector, "_id").some(({ op }) => INDEXABLE.has(op));
}
function isUsable({ columns }, { selector, sort }) {
  const sorted3 = sort?.fields.map(({ name }) => name) ?? [];
  const names = columns.map(({ name }) => name);
  const required = names.filter((name) => name !== "_id" && !sorted3.includes(name));
  return required.every((name) => requires(selector, name)) && sorts(names, sorted3, selector);
}
function requires(selector, name) {
  switch (selector.op) {
    case "and":
      return selector.args.some((arg) => requires(arg, name));
    case "or":
      return selector.args.length > 0 && selector.args.every((arg) => requires(arg, name));
    case "field": {
      const { condition } = selector;
      const needsNone = condition.op === "$exists" && !condition.arg;
      return !needsNone && fieldName(selector.path) === name;
    }
  }
}
function sorts(columns, sorted3, selector) {
  if (sorted3.length === 0) return true;
  const first = columns.findIndex(
    (name) => name === sorted3[0] || !conditionsOn(selector, name).some(({ op }) => op === "$eq")
  );
  return first >= 0 && sorted3.every((name, i) => columns[first + i] === name);
}
var INDEXABLE = /* @__PURE__ */ new Set(["$lt", "$lte", "$eq", "$gte", "$gt"]);
function conditionsOn(selector, name) {
  if (selector.op === "and") return selector.args.flatMap((arg) => conditionsOn(arg, name));
  if (selector.op !== "field" || fieldName(selector.path) !== name) return [];
  return [selector.condition];
}
function rangeOf2({ columns }, selector) {
  const prefix = [];
  for (const { name } of columns) {
    const conditions = name === "_id" ? [] : conditionsOn(selector, name);
    const equal = conditions.find((condition) => condition.op === "$eq");
    if (equal?.op !== "$eq") return { prefix, ...boundsOf(conditions) };
    prefix.push(equal.arg);
  }
  return { prefix, lower: void 0, upper: void 0 };
}
function boundsOf(conditions) {
  let lower;
  let upper;
  for (const condition of conditions) {
    switch (condition.op) {
      case "$gt":
      case "$gte":
        lower = tighter(lower, { value: condition.arg, inclusive: condition.op === "$gte" }, 1);
        break;
      case "$lt":
      case "$lte":
        upper = tighter(upper, { value: condition.arg, inclusive: condition.op === "$lte" }, -1);
    }
  }
  return { lower, upper };
}
function tighter(known, bound, sign) {
  if (!known) return bound;
  const order = sign * compareJson(bound.value, known.value);
  return order > 0 || order === 0 && !bound.inclusive ? bound : known;
}

// src/ledger/kvledger/txmgmt/statedb/richquery/projection.ts
function project(document, fields) {
  const shown2 = /* @__PURE__ */ new Map();
  for (const path of fields) {
    const value = path[0] === "_id" ? void 0 : valueAt(document, path);
    if (value !== void 0) set(shown2, path, value);
  }
  return utf8(marshal(shown2));
}
function set(tree, [name = "", ...rest], value) {
  if (rest.length === 0) {
    tree.set(name, value);
    return;
  }
  const known = tree.get(name);
  const branch = known instanceof Map ? known : branchOf(known);
  tree.set(name, branch);
  set(branch, rest, value);
}
function branchOf(known) {
  return new Map(typeof known === "object" && known !== null ? Object.entries(known) : []);
}
function marshal(value) {
  if (typeof value === "string") return marshalString(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (!(value instanceof Map) && isArray(value)) return `[${value.map(marshal).join(",")}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const members = entries.sort(([a], [b]) => compareUtf8(a, b)).map(([name, member]) => `${marshalString(name)}:${marshal(member)}`);
  return `{${members.join(",")}}`;
}
function marshalString(text2) {
  return JSON.stringify(text2).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}

// src/ledger/kvledger/txmgmt/statedb/richquery/regex.ts
var MAX_PATTERN_CHARACTERS = 2e3;
async function loadRegexCompiler() {
  const { RE2JS } = await import("re2js");
  return (pattern) => {
    if (pattern.length > MAX_PATTERN_CHARACTERS) throw badPattern("it is too long");
    try {
      const compiled = RE2JS.compile(pattern);
      return (text2) => compiled.matcher(text2).find();
    } catch (error) {
      throw badPattern(messageOf(error));
    }
  };
}
function badPattern(why) {
  return queryError("bad_arg", `Bad argument for operator $regex: ${why}`);
}

// src/ledger/kvledger/txmgmt/statedb/richquery/rich-queries.ts
var READ_BATCH = 200;
var RichQueries = class {
  #changes = new ChangeLog();
  #indexes = /* @__PURE__ */ new Map();
  /** Takes what a block changed, after it was applied to the state. */
  applied(blockNum, batch) {
    this.#changes.record(blockNum, batch);
  }
  /**
   * Sets the indexes of a chaincode from the files of its package, by their paths below META-INF (Fabric's
   * ProcessIndexesForChaincodeDeploy). Gives one line for each file that is no index; the others count.
   */
  async processIndexesForChaincodeDeploy(namespace, metaInf) {
    const problems = [];
    const indexes = /* @__PURE__ */ new Map();
    for (const [path, bytes] of metaInf) {
      if (!/^statedb\/couchdb\/indexes\/[^/]+\.json$/.test(path)) continue;
      try {
        const compile = await compilerFor(fromUtf8(bytes));
        const definition = parseIndexDefinition(bytes, compile);
        const id = JSON.stringify([definition.ddoc, definition.name]);
        indexes.set(id, new FieldIndex(namespace, definition, this.#changes));
      } catch (error) {
        problems.push(`${path}: ${messageOf(error)}`);
      }
    }
    this.#indexes.set(namespace, [...indexes.values()]);
    return problems;
  }
  /**
   * Rows that a query gives, from after `bookmark` on. Throws LedgerError QUERY_INVALID.
   *
   * @param bookmark of the page before; `''` for what the query itself says.
   */
  async execute(namespace, text2, bookmark, snapshot) {
    const query = parseQuery(text2, await compilerFor(text2));
    const plan = planQuery(query, this.#indexes.get(namespace) ?? []);
    const after = decodeBookmark(bookmark || query.bookmark, query.sort?.fields.length ?? 0);
    return rowsOf(namespace, query, plan, after, snapshot);
  }
};
async function compilerFor(query) {
  if (/regex|\\u/.test(query)) return loadRegexCompiler();
  return () => {
    throw new TypeError("no $regex was seen");
  };
}
async function* rowsOf(namespace, query, plan, after, snapshot) {
  const first = after && !query.sort ? `${after.key}\0` : "";
  const found = matchesOf(namespace, query, plan, first, snapshot);
  const ordered = query.sort ? await sorted(namespace, found, query, after) : unsorted(found);
  let toSkip = query.skip;
  for await (const { match, sortedBy } of ordered) {
    if (toSkip-- > 0) continue;
    const { value, version } = match.value;
    const key = keyOf(match.stateKey);
    const shown2 = query.fields ? project(match.document, query.fields) : value.slice();
    yield { result: { namespace, key, value: shown2, version }, position: { key, sortedBy } };
  }
}
async function* unsorted(found) {
  for await (const match of found) yield { match, sortedBy: [] };
}
async function sorted(namespace, found, { sort }, after) {
  const all = [];
  for await (const match of found) {
    const values2 = sort?.fields.map(({ path }) => valueAt(match.document, path)) ?? [];
    if (values2.every((value) => value !== void 0)) all.push({ match, sortedBy: values2 });
  }
  const sign = sort?.descending ? -1 : 1;
  const isId = sort?.fields[0]?.name === "_id";
  const order = (a, b, bKey) => sign * ((isId ? 0 : compareArrays(a.sortedBy, b)) || byCode(a.match.stateKey, bKey));
  all.sort((a, b) => order(a, b.sortedBy, b.match.stateKey));
  if (!after) return all;
  const afterKey = stateKey(namespace, after.key);
  return all.filter((row) => order(row, after.sortedBy, afterKey) > 0);
}
async function* matchesOf(namespace, { selector }, plan, first, snapshot) {
  const candidates = await plan?.index.candidates(snapshot, plan.range);
  const rows2 = candidates ? readAll(snapshot, candidates, stateKey(namespace, first)) : snapshot.range(stateRange(namespace, first, ""));
  const filter = plan?.index.definition.partialFilter;
  for await (const [key, value] of rows2) {
    const document = decodeDocument(key, value);
    if (filter && !matches(filter, document)) continue;
    if (matches(selector, document)) yield { stateKey: key, value, document };
  }
}
async function* readAll(snapshot, stateKeys, first) {
  const wanted = [...stateKeys].filter((key) => key >= first).sort(byCode);
  for (let i = 0; i < wanted.length; i += READ_BATCH) {
    const batch = wanted.slice(i, i + READ_BATCH);
    const values2 = await snapshot.getMany(batch);
    for (const [j, key] of batch.entries()) {
      const value = values2[j];
      if (value) yield [key, value];
    }
  }
}

// src/ledger/kvledger/txmgmt/statedb/memtable.ts
var ENTRY_BYTES = 200;
var Memtable = class {
  // Entries of a key in order of blocks.
  #chains = new SortedMap();
  #entries = 0;
  #bytes = 0;
  get entries() {
    return this.#entries;
  }
  /** What it holds, roughly, in bytes. */
  get bytes() {
    return this.#bytes;
  }
  put(key, entry) {
    const chain = this.#chains.get(key);
    if (chain) chain.push(entry);
    else this.#chains.set(key, [entry]);
    this.#count(key, entry, 1);
  }
  /** What block `asOf` and those before it made of a key; undefined when they did not touch it. */
  get(key, asOf) {
    return this.#chains.get(key)?.findLast(({ blockNum }) => blockNum <= asOf);
  }
  /** Keys of a range that were touched up to block `asOf`, in order. */
  slice(range, asOf) {
    return this.#chains.keys(range).flatMap((key) => {
      const entry = this.get(key, asOf);
      return entry ? [[key, entry.value]] : [];
    });
  }
  /** What is to be stored of the blocks up to `asOf`. */
  collect(asOf) {
    const found = [];
    for (const [key] of this.#chains.entries()) {
      const entry = this.get(key, asOf);
      if (entry) found.push([key, entry.value]);
    }
    return found;
  }
  /** Forgets the blocks up to `asOf`, which are stored. */
  drop(asOf) {
    for (const [key, chain] of [...this.#chains.entries()]) {
      const kept = chain.filter((entry) => {
        if (entry.blockNum > asOf) return true;
        this.#count(key, entry, -1);
        return false;
      });
      if (kept.length === 0) this.#chains.delete(key);
      else if (kept.length < chain.length) this.#chains.set(key, kept);
    }
  }
  #count(key, { value }, sign) {
    this.#entries += sign;
    const content = value ? value.value.length + value.metadata.length : 0;
    this.#bytes += sign * (ENTRY_BYTES + key.length + content);
  }
};

// src/ledger/kvledger/txmgmt/statedb/read-cache.ts
var ENTRY_BYTES2 = 200;
var TX_BITS = 22;
var ABSENT = -1;
var ReadCache = class {
  #limits;
  #values = /* @__PURE__ */ new Map();
  // Of keys that are not in `#values`.
  #versions = /* @__PURE__ */ new Map();
  #bytes = 0;
  constructor(limits) {
    this.#limits = limits;
  }
  has(key) {
    return this.#values.has(key);
  }
  /** The stored value; undefined when the key is known to be absent, or not known. */
  get(key) {
    const value = this.#values.get(key);
    if (this.#values.delete(key)) this.#values.set(key, value);
    return value;
  }
  hasVersion(key) {
    return this.#values.has(key) || this.#versions.has(key);
  }
  /** The version of the stored value; undefined when the key is known to be absent, or not known. */
  version(key) {
    const packed = this.#versions.get(key);
    return packed === void 0 ? this.get(key)?.version : unpacked(packed);
  }
  set(key, value) {
    this.#forget(key);
    this.#versions.delete(key);
    this.#values.set(key, value);
    this.#bytes += sizeOf(key, value);
    for (const [oldest, old] of this.#values) {
      if (this.#bytes <= this.#limits.cacheBytes) return;
      this.#forget(oldest);
      this.#rememberVersion(oldest, old?.version);
    }
  }
  #rememberVersion(key, version) {
    const packed = version ? version.blockNum * 2 ** TX_BITS + version.txNum : ABSENT;
    if (!Number.isSafeInteger(packed) || version && version.txNum >= 2 ** TX_BITS) return;
    this.#versions.set(key, packed);
    if (this.#versions.size <= this.#limits.cacheVersions) return;
    const [oldest] = this.#versions.keys();
    if (oldest !== void 0) this.#versions.delete(oldest);
  }
  #forget(key) {
    if (!this.#values.has(key)) return;
    this.#bytes -= sizeOf(key, this.#values.get(key));
    this.#values.delete(key);
  }
};
function unpacked(packed) {
  if (packed === ABSENT) return void 0;
  const blockNum = Math.floor(packed / 2 ** TX_BITS);
  return { blockNum, txNum: packed - blockNum * 2 ** TX_BITS };
}
function sizeOf(key, value) {
  return ENTRY_BYTES2 + key.length + (value ? value.value.length + value.metadata.length : 0);
}

// src/ledger/kvledger/txmgmt/statedb/state-snapshot.ts
var ReadSnapshot = class {
  asOf;
  #db;
  #onRelease;
  #state = "live";
  constructor(asOf, db, onRelease) {
    this.asOf = asOf;
    this.#db = db;
    this.#onRelease = onRelease;
  }
  async get(stateKey2) {
    const [value] = await this.getMany([stateKey2]);
    return value;
  }
  async getMany(stateKeys) {
    this.#check();
    const values2 = await this.#db.readMany(stateKeys, this.asOf);
    this.#check();
    return values2;
  }
  async getVersions(stateKeys) {
    this.#check();
    const versions = await this.#db.readVersions(stateKeys, this.asOf);
    this.#check();
    return versions;
  }
  async *range(range) {
    this.#check();
    for await (const row of this.#db.scan(range, this.asOf)) {
      this.#check();
      yield row;
    }
    this.#check();
  }
  release() {
    if (this.#state === "live") this.#state = "released";
    this.#onRelease();
  }
  expire() {
    this.#state = "expired";
    this.#onRelease();
  }
  #check() {
    if (this.#state === "live") return;
    if (this.#state === "released") {
      throw new LedgerError("EXECUTOR_DONE", "this query or simulation was ended by done()");
    }
    const text2 = `the state as of block ${this.asOf} had to be given up for newer blocks; simulate again`;
    throw new LedgerError("SNAPSHOT_EXPIRED", text2);
  }
};

// src/ledger/kvledger/txmgmt/statedb/update-batch.ts
var UpdateBatch = class {
  #namespaces = /* @__PURE__ */ new Map();
  put(namespace, collection, key, update) {
    let collections = this.#namespaces.get(namespace);
    if (!collections) {
      collections = /* @__PURE__ */ new Map();
      this.#namespaces.set(namespace, collections);
    }
    let updates = collections.get(collection);
    if (!updates) {
      updates = new SortedMap();
      collections.set(collection, updates);
    }
    updates.set(key, update);
  }
  get(namespace, collection, key) {
    return this.#namespaces.get(namespace)?.get(collection)?.get(key);
  }
  /** Updates of a collection, or of the public keys of a namespace. */
  updates(namespace, collection) {
    return this.#namespaces.get(namespace)?.get(collection);
  }
  namespaces() {
    return [...this.#namespaces.keys()];
  }
  collections(namespace) {
    return [...this.#namespaces.get(namespace)?.keys() ?? []];
  }
  /** All updates by state key. */
  *stateUpdates() {
    for (const [namespace, collections] of this.#namespaces) {
      for (const [collection, updates] of collections) {
        const ns = collection === "" ? namespace : hashedDataNs(namespace, collection);
        for (const [key, update] of updates.entries()) {
          yield [stateKeyOfBinary(ns, key), namespace, update];
        }
      }
    }
  }
};
function versionedValueOf({ value, ...rest }) {
  return value && { value, ...rest };
}

// src/ledger/kvledger/txmgmt/statedb/state-db.ts
var DEFAULT_STATE_DB_OPTIONS = Object.freeze({
  // IndexedDB locks reads out while it writes; this many take it about 200 ms.
  flushEntries: 2048,
  flushBytes: 4 * 1024 * 1024,
  flushBlocks: 128,
  hardFactor: 4,
  cacheBytes: 16 * 1024 * 1024,
  // Some 90 bytes each.
  cacheVersions: 512 * 1024
});
var DATA3 = "d";
var SAVEPOINT = "s";
var METADATA_HINT = "m";
var StateDB = class _StateDB {
  #store;
  #options;
  #memtable = new Memtable();
  #cache;
  #snapshots = /* @__PURE__ */ new Set();
  #flushing = new Mutex();
  #metadataNamespaces;
  #lastBlock;
  #savepoint;
  #durableSavepoint = -1;
  // Counts the times that the store changed.
  #generation = 0;
  constructor(store, options, found) {
    this.#store = store;
    this.#options = options;
    this.#cache = new ReadCache(options);
    this.#savepoint = found.savepoint;
    this.#lastBlock = found.savepoint;
    this.#metadataNamespaces = found.metadataNamespaces;
  }
  static async open(store, options = {}) {
    const stored = await store.get(fromBinary(SAVEPOINT));
    const hint = fromBinary(METADATA_HINT);
    const metadataNamespaces = /* @__PURE__ */ new Set();
    for await (const [key] of store.range({ gte: hint, lt: fromBinary("n") })) {
      metadataNamespaces.add(binaryToUtf8(toBinary(key).slice(1)));
    }
    const savepoint = stored ? readUint64(stored) : -1;
    const all = { ...DEFAULT_STATE_DB_OPTIONS, ...options };
    return new _StateDB(store, all, { savepoint, metadataNamespaces });
  }
  /** The last block applied; -1 before the first. */
  get lastBlock() {
    return this.#lastBlock;
  }
  /** The last block stored. */
  get savepoint() {
    return this.#savepoint;
  }
  /** True when some key of a namespace, or of its collections, ever had metadata. */
  hasMetadata(namespace) {
    return this.#metadataNamespaces.has(namespace);
  }
  /** The state as of the last block. */
  snapshot() {
    const snapshot = new ReadSnapshot(
      this.#lastBlock,
      this,
      () => this.#snapshots.delete(snapshot)
    );
    this.#snapshots.add(snapshot);
    return snapshot;
  }
  /** Applies the next block, in memory; `privateUpdates` by state key are what the batch does not hold. */
  apply(blockNum, batch, privateUpdates = /* @__PURE__ */ new Map()) {
    if (blockNum !== this.#lastBlock + 1) {
      const text2 = `state expects block ${this.#lastBlock + 1}, not ${blockNum}`;
      throw new LedgerError("LEDGER_CORRUPT", text2);
    }
    for (const [key, namespace, update] of batch.stateUpdates()) {
      this.#memtable.put(key, { blockNum, value: owned(versionedValueOf(update)) });
      if (update.metadata.length > 0) this.#metadataNamespaces.add(namespace);
    }
    for (const [key, update] of privateUpdates) {
      this.#memtable.put(key, { blockNum, value: owned(versionedValueOf(update)) });
    }
    this.#lastBlock = blockNum;
  }
  /** True when the blocks in memory should be stored. */
  get flushDue() {
    return this.#exceeds(1);
  }
  /** Stores what is in memory if there is too much of it, at the cost of snapshots. Call before a commit. */
  async makeRoom() {
    if (!this.#exceeds(this.#options.hardFactor)) return;
    for (const snapshot of this.#snapshots) {
      if (snapshot.asOf < this.#lastBlock) snapshot.expire();
    }
    await this.flush();
  }
  /**
   * Stores blocks, as many as snapshots allow. Rejects when the store fails; nothing is lost then. A power cut may take back
   * what was stored.
   */
  async flush() {
    await this.#flushing.run(async () => {
      const asOf = Math.min(
        this.#lastBlock,
        ...[...this.#snapshots].map((snapshot) => snapshot.asOf)
      );
      if (asOf <= this.#savepoint) return;
      const entries = this.#memtable.collect(asOf);
      const operations = entries.map(([key, value]) => {
        const stored = fromBinary(DATA3 + key);
        return value ? { type: "put", key: stored, value: encodeStateRecord(value) } : { type: "delete", key: stored };
      });
      for (const namespace of this.#metadataNamespaces) {
        const key = fromBinary(METADATA_HINT + utf8ToBinary(namespace));
        operations.push({ type: "put", key, value: new Uint8Array(0) });
      }
      operations.push({ type: "put", key: fromBinary(SAVEPOINT), value: uint64Bytes(asOf) });
      await this.#store.write(operations);
      this.#generation++;
      this.#savepoint = asOf;
      this.#memtable.drop(asOf);
      for (const [key, value] of entries) this.#cache.set(key, value);
    });
  }
  /** Makes what is stored survive a power cut. Gives the savepoint of which that is true. */
  async sync() {
    return this.#flushing.run(async () => {
      const savepoint = this.#savepoint;
      if (this.#durableSavepoint < savepoint) {
        const operation = { key: fromBinary(SAVEPOINT), value: uint64Bytes(savepoint) };
        await this.#store.write([{ type: "put", ...operation }], { durable: true });
        this.#durableSavepoint = savepoint;
      }
      return savepoint;
    });
  }
  /** Values as of a block that is not before the savepoint. */
  async readMany(stateKeys, asOf) {
    const values2 = /* @__PURE__ */ new Map();
    const missing = [];
    for (const key of stateKeys) {
      const entry = this.#memtable.get(key, asOf);
      if (entry) values2.set(key, entry.value);
      else if (this.#cache.has(key)) values2.set(key, this.#cache.get(key));
      else missing.push(key);
    }
    if (missing.length > 0) {
      const generation = this.#generation;
      const stored = await this.#store.getMany(missing.map((key) => fromBinary(DATA3 + key)));
      missing.forEach((key, i) => {
        const bytes = stored[i];
        const value = bytes && decodeStateRecord(bytes);
        values2.set(key, value);
        if (generation === this.#generation) this.#cache.set(key, value);
      });
    }
    return stateKeys.map((key) => values2.get(key));
  }
  /** Versions as of a block that is not before the savepoint. */
  async readVersions(stateKeys, asOf) {
    const versions = /* @__PURE__ */ new Map();
    const missing = [];
    for (const key of stateKeys) {
      const entry = this.#memtable.get(key, asOf);
      if (entry) versions.set(key, entry.value?.version);
      else if (this.#cache.hasVersion(key)) versions.set(key, this.#cache.version(key));
      else missing.push(key);
    }
    if (missing.length > 0) {
      const values2 = await this.readMany(missing, asOf);
      missing.forEach((key, i) => {
        versions.set(key, values2[i]?.version);
      });
    }
    return stateKeys.map((key) => versions.get(key));
  }
  /** Rows as of a block that is not before the savepoint. */
  async *scan(range, asOf) {
    const recent = this.#memtable.slice(range, asOf);
    let next = 0;
    for await (const [stored, bytes] of this.#store.range(storeRange(range))) {
      const key = toBinary(stored).slice(DATA3.length);
      for (; next < recent.length; next++) {
        const [recentKey2, value2] = recent[next] ?? [key, void 0];
        if (recentKey2 >= key) break;
        if (value2) yield [recentKey2, value2];
      }
      const [recentKey, value] = recent[next] ?? [];
      if (recentKey !== key) yield [key, decodeStateRecord(bytes)];
      else {
        next++;
        if (value) yield [key, value];
      }
    }
    for (const [key, value] of recent.slice(next)) if (value) yield [key, value];
  }
  /** Namespaces that hold a key, in byte order, collections among them. */
  async namespaces() {
    const found = [];
    const snapshot = this.snapshot();
    try {
      for (let from = ""; ; ) {
        const { value: row } = await snapshot.range({ gte: from }).next();
        if (!row) return found;
        const { namespace } = splitStateKey(row[0]);
        found.push(namespace);
        from = afterNamespace(namespace);
      }
    } finally {
      snapshot.release();
    }
  }
  #exceeds(factor) {
    const { flushEntries, flushBytes, flushBlocks } = this.#options;
    return this.#memtable.entries >= factor * flushEntries || this.#memtable.bytes >= factor * flushBytes || this.#lastBlock - this.#savepoint >= factor * flushBlocks;
  }
};
function storeRange({ gte = "", lt }) {
  return {
    gte: fromBinary(DATA3 + gte),
    lt: lt === void 0 ? fromBinary("e") : fromBinary(DATA3 + lt)
  };
}
function owned(value) {
  return value && { ...value, value: value.value.slice(), metadata: value.metadata.slice() };
}

// src/ledger/kvledger/txmgmt/rwsetutil/collection-builder.ts
import { sha256 as sha25610 } from "@noble/hashes/sha2.js";
var CollectionBuilder = class {
  #hashedReads = /* @__PURE__ */ new Map();
  #hashedWrites = /* @__PURE__ */ new Map();
  #hashedMetadata = /* @__PURE__ */ new Map();
  #writes = /* @__PURE__ */ new Map();
  #metadataKeys = /* @__PURE__ */ new Map();
  get hasWrites() {
    return this.#writes.size + this.#metadataKeys.size > 0;
  }
  addRead(key, version) {
    const key_hash = sha25610(utf8(key));
    const read2 = version && { block_num: version.blockNum, tx_num: version.txNum };
    this.#hashedReads.set(key, read2 ? { key_hash, version: read2 } : { key_hash });
  }
  /** An empty value deletes the key; nothing of it is hashed then. */
  addWrite(key, value) {
    const is_delete = value.length === 0;
    const value_hash = is_delete ? EMPTY_BYTES : sha25610(value);
    this.#writes.set(key, { key, is_delete, value });
    this.#hashedWrites.set(key, { key_hash: sha25610(utf8(key)), is_delete, value_hash });
  }
  /** A deletion that also asks peers to forget the history of the key. */
  addPurge(key) {
    this.#writes.set(key, { key, is_delete: true });
    const key_hash = sha25610(utf8(key));
    this.#hashedWrites.set(key, { key_hash, is_delete: true, is_purge: true });
  }
  /** Metadata stands with the hashes only; the private set just names the key. */
  addMetadataWrite(key, metadata) {
    const entries = [...metadata].sort(([a], [b]) => compareUtf8(a, b)).map(([name, value]) => ({ name, value }));
    this.#metadataKeys.set(key, { key });
    this.#hashedMetadata.set(key, { key_hash: sha25610(utf8(key)), entries });
  }
  /** Serialized kvrwset.KVRWSet; undefined when nothing is written. */
  buildPrivate() {
    if (!this.hasWrites) return void 0;
    const writes = sortedValues(this.#writes);
    const metadata_writes = sortedValues(this.#metadataKeys);
    return kvrwset.KVRWSet.encode({ writes, metadata_writes }).finish();
  }
  buildHashed() {
    const hashed_rwset = kvrwset.HashedRWSet.encode({
      hashed_reads: sortedValues(this.#hashedReads),
      hashed_writes: sortedValues(this.#hashedWrites),
      metadata_writes: sortedValues(this.#hashedMetadata)
    }).finish();
    const bytes = this.buildPrivate();
    return { hashed_rwset, pvt_rwset_hash: bytes ? sha25610(bytes) : EMPTY_BYTES };
  }
};
function sortedValues(map) {
  return [...map].sort(([a], [b]) => compareUtf8(a, b)).map(([, value]) => value);
}

// src/ledger/kvledger/txmgmt/rwsetutil/rwset-builder.ts
var RWSetBuilder = class {
  #namespaces = /* @__PURE__ */ new Map();
  addToReadSet(namespace, key, version) {
    this.#ns(namespace).reads.set(key, kvRead(key, version));
  }
  addToWriteSet(namespace, key, value) {
    this.#ns(namespace).writes.set(key, { key, is_delete: value.length === 0, value });
  }
  addToMetadataWriteSet(namespace, key, metadata) {
    const entries = sorted2(metadata).map(([name, value]) => ({ name, value }));
    this.#ns(namespace).metadataWrites.set(key, { key, entries });
  }
  /** A query that was made before over the same keys, with the same end, counts once. */
  addToRangeQuerySet(namespace, info) {
    const id = JSON.stringify([info.start_key, info.end_key, info.itr_exhausted]);
    const { rangeQueries } = this.#ns(namespace);
    if (!rangeQueries.has(id)) rangeQueries.set(id, info);
  }
  /** What is read and written of a private collection. */
  collection(namespace, collection) {
    const { collections } = this.#ns(namespace);
    const known = collections.get(collection);
    if (known) return known;
    const fresh = new CollectionBuilder();
    collections.set(collection, fresh);
    return fresh;
  }
  /** Namespaces with a write of any kind, sorted. */
  writtenNamespaces() {
    return sorted2(this.#namespaces).filter(([, ns]) => {
      const isPrivate2 = values(ns.collections).some((collection) => collection.hasWrites);
      return isPrivate2 || ns.writes.size + ns.metadataWrites.size > 0;
    }).map(([namespace]) => namespace);
  }
  /** Serialized rwset.TxPvtReadWriteSet; undefined without private writes. */
  buildPrivate() {
    const ns_pvt_rwset = sorted2(this.#namespaces).flatMap(([namespace, ns]) => {
      const collection_pvt_rwset = sorted2(ns.collections).flatMap(([collection_name, builder]) => {
        const bytes = builder.buildPrivate();
        return bytes ? [{ collection_name, rwset: bytes }] : [];
      });
      return collection_pvt_rwset.length > 0 ? [{ namespace, collection_pvt_rwset }] : [];
    });
    if (ns_pvt_rwset.length === 0) return void 0;
    return rwset.TxPvtReadWriteSet.encode({ ns_pvt_rwset }).finish();
  }
  /** Serialized rwset.TxReadWriteSet. */
  build() {
    const ns_rwset = sorted2(this.#namespaces).map(([namespace, ns]) => ({
      namespace,
      rwset: kvrwset.KVRWSet.encode({
        reads: values(ns.reads),
        range_queries_info: [...ns.rangeQueries.values()],
        writes: values(ns.writes),
        metadata_writes: values(ns.metadataWrites)
      }).finish(),
      collection_hashed_rwset: sorted2(ns.collections).map(([collection_name, builder]) => ({
        collection_name,
        ...builder.buildHashed()
      }))
    }));
    return rwset.TxReadWriteSet.encode({ ns_rwset }).finish();
  }
  #ns(namespace) {
    const known = this.#namespaces.get(namespace);
    if (known) return known;
    const fresh = {
      reads: /* @__PURE__ */ new Map(),
      writes: /* @__PURE__ */ new Map(),
      metadataWrites: /* @__PURE__ */ new Map(),
      rangeQueries: /* @__PURE__ */ new Map(),
      collections: /* @__PURE__ */ new Map()
    };
    this.#namespaces.set(namespace, fresh);
    return fresh;
  }
};
function sorted2(map) {
  return [...map].sort(([a], [b]) => compareUtf8(a, b));
}
function values(map) {
  return sorted2(map).map(([, value]) => value);
}

// src/ledger/kvledger/txmgmt/tx-simulator.ts
var NO_BYTES = new Uint8Array(0);
var StateTxSimulator = class {
  #txId;
  #builder = new RWSetBuilder();
  #queries;
  #collections;
  #hasKeyValueRules;
  #writePerformed = false;
  #paginatedQueryPerformed = false;
  #privateQueryPerformed = false;
  #resultsComputed = false;
  /** @param snapshot released at the end of the simulation. */
  constructor(txId, snapshot, components = {}) {
    this.#txId = txId;
    this.#collections = components.collections;
    this.#hasKeyValueRules = components.richQueries !== void 0;
    this.#queries = new StateQueryExecutor(snapshot, this.#builder, components);
  }
  getState(namespace, key) {
    return this.#queries.getState(namespace, key);
  }
  getStateMultipleKeys(namespace, keys) {
    return this.#queries.getStateMultipleKeys(namespace, keys);
  }
  getStateRange(namespace, startKey, endKey) {
    return this.#queries.getStateRange(namespace, startKey, endKey);
  }
  async getStateRangePaged(namespace, startKey, endKey, pageSize) {
    this.#beforePaginatedQuery();
    return this.#queries.getStateRangePaged(namespace, startKey, endKey, pageSize);
  }
  executeQuery(namespace, query) {
    return this.#queries.executeQuery(namespace, query);
  }
  async executeQueryPaged(namespace, query, bookmark, pageSize) {
    this.#beforePaginatedQuery();
    return this.#queries.executeQueryPaged(namespace, query, bookmark, pageSize);
  }
  getStateMetadata(namespace, key) {
    return this.#queries.getStateMetadata(namespace, key);
  }
  getPrivateData(namespace, collection, key) {
    return this.#queries.getPrivateData(namespace, collection, key);
  }
  getPrivateDataHash(namespace, collection, key) {
    return this.#queries.getPrivateDataHash(namespace, collection, key);
  }
  getPrivateDataMetadata(namespace, collection, key) {
    return this.#queries.getPrivateDataMetadata(namespace, collection, key);
  }
  async getPrivateDataRange(namespace, collection, startKey, endKey) {
    this.#beforePrivateQuery();
    return this.#queries.getPrivateDataRange(namespace, collection, startKey, endKey);
  }
  async executeQueryOnPrivateData(namespace, collection, query) {
    this.#beforePrivateQuery();
    return this.#queries.executeQueryOnPrivateData(namespace, collection, query);
  }
  /** An empty value deletes the key, as in Fabric. */
  setState(namespace, key, value) {
    this.#beforeWrite(key, value);
    this.#builder.addToWriteSet(namespace, key, value.slice());
  }
  deleteState(namespace, key) {
    this.setState(namespace, key, NO_BYTES);
  }
  setStateMetadata(namespace, key, metadata) {
    this.#beforeWrite(key, NO_BYTES);
    const copy = new Map([...metadata].map(([name, value]) => [name, value.slice()]));
    this.#builder.addToMetadataWriteSet(namespace, key, copy);
  }
  deleteStateMetadata(namespace, key) {
    this.setStateMetadata(namespace, key, /* @__PURE__ */ new Map());
  }
  /** An empty value deletes the key. */
  setPrivateData(namespace, collection, key, value) {
    this.#beforePrivateWrite(namespace, collection, key, value);
    this.#builder.collection(namespace, collection).addWrite(key, value.slice());
  }
  deletePrivateData(namespace, collection, key) {
    this.setPrivateData(namespace, collection, key, NO_BYTES);
  }
  /** Deletes the key, and at commit its history at every peer. */
  purgePrivateData(namespace, collection, key) {
    this.#beforePrivateWrite(namespace, collection, key, NO_BYTES);
    this.#builder.collection(namespace, collection).addPurge(key);
  }
  setPrivateDataMetadata(namespace, collection, key, metadata) {
    this.#beforePrivateWrite(namespace, collection, key, NO_BYTES);
    const copy = new Map([...metadata].map(([name, value]) => [name, value.slice()]));
    this.#builder.collection(namespace, collection).addMetadataWrite(key, copy);
  }
  async getTxSimulationResults() {
    if (this.#resultsComputed) {
      const text2 = "this function should only be called once on a transaction simulator instance";
      throw new LedgerError("EXECUTOR_DONE", text2);
    }
    this.#queries.checkLive();
    this.#resultsComputed = true;
    this.#queries.recordRangeQueries();
    this.done();
    const privateResults = this.#builder.buildPrivate();
    return {
      publicResults: this.#builder.build(),
      ...privateResults && { privateResults },
      writtenNamespaces: this.#builder.writtenNamespaces(),
      privateReads: this.#queries.privateReads()
    };
  }
  done() {
    this.#queries.done();
  }
  // A write that the state database refuses counts as one, as in Fabric.
  #beforeWrite(key, value) {
    this.#queries.checkLive();
    if (this.#privateQueryPerformed) {
      throw this.#orderError(
        "Transaction has already performed queries on pvt data. Writes are not allowed"
      );
    }
    if (this.#paginatedQueryPerformed) {
      throw this.#orderError(
        "Transaction has already performed a paginated query. Writes are not allowed"
      );
    }
    this.#writePerformed = true;
    const problem = this.#hasKeyValueRules ? problemOfKeyValue(key, value) : void 0;
    if (problem !== void 0) throw new LedgerError("WRITE_INVALID", problem);
  }
  #beforePrivateWrite(namespace, collection, key, value) {
    checkCollection(this.#collections, namespace, collection);
    this.#beforeWrite(key, value);
  }
  #beforePaginatedQuery() {
    if (this.#writePerformed) {
      throw this.#orderError("Paginated queries are supported only in a read-only transaction");
    }
    this.#paginatedQueryPerformed = true;
  }
  #beforePrivateQuery() {
    if (this.#writePerformed) {
      throw this.#orderError("Queries on pvt data is supported only in a read-only transaction");
    }
    this.#privateQueryPerformed = true;
  }
  #orderError(what) {
    const text2 = `txid [${this.#txId}]: unsuppored transaction. ${what}`;
    return new LedgerError("SIMULATION_ORDER", text2);
  }
};

// src/ledger/kvledger/validation/range-query-validator.ts
async function validateRangeQuery(namespace, info, state, batch) {
  const rows2 = combinedRows(namespace, info, state, batch);
  const summary = info.reads_merkle_hashes;
  return summary ? sameSummary(summary, rows2) : sameRows(info.raw_reads?.kv_reads ?? [], rows2);
}
async function sameRows(reads, rows2) {
  let count2 = 0;
  for await (const [key, version] of rows2) {
    const read2 = reads[count2++];
    if (!read2 || utf8ToBinary(read2.key) !== key || !isSameVersion(read2.version, version))
      return false;
  }
  return count2 === reads.length;
}
async function sameSummary(expected, rows2) {
  if (expected.max_degree < 2) return false;
  const helper = new RangeQueryResultsHelper(expected.max_degree);
  for await (const [key, version] of rows2) helper.addResult(binaryToUtf8(key), version);
  const results = helper.done();
  if (!("summary" in results)) return false;
  const hashes = results.summary.max_level_hashes ?? [];
  return results.summary.max_level === expected.max_level && hashes.length === expected.max_level_hashes.length && hashes.every((hash, i) => equalBytes(hash, expected.max_level_hashes[i] ?? new Uint8Array()));
}
async function* combinedRows(namespace, info, state, batch) {
  yield* mergedRows(namespace, info, state, batch);
  if (info.itr_exhausted) return;
  const key = utf8ToBinary(info.end_key);
  const update = batch.get(namespace, "", key);
  const found = update ?? await state.get(stateKey(namespace, info.end_key));
  if (found?.value !== void 0) yield [key, found.version];
}
async function* mergedRows(namespace, { start_key, end_key }, state, batch) {
  const updates = updatesInRange(namespace, start_key, end_key, batch);
  let next = 0;
  for await (const [stored, { version }] of state.range(
    stateRange(namespace, start_key, end_key)
  )) {
    const { binaryKey } = splitStateKey(stored);
    for (; next < updates.length && (updates[next]?.[0] ?? "") < binaryKey; next++) {
      yield* rowOf(updates[next]);
    }
    if (updates[next]?.[0] === binaryKey) yield* rowOf(updates[next++]);
    else yield [binaryKey, version];
  }
  for (const update of updates.slice(next)) yield* rowOf(update);
}
function updatesInRange(namespace, startKey, endKey, batch) {
  const updates = batch.updates(namespace, "");
  if (!updates) return [];
  const lt = endKey === "" ? void 0 : utf8ToBinary(endKey);
  return updates.keys({ gte: utf8ToBinary(startKey), lt }).flatMap((key) => {
    const update = updates.get(key);
    return update ? [[key, update]] : [];
  });
}
function* rowOf(entry) {
  if (entry?.[1].value !== void 0) yield [entry[0], entry[1].version];
}

// src/ledger/kvledger/validation/tx-ops.ts
var UPSERT = 1;
var METADATA_UPDATE = 2;
var METADATA_DELETE = 4;
var DELETE = 8;
function applyWriteSet(txRwSet, version, batch, committed) {
  const resolved = [];
  for (const [namespace, collection, key, ops] of keyOpsOf(txRwSet)) {
    if (resolve2(namespace, collection, key, ops, batch, committed)) {
      resolved.push([namespace, collection, key, ops]);
    }
  }
  for (const [namespace, collection, key, { flag, value, metadata }] of resolved) {
    const isDelete = (flag & DELETE) !== 0;
    batch.put(namespace, collection, key, {
      value: isDelete ? void 0 : value,
      metadata: isDelete ? EMPTY_BYTES : metadata,
      version
    });
  }
}
function resolve2(namespace, collection, key, ops, batch, committed) {
  const { flag } = ops;
  if ((flag & DELETE) !== 0) return true;
  if ((flag & UPSERT) !== 0 && (flag & (METADATA_UPDATE | METADATA_DELETE)) !== 0) return true;
  const earlier = batch.get(namespace, collection, key);
  const latest = earlier ?? committed(namespace, collection, key);
  if ((flag | UPSERT) === UPSERT) {
    ops.metadata = latest?.metadata ?? EMPTY_BYTES;
    return ops.value.length > 0;
  }
  if (latest?.value === void 0) return false;
  ops.value = latest.value;
  return true;
}
function keyOpsOf(txRwSet) {
  const all = /* @__PURE__ */ new Map();
  const opsOf = (namespace, collection, key) => {
    const id = `${namespace}\0${collection}\0${key}`;
    const known = all.get(id);
    if (known) return known[3];
    const ops = { flag: 0, value: EMPTY_BYTES, metadata: EMPTY_BYTES };
    all.set(id, [namespace, collection, key, ops]);
    return ops;
  };
  for (const { namespace, kv, collections } of txRwSet) {
    for (const write2 of kv.writes) {
      const ops = opsOf(namespace, "", utf8ToBinary(write2.key));
      addWrite(ops, isKVWriteDelete(write2), write2.value);
    }
    for (const { key, entries } of kv.metadata_writes) {
      addMetadata(opsOf(namespace, "", utf8ToBinary(key)), entries);
    }
    for (const { collection, hashed } of collections) {
      for (const write2 of hashed.hashed_writes) {
        const ops = opsOf(namespace, collection, toBinary(write2.key_hash));
        addWrite(ops, isKVWriteHashDelete(write2), write2.value_hash);
      }
      for (const { key_hash, entries } of hashed.metadata_writes) {
        addMetadata(opsOf(namespace, collection, toBinary(key_hash)), entries);
      }
    }
  }
  return [...all.values()];
}
function addFlag(ops, flag) {
  ops.flag = ops.flag + flag & 255;
}
function addWrite(ops, isDelete, value) {
  addFlag(ops, isDelete ? DELETE : UPSERT);
  if (!isDelete) ops.value = value;
}
function addMetadata(ops, entries) {
  addFlag(ops, entries.length === 0 ? METADATA_DELETE : METADATA_UPDATE);
  if (entries.length > 0) ops.metadata = serializeMetadata(entries);
}

// src/ledger/kvledger/validation/validator.ts
var { VALID: VALID2, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = protos.TxValidationCode;
async function validateAndPrepareBatch(blockNum, txs, flags, state, options) {
  const batch = new UpdateBatch();
  const validator = new Validator(state, batch, options.hasMetadata);
  await validator.preload(txs, options.doMVCCValidation);
  for (const { txNum, rwSet } of txs) {
    const code = options.doMVCCValidation ? await validator.validate(rwSet) : VALID2;
    flags[txNum] = code;
    if (code === VALID2) {
      applyWriteSet(rwSet, { blockNum, txNum }, batch, validator.committed);
    }
  }
  return batch;
}
var Validator = class {
  #state;
  #batch;
  #hasMetadata;
  // Of what is read, the version decides; of what is written, some is merged with what stands.
  #versions = /* @__PURE__ */ new Map();
  #loaded = /* @__PURE__ */ new Map();
  constructor(state, batch, hasMetadata) {
    this.#state = state;
    this.#batch = batch;
    this.#hasMetadata = hasMetadata;
  }
  // All keys that the block may need are read at once, because many single reads of IndexedDB take far longer.
  async preload(txs, withReads) {
    const read2 = /* @__PURE__ */ new Set();
    const written = /* @__PURE__ */ new Set();
    for (const { rwSet } of txs) {
      for (const ns of rwSet) {
        if (withReads) for (const key of readKeysOf(ns)) read2.add(key);
        for (const key of this.#writtenKeysOf(ns)) written.add(key);
      }
    }
    const [reads, writes] = [[...read2], [...written]];
    const [versions, values2] = await Promise.all([
      this.#state.getVersions(reads),
      this.#state.getMany(writes)
    ]);
    reads.forEach((key, i) => {
      this.#versions.set(key, versions[i]);
    });
    writes.forEach((key, i) => {
      this.#loaded.set(key, values2[i]);
    });
  }
  async validate(rwSet) {
    for (const ns of rwSet) {
      for (const read2 of ns.kv.reads) {
        if (!this.#isCurrent(ns.namespace, "", utf8ToBinary(read2.key), read2.version)) {
          return MVCC_READ_CONFLICT;
        }
      }
      for (const info of ns.kv.range_queries_info) {
        if (!await validateRangeQuery(ns.namespace, info, this.#state, this.#batch)) {
          return PHANTOM_READ_CONFLICT;
        }
      }
      for (const { collection, hashed } of ns.collections) {
        for (const read2 of hashed.hashed_reads) {
          const key = toBinary(read2.key_hash);
          if (!this.#isCurrent(ns.namespace, collection, key, read2.version)) {
            return MVCC_READ_CONFLICT;
          }
        }
      }
    }
    return VALID2;
  }
  // What was not loaded is asked for its metadata only, and is of a namespace that has none.
  committed = (namespace, collection, key) => this.#loaded.get(collectionKey(namespace, collection, key));
  #isCurrent(namespace, collection, key, version) {
    if (this.#batch.get(namespace, collection, key)) return false;
    return isSameVersion(version, this.#versions.get(collectionKey(namespace, collection, key)));
  }
  // Committed metadata is kept by a write of a value, the committed value by a write of metadata, and so it is by two
  // writes of one key (see tx-ops).
  *#writtenKeysOf({ namespace, kv, collections }) {
    const all = this.#hasMetadata(namespace);
    const values2 = kv.writes.map(({ key }) => utf8ToBinary(key));
    for (const key of all ? values2 : repeated(values2)) yield collectionKey(namespace, "", key);
    for (const { key } of kv.metadata_writes) {
      yield collectionKey(namespace, "", utf8ToBinary(key));
    }
    for (const { collection, hashed } of collections) {
      const hashes = hashed.hashed_writes.map(({ key_hash }) => toBinary(key_hash));
      for (const key of all ? hashes : repeated(hashes)) {
        yield collectionKey(namespace, collection, key);
      }
      for (const { key_hash } of hashed.metadata_writes) {
        yield collectionKey(namespace, collection, toBinary(key_hash));
      }
    }
  }
};
function* readKeysOf({ namespace, kv, collections }) {
  for (const { key } of kv.reads) yield collectionKey(namespace, "", utf8ToBinary(key));
  for (const { collection, hashed } of collections) {
    for (const { key_hash } of hashed.hashed_reads) {
      yield collectionKey(namespace, collection, toBinary(key_hash));
    }
  }
}
function collectionKey(namespace, collection, key) {
  return stateKeyOfBinary(collection === "" ? namespace : hashedDataNs(namespace, collection), key);
}
function repeated(keys) {
  const seen = /* @__PURE__ */ new Set();
  return keys.filter((key) => seen.has(key) || !seen.add(key));
}

// src/ledger/kvledger/ledger-dbs.ts
var LedgerDBs = class _LedgerDBs {
  state;
  /** Absent when the history database is off. */
  history;
  private;
  /** Absent on a plain key-value state database. */
  richQueries;
  #ledgerId;
  #clock;
  #log;
  #storing;
  constructor(ledgerId, parts, clock, options) {
    this.state = parts.state;
    this.history = parts.history;
    this.private = parts.private;
    this.richQueries = options.stateDatabase === "CouchDB" ? new RichQueries() : void 0;
    this.#ledgerId = ledgerId;
    this.#clock = clock;
    this.#log = options.logger ?? silentLogger;
  }
  static async open(ledgerId, stores, clock, options) {
    const { logger = silentLogger } = options;
    const state = await StateDB.open(stores.state, options.state);
    const history = stores.history && await HistoryDB.open(stores.history, options.historyIndex);
    const stored = state.snapshot();
    const pvt = await PrivatePart.open(
      stores.pvtdata,
      options.private ?? {},
      logger,
      stored
    ).finally(() => stored.release());
    return new _LedgerDBs(ledgerId, { state, history, private: pvt }, clock, options);
  }
  newQueryExecutor() {
    const snapshot = this.state.snapshot();
    const collections = this.private.configHistory.checkerAt(snapshot.asOf);
    const richQueries = this.richQueries;
    return new StateQueryExecutor(snapshot, void 0, { collections, richQueries });
  }
  newTxSimulator(txId) {
    const snapshot = this.state.snapshot();
    const collections = this.private.configHistory.checkerAt(snapshot.asOf);
    const richQueries = this.richQueries;
    return new StateTxSimulator(txId, snapshot, { collections, richQueries });
  }
  /**
   * Works out what a block does; changes nothing but its codes. Without private data it is a replay, which trusts the
   * codes.
   */
  async validateAndPrepare(block, flags, privateData) {
    const rules = privateData && this.richQueries ? problemOfKeyValue : void 0;
    const txs = preprocessBlock(block, flags, rules);
    const snapshot = this.state.snapshot();
    try {
      const batch = await validateAndPrepareBatch(block.number, txs, flags, snapshot, {
        doMVCCValidation: privateData !== void 0,
        hasMetadata: (namespace) => this.state.hasMetadata(namespace)
      });
      const validated = { blockNum: block.number, txs, flags, batch };
      return { txs, batch, private: await this.private.prepare(validated, snapshot, privateData) };
    } finally {
      snapshot.release();
    }
  }
  /** Applies a block, in memory, to the databases that lack it. Gives the milliseconds it took each. */
  async apply(blockNum, flags, prepared) {
    const began = this.#clock.now();
    if (this.state.lastBlock < blockNum) {
      this.state.apply(blockNum, prepared.batch, prepared.private.updates);
      this.richQueries?.applied(blockNum, prepared.batch);
    }
    const applied = this.#clock.now();
    if (this.history && this.history.nextBlock <= blockNum) {
      await this.history.add(blockNum, prepared.txs, flags);
    }
    return { state: applied - began, history: this.#clock.now() - applied };
  }
  /** Stores what is in memory if there is too much of it. Call before a block is prepared. */
  async makeRoom() {
    await this.state.makeRoom();
    await this.history?.makeRoom();
  }
  /**
   * Stores while the next block is validated. What fails is tried again after the next block, and when memory is full,
   * commits wait for it and fail with it.
   */
  storeBehind() {
    this.#storing ??= this.storeDue().finally(() => {
      this.#storing = void 0;
    });
  }
  /** Stores what is due; what fails stays due. */
  async storeDue() {
    try {
      if (this.state.flushDue) await this.state.flush();
      await this.history?.flushIfDue();
      await this.#cleanUp();
    } catch (error) {
      this.#log.warn(`${this.#ledgerId}: cannot store state now: ${messageOf(error)}`);
    }
  }
  // Rows that a replay would need go when none can come any more; a power cut could take back what is not synced.
  async #cleanUp() {
    const { pvtData } = this.private;
    if (!pvtData.isCleanUpDue(this.state.savepoint)) return;
    await pvtData.cleanUp(await this.state.sync());
  }
  /** Stores all that is in memory, behind what is being stored. */
  async flush() {
    await this.#storing;
    await this.state.flush();
    await this.history?.flush();
  }
};

// src/ledger/paged/overlay.ts
var ENTRY_BYTES3 = 100;
var Overlay = class {
  /** Number of the first journal record that holds some of it. */
  firstRecord;
  #values = new SortedMap();
  #bytes = 0;
  constructor(firstRecord) {
    this.firstRecord = firstRecord;
  }
  /** What has been put in, roughly. A key that is written again counts again, as it does in the journal. */
  get bytes() {
    return this.#bytes;
  }
  apply(changes) {
    for (const [key, value] of changes) {
      this.#values.set(key, { value });
      this.#bytes += ENTRY_BYTES3 + key.length + (value?.length ?? 0);
    }
  }
  get(key) {
    return this.#values.get(key);
  }
  /** The changes of a range, in order of keys. */
  slice(range) {
    return this.#values.keys(range).map((key) => [key, this.#values.get(key)?.value]);
  }
};

// src/ledger/paged/page-index.ts
var PageIndex = class _PageIndex {
  #separators;
  constructor(separators = [""]) {
    this.#separators = [...separators];
  }
  get separators() {
    return this.#separators;
  }
  /** How many pages there are. */
  get size() {
    return this.#separators.length;
  }
  /** Number of the page that a key belongs to. */
  pageOf(key) {
    const at2 = lowerBound(this.#separators, key);
    return this.#separators[at2] === key ? at2 : at2 - 1;
  }
  /** Number of the last page with keys below `key`; of all when absent. */
  lastBelow(key) {
    const count2 = key === void 0 ? this.size : lowerBound(this.#separators, key);
    return Math.max(0, count2 - 1);
  }
  span(page) {
    return { separator: this.#separators[page] ?? "", end: this.#separators[page + 1] };
  }
  /** The index once some pages have been replaced, each by pages with these separators, in order. */
  replaced(replacements) {
    const separators = this.#separators.flatMap((one) => replacements.get(one) ?? [one]);
    if (separators[0] !== "") separators.unshift("");
    return new _PageIndex(separators);
  }
};

// src/ledger/paged/records.ts
var RecordWriter = class {
  #bytes;
  #length = 0;
  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }
  get length() {
    return this.#length;
  }
  varint(value) {
    this.#reserve(5);
    let rest = value;
    for (; rest >= 128; rest >>>= 7) this.#bytes[this.#length++] = rest & 127 | 128;
    this.#bytes[this.#length++] = rest;
  }
  bytes(value) {
    this.varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }
  /** A binary string. */
  text(binary) {
    this.varint(binary.length);
    this.#reserve(binary.length);
    for (let i = 0; i < binary.length; i++) this.#bytes[this.#length++] = binary.charCodeAt(i);
  }
  /** What was written, as a copy, and begins again. */
  take() {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
  #reserve(count2) {
    if (this.#length + count2 <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
};
var RecordReader = class {
  #bytes;
  #at = 0;
  constructor(bytes) {
    this.#bytes = bytes;
  }
  get atEnd() {
    return this.#at >= this.#bytes.length;
  }
  varint() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === void 0) throw cutOff();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw cutOff();
  }
  /** A view. */
  bytes(length = this.varint()) {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw cutOff();
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return view;
  }
  /** A binary string. */
  text() {
    return toBinary(this.bytes());
  }
  skip() {
    const end = this.varint() + this.#at;
    if (end > this.#bytes.length) throw cutOff();
    this.#at = end;
  }
  /** Passes over a byte string, and says whether it was this one. */
  isText(binary) {
    const length = this.varint();
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw cutOff();
    if (length !== binary.length) return false;
    for (let i = length - 1; i >= 0; i--) {
      if (this.#bytes[from + i] !== binary.charCodeAt(i)) return false;
    }
    return true;
  }
};
function cutOff() {
  return new LedgerError("STORE_UNREADABLE", "a page or a journal record is cut off");
}
function* entriesOf2(page) {
  if (!page) return;
  const reader = new RecordReader(page);
  while (!reader.atEnd) yield [reader.text(), reader.bytes()];
}
function findInPage(page, key) {
  if (!page) return void 0;
  const reader = new RecordReader(page);
  while (!reader.atEnd) {
    if (reader.isText(key)) return reader.bytes();
    reader.skip();
  }
  return void 0;
}
function mergePage(page, changes, pageBytes) {
  const entries = [...overlay(entriesOf2(page), changes)];
  const total = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const parts = total > 1.5 * pageBytes ? Math.ceil(total / pageBytes) : 1;
  const pages = [];
  const writer = new RecordWriter(2 * pageBytes);
  let first;
  const finish2 = () => {
    if (first !== void 0) pages.push({ first, bytes: writer.take() });
    first = void 0;
  };
  for (const [key, value] of entries) {
    first ??= key;
    writer.text(key);
    writer.bytes(value);
    if (writer.length >= total / parts && pages.length < parts - 1) finish2();
  }
  finish2();
  return pages;
}
function* overlay(entries, changes) {
  let next = 0;
  for (const entry of entries) {
    for (let change2 = changes[next]; change2 && change2[0] < entry[0]; change2 = changes[++next]) {
      if (change2[1]) yield [change2[0], change2[1]];
    }
    const change = changes[next];
    if (change?.[0] !== entry[0]) yield entry;
    else {
      next++;
      if (change[1]) yield [change[0], change[1]];
    }
  }
  for (const [key, value] of changes.slice(next)) if (value) yield [key, value];
}
function encodeJournal(operations, recordBytes2) {
  const records = [];
  const writer = new RecordWriter(64 * 1024);
  for (const operation of operations) {
    if (writer.length >= recordBytes2) records.push(writer.take());
    writer.bytes(operation.key);
    if (operation.type === "delete") writer.varint(0);
    else {
      writer.varint(1);
      writer.bytes(operation.value);
    }
  }
  if (writer.length > 0) records.push(writer.take());
  return records;
}
function* decodeJournal(record) {
  const reader = new RecordReader(record);
  while (!reader.atEnd) {
    const key = reader.text();
    yield [key, reader.varint() === 1 ? reader.bytes() : void 0];
  }
}
function encodeIndex(separators) {
  const writer = new RecordWriter(64 * 1024);
  for (const separator of separators) writer.text(separator);
  return writer.take();
}
function decodeIndex(record) {
  const separators = [];
  const reader = new RecordReader(record);
  while (!reader.atEnd) separators.push(reader.text());
  return separators;
}
var PAGE = "p";
function storedKey(kind, key) {
  return concat(fromBinary(kind), fromBinary(key));
}

// src/ledger/paged/page-merge.ts
function partsByPage(index, changes, next, most) {
  const parts = /* @__PURE__ */ new Map();
  let end = next;
  for (let change = changes[end]; change; change = changes[++end]) {
    const page = index.pageOf(change[0]);
    const part = parts.get(page);
    if (part) part.push(change);
    else if (parts.size < most) parts.set(page, [change]);
    else break;
  }
  return { parts, end };
}
function mergeParts(index, parts, pages, pageBytes) {
  const operations = [];
  const replacements = /* @__PURE__ */ new Map();
  for (const [page, part] of parts) {
    const { separator } = index.span(page);
    const merged = mergePage(pages.get(page), part, pageBytes);
    const separators = merged.map(({ first }, i) => i === 0 ? separator : first);
    if (separators.length !== 1) replacements.set(separator, separators);
    if (merged.length === 0) operations.push({ type: "delete", key: storedKey(PAGE, separator) });
    merged.forEach(({ bytes }, i) => {
      const key = storedKey(PAGE, separators[i] ?? separator);
      operations.push({ type: "put", key, value: bytes });
    });
  }
  return { operations, replacements };
}

// src/ledger/paged/paged-kv-store.ts
var DEFAULT_PAGED_KV_STORE_OPTIONS = Object.freeze({
  pageBytes: 16 * 1024,
  journalRecordBytes: 1024 * 1024,
  checkpointBytes: 2 * 1024 * 1024,
  maxCheckpointBytes: 16 * 1024 * 1024,
  pagesPerStep: 32
});
var PAGES_FRACTION = 4;
var HARD_FACTOR = 2;
var MOST_PAGES_READ_AHEAD = 16;
var JOURNAL = "j";
var INDEX = fromBinary("x");
var PagedKVStore = class _PagedKVStore {
  #store;
  #options;
  #writing = new Mutex();
  #index;
  #recent;
  /** What a checkpoint is merging. */
  #frozen;
  #nextRecord;
  /** Even while no step that moves keys between pages is under way. */
  #moves = 0;
  #moving;
  #checkpointing;
  #closed = false;
  constructor(store, options, found) {
    this.#store = store;
    this.#options = options;
    this.#index = found.index;
    this.#recent = found.recent;
    this.#nextRecord = found.nextRecord;
  }
  /**
   * Opens what a store holds; closing closes that as well. Throws LedgerError STORE_UNREADABLE when something else was written
   * into it.
   */
  static async open(store, options = {}) {
    for await (const _ of store.range({ lt: fromBinary(JOURNAL), limit: 1 })) {
      throw new LedgerError("STORE_UNREADABLE", "the store holds entries that are in no page");
    }
    return _PagedKVStore.openUnchecked(store, options);
  }
  /** Opens the pages of a store that may hold something else beside them. */
  static async openUnchecked(store, options = {}) {
    const stored = await store.get(INDEX);
    const index = new PageIndex(stored ? decodeIndex(stored) : void 0);
    const journal = { gte: fromBinary(JOURNAL), lt: fromBinary("k") };
    let recent;
    let nextRecord = 0;
    for await (const [key, record] of store.range(journal)) {
      const number = readUint64(key, 1);
      recent ??= new Overlay(number);
      recent.apply(decodeJournal(record));
      nextRecord = number + 1;
    }
    recent ??= new Overlay(nextRecord);
    const all = { ...DEFAULT_PAGED_KV_STORE_OPTIONS, ...options };
    return new _PagedKVStore(store, all, { index, recent, nextRecord });
  }
  async get(key) {
    const [value] = await this.getMany([key]);
    return value;
  }
  async getMany(keys) {
    this.#check();
    const wanted = keys.map(toBinary);
    const found = /* @__PURE__ */ new Map();
    let missing = [];
    for (const key of wanted) {
      const change = this.#recent.get(key) ?? this.#frozen?.get(key);
      if (change) found.set(key, change.value?.slice());
      else missing.push(key);
    }
    while (missing.length > 0) {
      const pages = await this.#readPages(missing.map((key) => this.#index.pageOf(key)));
      if (pages === "moved") continue;
      for (const key of missing) {
        found.set(key, findInPage(pages.get(this.#index.pageOf(key)), key)?.slice());
      }
      missing = [];
    }
    return wanted.map((key) => found.get(key));
  }
  async *range({ gte, lt, reverse = false, limit }) {
    this.#check();
    let lower = gte ? toBinary(gte) : "";
    let upper = lt && toBinary(lt);
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (let pages = 1; left > 0; pages = Math.min(2 * pages, MOST_PAGES_READ_AHEAD)) {
      if (upper !== void 0 && lower >= upper) return;
      const span = this.#spanOf({ gte: lower, lt: upper }, pages, reverse);
      const entries = await this.#readSpan(span);
      if (entries === "moved") continue;
      for (const [key, value] of reverse ? entries.reverse() : entries) {
        if (left-- <= 0) return;
        this.#check();
        yield [fromBinary(key), value.slice()];
      }
      if (span.isLast) return;
      if (reverse) upper = span.gte;
      else lower = span.lt ?? "";
    }
  }
  async write(operations, options) {
    this.#check();
    await this.#writing.run(async () => {
      if (this.#isDue(HARD_FACTOR)) await this.#checkpoint();
      const records = encodeJournal(operations, this.#options.journalRecordBytes);
      const puts = records.map((value, i) => {
        return { type: "put", key: journalKey(this.#nextRecord + i), value };
      });
      await this.#store.write(puts, options);
      this.#nextRecord += records.length;
      for (const record of records) this.#recent.apply(decodeJournal(record));
    });
    if (this.#isDue(1)) this.#checkpoint().catch(() => {
    });
  }
  async close() {
    this.#closed = true;
    await this.#writing.run(async () => {
    });
    await this.#checkpointing?.catch(() => {
    });
    await this.#store.close();
  }
  #isDue(factor) {
    const { pageBytes, checkpointBytes, maxCheckpointBytes } = this.#options;
    const share = this.#index.size * pageBytes / PAGES_FRACTION;
    const due = Math.min(Math.max(share, checkpointBytes), maxCheckpointBytes);
    return this.#recent.bytes >= factor * due;
  }
  #checkpoint() {
    this.#checkpointing ??= this.#mergeIntoPages().finally(() => {
      this.#checkpointing = void 0;
    });
    return this.#checkpointing;
  }
  async #mergeIntoPages() {
    if (!this.#frozen) {
      this.#frozen = this.#recent;
      this.#recent = new Overlay(this.#nextRecord);
    }
    const frozen = this.#frozen;
    const changes = frozen.slice({});
    for (let next = 0; next < changes.length; ) {
      if (this.#closed) return;
      next = await this.#mergeStep(changes, next);
    }
    const drops = [];
    for (let number = frozen.firstRecord; number < this.#recent.firstRecord; number++) {
      drops.push({ type: "delete", key: journalKey(number) });
    }
    await this.#store.write(drops);
    this.#frozen = void 0;
  }
  // Merges changes from `next` on into the pages that they fall into; gives where to go on.
  async #mergeStep(changes, next) {
    const { pagesPerStep, pageBytes } = this.#options;
    const { parts, end } = partsByPage(this.#index, changes, next, pagesPerStep);
    const pages = await this.#readPages([...parts.keys()]);
    if (pages === "moved") throw new Error("only a checkpoint moves keys");
    const { operations, replacements } = mergeParts(this.#index, parts, pages, pageBytes);
    await this.#replacePages(operations, replacements);
    return end;
  }
  async #replacePages(operations, replacements) {
    if (replacements.size === 0) return this.#store.write(operations);
    const index = this.#index.replaced(replacements);
    const value = encodeIndex(index.separators);
    this.#moves++;
    const written = this.#store.write([...operations, { type: "put", key: INDEX, value }]);
    this.#moving = written.catch(() => {
    });
    try {
      await written;
      this.#index = index;
    } finally {
      this.#moves++;
      this.#moving = void 0;
    }
  }
  // Pages by their numbers; 'moved' when these mean other keys by now.
  async #readPages(numbers) {
    const moves = this.#moves;
    if (this.#moving) {
      await this.#moving;
      return "moved";
    }
    const unique = [...new Set(numbers)];
    const keys = unique.map((page) => storedKey(PAGE, this.#index.span(page).separator));
    const pages = await this.#store.getMany(keys);
    if (moves !== this.#moves) {
      await this.#moving;
      this.#check();
      return "moved";
    }
    return new Map(unique.map((page, i) => [page, pages[i]]));
  }
  // The pages to be read next, cut to the range: its first ones, or its last.
  #spanOf({ gte = "", lt }, count2, reverse) {
    const [lowest, highest] = [this.#index.pageOf(gte), this.#index.lastBelow(lt)];
    const first = reverse ? Math.max(lowest, highest - count2 + 1) : lowest;
    const last = reverse ? highest : Math.min(highest, lowest + count2 - 1);
    const { separator } = this.#index.span(first);
    const { end } = this.#index.span(last);
    return {
      first,
      last,
      gte: first === lowest ? gte : separator,
      lt: last === highest ? lt : end,
      isLast: reverse ? first === lowest : last === highest
    };
  }
  async #readSpan({ first, last, gte, lt }) {
    const changes = this.#changesIn({ gte, lt });
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const pages = await this.#readPages(numbers);
    if (pages === "moved") return pages;
    const stored = numbers.flatMap(
      (number) => [...entriesOf2(pages.get(number))].filter(
        ([key]) => key >= gte && (lt === void 0 || key < lt)
      )
    );
    return [...overlay(stored, changes)];
  }
  #changesIn(range) {
    const recent = this.#recent.slice(range);
    const older = this.#frozen?.slice(range) ?? [];
    if (older.length === 0) return recent;
    const changes = new Map([...older, ...recent]);
    return [...changes].sort(([a], [b]) => a < b ? -1 : 1);
  }
  #check() {
    if (this.#closed) throw new LedgerError("STORE_CLOSED", "the store is closed");
  }
};
function journalKey(number) {
  return storedKey(JOURNAL, toBinary(uint64Bytes(number)));
}

// src/ledger/paged/move-into-pages.ts
var BATCH2 = 2048;
var OTHERS = [
  { lt: fromBinary("j") },
  { gte: fromBinary("k"), lt: fromBinary("p") },
  { gte: fromBinary("q"), lt: fromBinary("x") },
  { gte: fromBinary("y") }
];
async function moveIntoPages(store, options = {}) {
  const pages = await PagedKVStore.openUnchecked(leftOpen(store), options);
  try {
    for await (const batch of batches(store)) {
      await pages.write(batch.map(([key, value]) => ({ type: "put", key, value })));
    }
  } finally {
    await pages.close();
  }
  for await (const batch of batches(store)) {
    await store.write(batch.map(([key]) => ({ type: "delete", key })));
  }
}
async function* batches(store) {
  for (const range of OTHERS) {
    let batch = [];
    for await (const entry of store.range(range)) {
      if (batch.push(entry) < BATCH2) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}
function leftOpen(store) {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    range: (range) => store.range(range),
    write: (operations, options) => store.write(operations, options),
    close: async () => {
    }
  };
}

// src/ledger/kvledger/ledger-files.ts
var PARTS = ["blocks", "state", "history", "pvtdata"];
var LedgerFiles = class {
  #stores;
  #prefix;
  /** @param prefix begins the names of the stores, before a `/`. */
  constructor(stores, prefix) {
    this.#stores = stores;
    this.#prefix = prefix;
  }
  /** The store that tells of all ledgers. */
  openIdStore() {
    return this.#stores.open(`${this.#prefix}/ledgerProvider`);
  }
  /** All stores of a ledger, or all but its history; none stays open when one cannot be opened. */
  async openAll(ledgerId, withHistory) {
    const opened = [];
    const openPart2 = async (part) => {
      const store = await this.#open(ledgerId, part);
      opened.push(store);
      return store;
    };
    try {
      return {
        blocks: await openPart2("blocks"),
        state: await openPart2("state"),
        history: withHistory ? await openPart2("history") : void 0,
        pvtdata: await openPart2("pvtdata")
      };
    } catch (error) {
      await Promise.all(opened.map((store) => store.close()));
      throw error;
    }
  }
  /** Uses one store of a closed ledger. */
  async with(ledgerId, part, use) {
    const store = await this.#open(ledgerId, part);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }
  /** Brings the state of a closed ledger into pages, as `tabric-1` did not have it. May be done again. */
  async moveStateIntoPages(ledgerId) {
    if (!this.#stores.chargesByRecord) return;
    const store = await this.#stores.open(this.#name(ledgerId, "state"));
    try {
      await moveIntoPages(store);
    } finally {
      await store.close();
    }
  }
  destroy(ledgerId, part) {
    return this.#stores.destroy(this.#name(ledgerId, part));
  }
  async destroyAll(ledgerId) {
    for (const part of PARTS) await this.destroy(ledgerId, part);
  }
  // Of the parts, only the state writes its entries one by one; the others pack theirs.
  async #open(ledgerId, part) {
    const store = await this.#stores.open(this.#name(ledgerId, part));
    if (part !== "state" || !this.#stores.chargesByRecord) return store;
    try {
      return await PagedKVStore.open(store);
    } catch (error) {
      await store.close();
      throw error;
    }
  }
  #name(ledgerId, part) {
    return `${this.#prefix}/${ledgerId}/${part}`;
  }
};
async function closeAll({ blocks, state, history, pvtdata }) {
  await Promise.all([blocks.close(), state.close(), history?.close(), pvtdata.close()]);
}

// src/ledger/kvledger/recovery.ts
async function recoverDBs(blockStore, dbs, log) {
  const { ledgerId, height, firstBlock } = blockStore;
  await dbs.history?.skipTo(firstBlock);
  const nextOfState = dbs.state.lastBlock + 1;
  const nextOfHistory = dbs.history?.nextBlock ?? height;
  if (nextOfState > height || nextOfHistory > height) {
    const text2 = `${ledgerId} has ${height} blocks, but state of ${nextOfState} and history of ${nextOfHistory}; rebuild its databases`;
    throw new LedgerError("LEDGER_CORRUPT", text2);
  }
  if (nextOfState < firstBlock) {
    const text2 = `${ledgerId} was made from a snapshot of block ${firstBlock - 1}, and its state cannot be rebuilt; remove it and join again`;
    throw new LedgerError("LEDGER_CORRUPT", text2);
  }
  const first = Math.min(nextOfState, nextOfHistory);
  if (first < height) log.info(`${ledgerId}: replaying blocks ${first} to ${height - 1}`);
  for (let blockNum = first; blockNum < height; blockNum++) {
    await recommit(blockNum, blockStore, dbs);
  }
}
async function recommit(blockNum, blockStore, dbs) {
  const bytes = await blockStore.retrieveBlockByNumber(blockNum);
  const block = parseBlock(bytes ?? new Uint8Array());
  const flags = transactionsFilterOf(block).slice();
  checkFlags(block, flags);
  await dbs.makeRoom();
  const prepared = await dbs.validateAndPrepare(block, flags, void 0);
  await prepared.private.store();
  await dbs.apply(blockNum, flags, prepared);
  await dbs.storeDue();
}
async function lastCommitHash(blockStore) {
  const { height, firstBlock, bootstrap } = blockStore;
  if (bootstrap && height === firstBlock) return bootstrap.lastBlockCommitHash;
  const last = await blockStore.retrieveBlockByNumber(height - 1);
  return last ? commitHashOf(parseBlock(last)) : new Uint8Array();
}

// src/ledger/kvledger/snapshot/snapshot-files.ts
import { sha256 as sha25611 } from "@noble/hashes/sha2.js";
var FORMAT = 1;
var CHUNK_BYTES2 = 64 * 1024;
var MAX_RECORD_BYTES = 128 * 1024 * 1024;
var SnapshotFile = class {
  name;
  #out;
  #hash = sha25611.create();
  #sink;
  #pending = [];
  #pendingBytes = 0;
  constructor(out, name) {
    this.#out = out;
    this.name = name;
  }
  async uvarint(value) {
    await this.#add(uvarintBytes(value));
  }
  async bytes(value) {
    await this.#add(uvarintBytes(value.length), value);
  }
  /** Completes the file; its hash in hex, undefined when nothing was written. */
  async done() {
    if (!this.#sink) return void 0;
    await this.#flush();
    await this.#sink.close();
    return toHex(this.#hash.digest());
  }
  async #add(...parts) {
    if (!this.#sink) {
      this.#sink = this.#out.write(this.name);
      this.#pending.push(Uint8Array.of(FORMAT));
    }
    for (const part of parts) {
      this.#pending.push(part);
      this.#pendingBytes += part.length;
    }
    if (this.#pendingBytes >= CHUNK_BYTES2) await this.#flush();
  }
  async #flush() {
    const chunk = concat(...this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hash.update(chunk);
    await this.#sink?.write(chunk);
  }
};
var SnapshotFileReader = class _SnapshotFileReader {
  #name;
  #chunks;
  #hash = sha25611.create();
  #buffer = new Uint8Array();
  #at = 0;
  constructor(name, chunks) {
    this.#name = name;
    this.#chunks = chunks[Symbol.asyncIterator]();
  }
  static async open(files, name) {
    const reader = new _SnapshotFileReader(name, files.read(name));
    const [format] = await reader.#take(1);
    if (format !== FORMAT) reader.#fail(`is of format ${format}, but ${FORMAT} is known`);
    return reader;
  }
  async uvarint() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const [byte = 0] = await this.#take(1);
      value += (byte & 127) * factor;
      if (!Number.isSafeInteger(value)) this.#fail("holds a number that is too large");
      if (byte < 128) return value;
      if (factor > 2 ** 49) this.#fail("holds a number that is too long");
    }
  }
  /** A copy. */
  async bytes() {
    const length = await this.uvarint();
    if (length > MAX_RECORD_BYTES) this.#fail(`holds a record of ${length} bytes`);
    return this.#take(length);
  }
  /** Throws LedgerError SNAPSHOT_INVALID unless all was read and the hash is this one, in hex. */
  async done(expectedHash) {
    const hasMore = this.#at < this.#buffer.length || !await this.#more();
    if (hasMore) this.#fail("is longer than its metadata says");
    const found = toHex(this.#hash.digest());
    if (found !== expectedHash) this.#fail(`has hash ${found}, but ${expectedHash} was promised`);
  }
  async close() {
    await this.#chunks.return?.();
  }
  async #take(length) {
    if (this.#buffer.length - this.#at < length) await this.#fill(length);
    this.#at += length;
    return this.#buffer.slice(this.#at - length, this.#at);
  }
  async #fill(length) {
    const parts = [this.#buffer.subarray(this.#at)];
    for (let have = parts[0]?.length ?? 0; have < length; ) {
      const { value, done } = await this.#chunks.next();
      if (done) this.#fail("is cut off");
      this.#hash.update(value);
      parts.push(value);
      have += value.length;
    }
    this.#buffer = concat(...parts);
    this.#at = 0;
  }
  // True at the end of the file.
  async #more() {
    for (; ; ) {
      const { value, done } = await this.#chunks.next();
      if (done) return true;
      if (value.length > 0) return false;
    }
  }
  #fail(what) {
    throw new LedgerError("SNAPSHOT_INVALID", `snapshot file ${this.#name} ${what}`);
  }
};
function uvarintBytes(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(rest % 128 | 128);
  return Uint8Array.of(...bytes, rest);
}

// src/ledger/kvledger/snapshot/snapshot-metadata.ts
import { sha256 as sha25612 } from "@noble/hashes/sha2.js";
var SIGNABLE_METADATA = "_snapshot_signable_metadata.json";
var ADDITIONAL_METADATA = "_snapshot_additional_metadata.json";
var STATE_DB_TYPE = "SimpleKeyValueDB";
var MAX_JSON_BYTES = 1024 * 1024;
var HEX_HASH = /^[0-9a-f]{64}$/;
async function writeSnapshotMetadata(out, metadata) {
  const sorted3 = [...metadata.filesHashes].sort(([a], [b]) => a < b ? -1 : 1);
  const signable = jsonBytes({
    channel_name: metadata.channelName,
    last_block_number: metadata.lastBlockNumber,
    last_block_hash: metadata.lastBlockHash,
    previous_block_hash: metadata.previousBlockHash,
    snapshot_files_raw_hashes: Object.fromEntries(sorted3),
    state_db_type: metadata.stateDbType
  });
  const snapshotHash = toHex(sha25612(signable));
  const additional = jsonBytes({
    snapshot_hash: snapshotHash,
    last_block_commit_hash: metadata.lastBlockCommitHash
  });
  await writeAll(out, SIGNABLE_METADATA, signable);
  await writeAll(out, ADDITIONAL_METADATA, additional);
  return { ...metadata, snapshotHash };
}
async function readSnapshotMetadata(files) {
  const signable = await readAll2(files, SIGNABLE_METADATA);
  const additional = parse(ADDITIONAL_METADATA, await readAll2(files, ADDITIONAL_METADATA));
  const snapshotHash = toHex(sha25612(signable));
  if (additional.snapshot_hash !== snapshotHash) {
    const text2 = `${SIGNABLE_METADATA} has hash ${snapshotHash}, not the one that ${ADDITIONAL_METADATA} names`;
    throw new LedgerError("SNAPSHOT_INVALID", text2);
  }
  const found = parse(SIGNABLE_METADATA, signable);
  return {
    channelName: textOf2(found, "channel_name"),
    lastBlockNumber: blockNumberOf(found),
    lastBlockHash: hashOf(found, "last_block_hash"),
    previousBlockHash: hashOf(found, "previous_block_hash", true),
    filesHashes: filesHashesOf(found),
    stateDbType: textOf2(found, "state_db_type"),
    snapshotHash,
    lastBlockCommitHash: hashOf(additional, "last_block_commit_hash", true)
  };
}
function blockNumberOf({ last_block_number: number }) {
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  return invalid3("names no last block");
}
function filesHashesOf({ snapshot_files_raw_hashes: hashes }) {
  if (!isFields(hashes)) return invalid3("names no files");
  return new Map(Object.keys(hashes).map((name) => [name, hashOf(hashes, name)]));
}
function textOf2(fields, name) {
  const value = fields[name];
  return typeof value === "string" ? value : invalid3(`has no ${name}`);
}
function hashOf(fields, name, mayBeEmpty = false) {
  const text2 = textOf2(fields, name);
  if (HEX_HASH.test(text2) || mayBeEmpty && text2 === "") return text2;
  return invalid3(`has no hash for ${name}`);
}
function invalid3(what) {
  throw new LedgerError("SNAPSHOT_INVALID", `the metadata of the snapshot ${what}`);
}
function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function parse(name, bytes) {
  try {
    const value = JSON.parse(fromUtf8Strict(bytes));
    if (isFields(value)) return value;
  } catch (cause) {
    const text2 = `snapshot file ${name} is no JSON: ${messageOf(cause)}`;
    throw new LedgerError("SNAPSHOT_INVALID", text2, { cause });
  }
  return invalid3(`in ${name} is no object`);
}
function jsonBytes(value) {
  return utf8(JSON.stringify(value, null, 4));
}
async function writeAll(out, name, bytes) {
  const sink = out.write(name);
  await sink.write(bytes);
  await sink.close();
}
async function readAll2(files, name) {
  const parts = [];
  let length = 0;
  for await (const chunk of files.read(name)) {
    length += chunk.length;
    if (length > MAX_JSON_BYTES) invalid3(`in ${name} is longer than ${MAX_JSON_BYTES} bytes`);
    parts.push(chunk.slice());
  }
  return concat(...parts);
}
function hashBytes(hex) {
  return fromHex(hex);
}

// src/ledger/kvledger/snapshot/export-snapshot.ts
async function exportLedger2({ blockStore, dbs, commitHash }, out, options) {
  const state = dbs.state.snapshot();
  try {
    const { ledgerId } = blockStore;
    const info = blockStore.getBlockchainInfo();
    const { configHistory } = dbs.private;
    const txIds = () => blockStore.txIds();
    return await exportSnapshot(
      { ledgerId, info, commitHash, state, txIds, configHistory },
      out,
      options
    );
  } finally {
    state.release();
  }
}
async function exportSnapshot(parts, out, { txIdsAtOnce = 1e5 } = {}) {
  const filesHashes = /* @__PURE__ */ new Map();
  await exportState(parts.state, out, filesHashes);
  await exportTxIds(parts.txIds, out, filesHashes, txIdsAtOnce);
  await exportConfigHistory(parts, out, filesHashes);
  return writeSnapshotMetadata(out, {
    channelName: parts.ledgerId,
    lastBlockNumber: parts.info.height - 1,
    lastBlockHash: toHex(parts.info.currentBlockHash),
    previousBlockHash: toHex(parts.info.previousBlockHash),
    filesHashes,
    stateDbType: STATE_DB_TYPE,
    lastBlockCommitHash: toHex(parts.commitHash)
  });
}
async function exportState(state, out, hashes) {
  const publicState = new NamespacedFile(out, "public_state");
  const privateHashes = new NamespacedFile(out, "private_state_hashes");
  for await (const [key, value] of state.range({})) {
    const { namespace, binaryKey } = splitStateKey(key);
    if (namespace.includes("$$p")) continue;
    const file = namespace.includes("$$h") ? privateHashes : publicState;
    await file.add(namespace, recordBytes(binaryKey, value));
  }
  await publicState.done(hashes);
  await privateHashes.done(hashes);
}
var NamespacedFile = class {
  #data;
  #metadata;
  #counts = [];
  constructor(out, name) {
    this.#data = new SnapshotFile(out, `${name}.data`);
    this.#metadata = new SnapshotFile(out, `${name}.metadata`);
  }
  async add(namespace, record) {
    const last = this.#counts.at(-1);
    if (last?.namespace === namespace) last.count++;
    else this.#counts.push({ namespace, count: 1 });
    await this.#data.bytes(record);
  }
  async done(hashes) {
    if (this.#counts.length > 0) {
      await this.#metadata.uvarint(this.#counts.length);
      for (const { namespace, count: count2 } of this.#counts) {
        await this.#metadata.bytes(utf8(namespace));
        await this.#metadata.uvarint(count2);
      }
    }
    await finish(hashes, this.#data, this.#metadata);
  }
};
function recordBytes(binaryKey, { value, metadata, version }) {
  const writer = new Writer();
  const fields = [fromBinary(binaryKey), value, metadata, versionBytes(version)];
  fields.forEach((bytes, i) => {
    if (bytes.length > 0) writer.uint32(i + 1 << 3 | 2).bytes(bytes);
  });
  return writer.finish();
}
async function exportTxIds(txIds, out, hashes, atOnce) {
  const data = new SnapshotFile(out, "txids.data");
  const metadata = new SnapshotFile(out, "txids.metadata");
  let count2 = 0;
  for (let last; ; ) {
    const next = await leastAfter(txIds(), last, atOnce);
    for (const id of next) await data.bytes(fromBinary(id));
    count2 += next.length;
    if (next.length < atOnce) break;
    last = next.at(-1);
  }
  if (count2 > 0) await metadata.uvarint(count2);
  await finish(hashes, data, metadata);
}
async function leastAfter(ids, last, count2) {
  let found = /* @__PURE__ */ new Set();
  const least = () => [...found].sort(byLength).slice(0, count2);
  for await (const id of ids) {
    if (last !== void 0 && byLength(id, last) <= 0) continue;
    found.add(id);
    if (found.size >= 2 * count2) found = new Set(least());
  }
  return least();
}
function byLength(a, b) {
  return a.length - b.length || byCode(a, b);
}
async function exportConfigHistory({ configHistory, info }, out, hashes) {
  const data = new SnapshotFile(out, "confighistory.data");
  const metadata = new SnapshotFile(out, "confighistory.metadata");
  let count2 = 0;
  for await (const [key, value] of configHistory.rows(info.height - 1)) {
    await data.bytes(key);
    await data.bytes(value);
    count2++;
  }
  if (count2 > 0) await metadata.uvarint(count2);
  await finish(hashes, data, metadata);
}
async function finish(hashes, ...files) {
  for (const file of files) {
    const hash = await file.done();
    if (hash !== void 0) hashes.set(file.name, hash);
  }
}

// src/ledger/kvledger/snapshot/snapshot-requests.ts
var REQUEST = Uint8Array.of(115);
var AFTER_REQUESTS = Uint8Array.of(116);
async function storedRequests(store) {
  const found = [];
  for await (const [key] of store.range({ gte: REQUEST, lt: AFTER_REQUESTS })) {
    found.push(readUint64(key, REQUEST.length));
  }
  return found;
}
function dropRequests(store) {
  return deleteRange(store, { gte: REQUEST, lt: AFTER_REQUESTS });
}
var SnapshotRequests = class {
  #ledger;
  #pending;
  // Commits, requests and cancellations change what the others are decided by, one at a time.
  #events = new Mutex();
  #lastBlock;
  #isCommitting = false;
  #isStopped = false;
  #generating;
  /** @param stored blocks asked for already. */
  constructor(ledger, stored) {
    this.#ledger = ledger;
    this.#lastBlock = ledger.lastBlock;
    this.#pending = new Set(stored);
  }
  /** Begins the snapshot of the last block if it was asked for and not made, as when the power went. */
  regenerateMissed() {
    if (this.#ledger.root) this.#generateIfDue();
  }
  /** Block numbers, in order. */
  pending() {
    return [...this.#pending].sort((a, b) => a - b);
  }
  submit(blockNum) {
    return this.#events.run(() => this.#submit(blockNum));
  }
  cancel(blockNum) {
    return this.#events.run(async () => {
      if (this.#generating && blockNum === this.#lastBlock) {
        refuse2("cannot cancel the snapshot request because it is under processing");
      }
      await this.#delete(blockNum);
    });
  }
  /** Commits a block behind the snapshot of the one before it, if there is to be one. */
  async aroundCommit(commit) {
    await this.#events.run(async () => {
      this.#isCommitting = true;
    });
    let committed;
    try {
      await this.#generating;
      committed = await commit();
      return committed;
    } finally {
      await this.#events.run(async () => this.#commitDone(committed?.blockNum));
    }
  }
  /** Begins no snapshot any more, and resolves behind the one that is being made. What is asked for stays stored. */
  async stop() {
    await this.#events.run(async () => {
      this.#isStopped = true;
    });
    await this.#generating;
  }
  #commitDone(blockNum) {
    this.#isCommitting = false;
    if (blockNum === void 0) return;
    this.#lastBlock = blockNum;
    this.#generateIfDue();
  }
  async #submit(wanted) {
    const { ledgerId, root, store } = this.#ledger;
    if (!root) {
      const text2 = `${ledgerId}: no snapshots can be requested, since nothing is set up to keep them`;
      throw new LedgerError("SNAPSHOTS_DISABLED", text2);
    }
    const least = this.#lastBlock + (this.#isCommitting ? 1 : 0);
    const blockNum = wanted === 0 ? least : wanted;
    if (!Number.isSafeInteger(blockNum)) refuse2(`${wanted} is no block number`);
    if (blockNum < least) {
      refuse2(
        `requested snapshot for block number ${blockNum} cannot be less than the last committed block number ${least}`
      );
    }
    if (blockNum === this.#lastBlock && await root.has(ledgerId, blockNum)) {
      refuse2(`snapshot already generated for block number ${blockNum}`);
    }
    if (this.#pending.has(blockNum)) {
      refuse2(`duplicate snapshot request for block number ${blockNum}`);
    }
    const operation = { type: "put", key: keyOf2(blockNum), value: new Uint8Array() };
    await store.write([operation], { durable: true });
    this.#pending.add(blockNum);
    if (!this.#isCommitting) this.#generateIfDue();
  }
  async #delete(blockNum) {
    if (!this.#pending.has(blockNum)) {
      refuse2(`no snapshot request exists for block number ${blockNum}`);
    }
    await this.#ledger.store.write([{ type: "delete", key: keyOf2(blockNum) }], { durable: true });
    this.#pending.delete(blockNum);
  }
  #generateIfDue() {
    const blockNum = this.#lastBlock;
    if (this.#isStopped || this.#generating || !this.#pending.has(blockNum)) return;
    this.#generating = this.#generate(blockNum);
  }
  // As in Fabric, a request is done with even if its snapshot failed. Never rejects.
  async #generate(blockNum) {
    const { ledgerId, logger } = this.#ledger;
    const what = `the snapshot of block ${blockNum}`;
    try {
      await this.#writeSnapshot(blockNum);
      logger.info(`[${ledgerId}] generated ${what}`);
    } catch (error) {
      logger.error(`[${ledgerId}] failed to generate ${what}: ${messageOf(error)}`);
    }
    await this.#events.run(async () => {
      try {
        await this.#delete(blockNum);
      } catch (error) {
        logger.error(`[${ledgerId}] failed to delete the request of ${what}: ${messageOf(error)}`);
      } finally {
        this.#generating = void 0;
      }
    });
  }
  async #writeSnapshot(blockNum) {
    const { ledgerId, root, generate } = this.#ledger;
    if (!root) throw new LedgerError("SNAPSHOTS_DISABLED", "nothing is set up to keep it");
    if (await root.has(ledgerId, blockNum)) return;
    const snapshot = await root.make(ledgerId, blockNum);
    try {
      await generate(snapshot);
      await snapshot.complete();
    } catch (error) {
      await snapshot.discard();
      throw error;
    }
  }
};
function keyOf2(blockNum) {
  return concat(REQUEST, uint64Bytes(blockNum));
}
function refuse2(text2) {
  throw new LedgerError("SNAPSHOT_REQUEST_INVALID", text2);
}

// src/ledger/kvledger/state-queries.ts
function scanState(state, namespace, startKey, limit) {
  return withSnapshot(state, async (snapshot) => {
    const found = [];
    if (limit <= 0) return found;
    for await (const [row, value] of snapshot.range(stateRange(namespace, startKey, ""))) {
      const key = binaryToUtf8(splitStateKey(row).binaryKey);
      found.push({ namespace, key, ...copyOf(value) });
      if (found.length >= limit) break;
    }
    return found;
  });
}
function getVersionedValue(state, namespace, key) {
  return withSnapshot(state, async (snapshot) => {
    const found = await snapshot.get(stateKey(namespace, key));
    return found && copyOf(found);
  });
}
function getPrivateDataHash(state, namespace, collection, keyHash) {
  const key = stateKeyOfBinary(hashedDataNs(namespace, collection), toBinary(keyHash));
  return withSnapshot(state, async (snapshot) => {
    const found = await snapshot.get(key);
    return found && copyOf(found);
  });
}
async function withSnapshot(state, read2) {
  const snapshot = state.snapshot();
  try {
    return await read2(snapshot);
  } finally {
    snapshot.release();
  }
}
function copyOf({ value, metadata, version }) {
  return { value: value.slice(), metadata: metadata.slice(), version };
}

// src/ledger/kvledger/kv-ledger.ts
var KVLedger = class _KVLedger {
  ledgerId;
  #stores;
  #blockStore;
  #dbs;
  #clock;
  #log;
  #preResetHeight;
  #requests;
  #committing = new Mutex();
  #commitHash;
  #failure;
  #closing;
  #closed = false;
  #storesClosed = false;
  constructor(stores, { blockStore, dbs, commitHash, requests }, clock, { logger = silentLogger, preResetHeight, snapshots: root }) {
    this.ledgerId = blockStore.ledgerId;
    this.#stores = stores;
    this.#blockStore = blockStore;
    this.#dbs = dbs;
    this.#commitHash = commitHash;
    this.#clock = clock;
    this.#log = logger;
    this.#preResetHeight = preResetHeight;
    const { ledgerId } = this;
    const lastBlock = blockStore.height - 1;
    const generate = (out) => this.#exportSnapshot(out);
    const requested = { ledgerId, lastBlock, store: stores.pvtdata, root, logger, generate };
    this.#requests = new SnapshotRequests(requested, requests);
  }
  /**
   * Opens the ledger that the stores hold, an empty one when they are empty, and brings its databases up to its blocks.
   * Throws LedgerError LEDGER_CORRUPT when a database is ahead of the blocks.
   */
  static async open(ledgerId, stores, clock, options = {}) {
    const { txIdIndex = {}, logger = silentLogger } = options;
    const blockStore = await BlockStore.open(stores.blocks, ledgerId, { txIdIndex, logger });
    const dbs = await LedgerDBs.open(ledgerId, stores, clock, options);
    await recoverDBs(blockStore, dbs, logger);
    const commitHash = await lastCommitHash(blockStore);
    const requests = await storedRequests(stores.pvtdata);
    const parts = { blockStore, dbs, commitHash, requests };
    const ledger = new _KVLedger(stores, parts, clock, options);
    ledger.#requests.regenerateMissed();
    return ledger;
  }
  get preResetHeight() {
    const height = this.#preResetHeight;
    return height !== void 0 && this.#blockStore.height < height ? height : void 0;
  }
  /** True when its stores are closed. */
  get isClosed() {
    return this.#storesClosed;
  }
  getBlockchainInfo() {
    const { bootstrap } = this.#blockStore;
    const info = this.#blockStore.getBlockchainInfo();
    return bootstrap ? { ...info, lastBlockInSnapshot: bootstrap.lastBlockNumber } : info;
  }
  getBlockByNumber(blockNum) {
    return this.#blockStore.retrieveBlockByNumber(blockNum);
  }
  getBlockByHash(hash) {
    return this.#blockStore.retrieveBlockByHash(hash);
  }
  getBlockByTxID(txId) {
    return this.#blockStore.retrieveBlockByTxID(txId);
  }
  getTransactionByID(txId) {
    return this.#blockStore.retrieveTxByID(txId);
  }
  getTransactionByBlockNumTranNum(blockNum, txNum) {
    return this.#blockStore.retrieveTxByBlockNumTranNum(blockNum, txNum);
  }
  getTxValidationCodeByTxID(txId) {
    return this.#blockStore.retrieveTxValidationCodeByTxID(txId);
  }
  txIDExists(txId) {
    return this.#blockStore.txIDExists(txId);
  }
  blocks(from, options) {
    return this.#blockStore.iterator(from, options);
  }
  newQueryExecutor() {
    this.#checkUsable();
    return this.#dbs.newQueryExecutor();
  }
  newTxSimulator(txId) {
    this.#checkUsable();
    return this.#dbs.newTxSimulator(txId);
  }
  async getHistoryForKey(namespace, key) {
    this.#checkUsable();
    const { history } = this.#dbs;
    if (history) return history.getHistoryForKey(namespace, key, this.#blockStore);
    throw new LedgerError("HISTORY_DISABLED", "history database is not enabled");
  }
  async scanState(namespace, startKey, limit) {
    this.#checkUsable();
    return scanState(this.#dbs.state, namespace, startKey, limit);
  }
  async processIndexesForChaincodeDeploy(namespace, metaInf) {
    return this.#dbs.richQueries?.processIndexesForChaincodeDeploy(namespace, metaInf) ?? [];
  }
  stateNamespaces() {
    this.#checkUsable();
    return this.#dbs.state.namespaces();
  }
  async getVersionedValue(namespace, key) {
    this.#checkUsable();
    return getVersionedValue(this.#dbs.state, namespace, key);
  }
  hasStateMetadata(namespace) {
    return this.#dbs.state.hasMetadata(namespace);
  }
  async getPrivateDataHash(namespace, collection, keyHash) {
    this.#checkUsable();
    return getPrivateDataHash(this.#dbs.state, namespace, collection, keyHash);
  }
  /** The block's bytes must not be changed or transferred before this resolves. */
  commit(block, flags, privateData = /* @__PURE__ */ new Map()) {
    const commit = () => this.#commit(block, flags, privateData);
    return this.#committing.run(() => this.#requests.aroundCommit(commit));
  }
  getPvtDataByNum(blockNum) {
    this.#checkUsable();
    return this.#dbs.private.pvtData.getPvtDataByBlockNum(blockNum, this.#blockStore.height);
  }
  getMissingPvtData(limit) {
    this.#checkUsable();
    return this.#dbs.private.pvtData.getMissingPvtData(limit);
  }
  /**
   * Writes a snapshot of the ledger as it is after its last block, in Fabric's files. Commits wait for it. What was written
   * when it rejects is no snapshot.
   */
  generateSnapshot(out, options) {
    return this.#committing.run(() => this.#exportSnapshot(out, options));
  }
  async submitSnapshotRequest(blockNum) {
    this.#checkUsable();
    await this.#requests.submit(blockNum);
  }
  async cancelSnapshotRequest(blockNum) {
    this.#checkUsable();
    await this.#requests.cancel(blockNum);
  }
  pendingSnapshotRequests() {
    return this.#requests.pending();
  }
  /** Stores state and history as of now, which a crash would make the next open do. */
  flush() {
    return this.#dbs.flush();
  }
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  async #close() {
    await this.#committing.run(async () => {
      await this.#requests.stop();
      this.#closed = true;
    });
    await this.#blockStore.close();
    try {
      await this.flush();
    } catch (error) {
      this.#log.warn(`${this.ledgerId}: state is stored at the next start: ${messageOf(error)}`);
    }
    await closeAll(this.#stores);
    this.#storesClosed = true;
  }
  async #commit(received, flags, privateData) {
    this.#checkUsable();
    const began = this.#clock.now();
    const block = received instanceof Uint8Array ? parseBlock(received) : received;
    this.#blockStore.checkNext(block);
    checkFlags(block, flags);
    await this.#dbs.makeRoom();
    const prepared = await this.#dbs.validateAndPrepare(block, flags, privateData);
    const commitHash = this.#nextCommitHash(block.number, flags, prepared.batch);
    const final = withFinalMetadata(block, flags, commitHash);
    const txIds = txIdsOf(final);
    const validated = this.#clock.now();
    await prepared.private.store();
    await this.#blockStore.addBlock(final, { txIds });
    const stored = this.#clock.now();
    this.#commitHash = commitHash;
    const { state, history } = await this.#applyToDBs(block.number, flags, prepared);
    const ms = { mvcc: validated - began, store: stored - validated, state, history };
    this.#log.info(
      `[${this.ledgerId}] committed block ${block.number} with ${flags.length} transactions`,
      ms
    );
    this.#dbs.storeBehind();
    return { blockNum: block.number, txIds, flags: flags.slice(), commitHash, ms };
  }
  // The chain of commit hashes begins with block 1. One that lacks its beginning, in a ledger made elsewhere, is not begun.
  #nextCommitHash(blockNum, flags, batch) {
    if (blockNum !== 1 && this.#commitHash.length === 0) return this.#commitHash;
    return computeCommitHash(flags, batch, this.#commitHash);
  }
  // The block is stored. A failure from here on leaves databases behind it, which only opening again can mend.
  async #applyToDBs(blockNum, flags, prepared) {
    try {
      return await this.#dbs.apply(blockNum, flags, prepared);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
  async #exportSnapshot(out, options) {
    this.#checkUsable();
    const exported = { blockStore: this.#blockStore, dbs: this.#dbs, commitHash: this.#commitHash };
    return exportLedger2(exported, out, options);
  }
  #checkUsable() {
    if (this.#closed) throw new LedgerError("LEDGER_CLOSED", `ledger ${this.ledgerId} is closed`);
    if (this.#failure === void 0) return;
    const text2 = `ledger ${this.ledgerId} failed after storing a block: ${messageOf(this.#failure)}; open it again`;
    throw new LedgerError("LEDGER_FAILED", text2, { cause: this.#failure });
  }
};

// src/ledger/kvledger/maintenance/drop-dbs.ts
async function readyMetadata(ledgerId, context) {
  const metadata = await context.ids.get(ledgerId);
  if (metadata && isWhole(metadata)) return finishDrop(ledgerId, metadata, context);
  throw new LedgerError("LEDGER_NOT_FOUND", `there is no ledger ${ledgerId}`);
}
function isWhole({ status }) {
  return status === "ACTIVE" || status === "INACTIVE";
}
async function heightOfWhole(files, ledgerId) {
  const { height, isFromSnapshot } = await files.with(
    ledgerId,
    "blocks",
    (store) => chainExtent(store, ledgerId)
  );
  if (!isFromSnapshot) return height;
  const text2 = `${ledgerId} was made from a snapshot and has no blocks before it, so its databases cannot be made again; remove it and join again`;
  throw new LedgerError("LEDGER_FROM_SNAPSHOT", text2);
}
async function drop(ledgerId, metadata, pending, context) {
  await context.ids.set(ledgerId, { ...metadata, pending });
  await finishDrop(ledgerId, { ...metadata, pending }, context);
}
async function finishDrop(ledgerId, { pending, ...metadata }, { ids, files }) {
  if (!pending) return metadata;
  await files.destroy(ledgerId, "state");
  if (pending.databases === "all") await dropAllButState(ledgerId, pending, files);
  await ids.set(ledgerId, metadata);
  return metadata;
}
async function dropAllButState(ledgerId, { lastBlock }, files) {
  await files.destroy(ledgerId, "history");
  await files.with(ledgerId, "pvtdata", async (store) => {
    await dropConfigHistory(store);
    await dropRequests(store);
  });
  await files.with(ledgerId, "blocks", async (store) => {
    if (lastBlock !== void 0) await truncateChain(store, ledgerId, lastBlock);
    await dropIndex(store, ledgerId);
  });
}

// src/ledger/kvledger/maintenance/pause-resume.ts
function pause(ledgerId, context) {
  return updateStatus(ledgerId, "INACTIVE", context);
}
function resume(ledgerId, context) {
  return updateStatus(ledgerId, "ACTIVE", context);
}
async function updateStatus(ledgerId, status, context) {
  const metadata = await readyMetadata(ledgerId, context);
  if (metadata.status !== status) await context.ids.set(ledgerId, { ...metadata, status });
}

// src/ledger/kvledger/maintenance/rebuild-dbs.ts
async function rebuildDBs(ledgerId, context) {
  const metadata = await readyMetadata(ledgerId, context);
  await heightOfWhole(context.files, ledgerId);
  await drop(ledgerId, metadata, { databases: "all" }, context);
}

// src/ledger/kvledger/maintenance/reset.ts
async function reset(context) {
  const changed = /* @__PURE__ */ new Map();
  for (const [ledgerId, metadata] of await context.ids.list()) {
    if (!isWhole(metadata)) continue;
    const ready = await finishDrop(ledgerId, metadata, context);
    const height = await heightOfWhole(context.files, ledgerId);
    const preResetHeight = Math.max(height, ready.preResetHeight ?? 0);
    const pending = { databases: "all", lastBlock: 0 };
    changed.set(ledgerId, { ...ready, preResetHeight, pending });
  }
  if (changed.size > 0) await context.ids.setAll(changed);
  for (const [ledgerId, metadata] of changed) await finishDrop(ledgerId, metadata, context);
}

// src/ledger/kvledger/maintenance/rollback.ts
async function rollback(ledgerId, blockNum, context) {
  const { preResetHeight, ...metadata } = await readyMetadata(ledgerId, context);
  const height = await heightOfWhole(context.files, ledgerId);
  if (!(Number.isSafeInteger(blockNum) && blockNum >= 0 && blockNum < height - 1)) {
    const text2 = `target block number [${blockNum}] should be less than the biggest block number [${height - 1}] of ${ledgerId}`;
    throw new LedgerError("ROLLBACK_INVALID", text2, { data: { lastBlock: height - 1 } });
  }
  const kept = preResetHeight !== void 0 && preResetHeight > height ? { preResetHeight } : {};
  const pending = { databases: "all", lastBlock: blockNum };
  await drop(ledgerId, { ...metadata, ...kept }, pending, context);
}

// src/ledger/kvledger/maintenance/unjoin-channel.ts
async function unjoinChannel(ledgerId, context) {
  if (await context.ids.get(ledgerId) === void 0) {
    throw new LedgerError("LEDGER_NOT_FOUND", `there is no ledger ${ledgerId}`);
  }
  await context.ids.set(ledgerId, { status: "UNDER_DELETION" });
  await wipe(ledgerId, context);
}
async function wipe(ledgerId, { ids, files }) {
  await files.destroyAll(ledgerId);
  await ids.delete(ledgerId);
}

// src/ledger/kvledger/maintenance/upgrade-dbs.ts
var MIGRATIONS = Object.freeze([
  {
    from: "tabric-1",
    to: "tabric-2",
    // The state in IndexedDB goes into pages. What may be stored changes as well: blocks without index, and maintenance that was
    // begun. An older version would take a ledger without index for an empty one.
    run: async (idStore, files) => {
      for (const [ledgerId, metadata] of await new IdStore(idStore).list()) {
        if (isWhole(metadata)) await files.moveStateIntoPages(ledgerId);
      }
    }
  }
]);
var FORMAT_KEY = utf8("f");
async function upgradeDBs(idStore, files, migrations = MIGRATIONS) {
  const target = migrations.at(-1)?.to ?? "";
  const stored = await idStore.get(FORMAT_KEY);
  if (!stored) return setFormat(idStore, target);
  for (let format = fromUtf8(stored); format !== target; ) {
    const migration = migrations.find(({ from }) => from === format);
    if (!migration) unknown(format, target);
    await migration.run(idStore, files);
    format = migration.to;
    await setFormat(idStore, format);
  }
}
async function setFormat(idStore, format) {
  const value = utf8(format);
  await idStore.write([{ type: "put", key: FORMAT_KEY, value }], { durable: true });
}
function unknown(format, target) {
  const text2 = `ledgers are stored in format ${format.slice(0, 80)}, which is newer than ${target}, the newest that this version reads; update Tabric`;
  throw new LedgerError("STORE_UNREADABLE", text2);
}

// src/ledger/kvledger/txmgmt/statedb/state-import.ts
var BATCH_RECORDS = 1e3;
var BATCH_BYTES = 1024 * 1024;
var StateImporter = class {
  #store;
  #withMetadata = /* @__PURE__ */ new Set();
  #operations = [];
  #bytes = 0;
  constructor(store) {
    this.#store = store;
  }
  /** @param binaryKey the key as a binary string. */
  async add(namespace, binaryKey, value) {
    const key = fromBinary(DATA3 + stateKeyOfBinary(namespace, binaryKey));
    const record = encodeStateRecord(value);
    this.#operations.push({ type: "put", key, value: record });
    this.#bytes += key.length + record.length;
    const [chaincode = ""] = namespace.split("$$h");
    if (value.metadata.length > 0) this.#withMetadata.add(chaincode);
    if (this.#operations.length >= BATCH_RECORDS || this.#bytes >= BATCH_BYTES) await this.#flush();
  }
  /** @param lastBlock the block after which the state was as imported. */
  async done(lastBlock) {
    for (const namespace of this.#withMetadata) {
      const key = fromBinary(METADATA_HINT + utf8ToBinary(namespace));
      this.#operations.push({ type: "put", key, value: new Uint8Array(0) });
    }
    await this.#flush();
    const savepoint = { key: fromBinary(SAVEPOINT), value: uint64Bytes(lastBlock) };
    await this.#store.write([{ type: "put", ...savepoint }], { durable: true });
  }
  async #flush() {
    const operations = this.#operations;
    this.#operations = [];
    this.#bytes = 0;
    await this.#store.write(operations);
  }
};

// src/ledger/kvledger/snapshot/import-snapshot.ts
var KNOWN_FILES = new Set(
  ["public_state", "private_state_hashes", "txids", "confighistory"].flatMap((name) => [
    `${name}.data`,
    `${name}.metadata`
  ])
);
async function importSnapshot(files, metadata, stores, options = {}) {
  checkSupported(metadata);
  const pvt = await PrivatePart.open(stores.pvtdata, options.private ?? {}, silentLogger);
  const rows2 = await collect(recordsOf(files, metadata, "confighistory", readRow));
  await pvt.configHistory.importRows(rows2);
  await importTxIds(files, metadata, stores, options);
  const state = new StateImporter(stores.state);
  for await (const [namespace, key, value] of stateOf(files, metadata, "public_state")) {
    if (namespace.includes("$$")) invalid4(`public state has a namespace ${namespace}`);
    await state.add(namespace, key, value);
  }
  const hashes = pvt.pvtData.importer(metadata.lastBlockNumber);
  for await (const [namespace, key, value] of stateOf(files, metadata, "private_state_hashes")) {
    const [chaincode = "", collection] = namespace.split("$$h");
    if (collection === void 0 || key.length > MAX_KEY_HASH_BYTES)
      invalid4(`${namespace} is no private state`);
    await state.add(namespace, key, value);
    await hashes.add(chaincode, collection ?? "", key, value.version);
  }
  await hashes.done();
  await state.done(metadata.lastBlockNumber);
}
function checkSupported({ stateDbType, filesHashes }) {
  if (stateDbType !== STATE_DB_TYPE) {
    invalid4(`its state is of a ${stateDbType}, but here it is a ${STATE_DB_TYPE}`);
  }
  for (const name of filesHashes.keys()) {
    if (!KNOWN_FILES.has(name)) invalid4(`it has a file ${name.slice(0, 80)}, which is not known`);
  }
}
async function importTxIds(files, metadata, stores, { txIdIndex }) {
  const head = await openPart(files, metadata, "txids");
  if (!head) invalid4("it has no ids of transactions");
  const info = {
    lastBlockNumber: metadata.lastBlockNumber,
    lastBlockHash: hashBytes(metadata.lastBlockHash),
    previousBlockHash: hashBytes(metadata.previousBlockHash),
    lastBlockCommitHash: hashBytes(metadata.lastBlockCommitHash)
  };
  const read2 = async (data) => fromUtf8(await data.bytes());
  const count2 = await head.uvarint();
  await finishMetadata(head, metadata, "txids");
  const ids = dataOf(files, metadata, "txids", count2, read2);
  await bootstrapBlockStore(stores.blocks, metadata.channelName, info, { count: count2, ids }, txIdIndex);
  for await (const _ of ids) invalid4("it has more ids of transactions than it says");
}
async function* stateOf(files, metadata, name) {
  const head = await openPart(files, metadata, name);
  if (!head) return;
  const namespaces = [];
  for (let left = await head.uvarint(); left > 0; left--) {
    const namespace = textOf3(await head.bytes());
    namespaces.push({ namespace, count: await head.uvarint() });
  }
  await finishMetadata(head, metadata, name);
  const total = namespaces.reduce((sum, { count: count2 }) => sum + count2, 0);
  const records = dataOf(files, metadata, name, total, readState);
  for (const { namespace, count: count2 } of namespaces) {
    for (let left = count2; left > 0; left--) {
      const { value, done } = await records.next();
      if (done) return;
      yield [namespace, ...value];
    }
  }
  await records.next();
}
async function* recordsOf(files, metadata, name, read2) {
  const head = await openPart(files, metadata, name);
  if (!head) return;
  const count2 = await head.uvarint();
  await finishMetadata(head, metadata, name);
  yield* dataOf(files, metadata, name, count2, read2);
}
async function* dataOf(files, metadata, name, count2, read2) {
  const data = await SnapshotFileReader.open(files, `${name}.data`);
  try {
    for (let left = count2; left > 0; left--) yield await read2(data);
    await data.done(hashOf2(metadata, `${name}.data`));
  } finally {
    await data.close();
  }
}
async function openPart(files, { filesHashes }, name) {
  const [hasData, hasMetadata] = [`${name}.data`, `${name}.metadata`].map(
    (f) => filesHashes.has(f)
  );
  if (hasData !== hasMetadata) invalid4(`it has only one of the files of ${name}`);
  return hasMetadata ? SnapshotFileReader.open(files, `${name}.metadata`) : void 0;
}
async function finishMetadata(head, metadata, name) {
  await head.done(hashOf2(metadata, `${name}.metadata`));
  await head.close();
}
function hashOf2({ filesHashes }, name) {
  return filesHashes.get(name) ?? invalid4(`it names no hash of ${name}`);
}
async function readRow(data) {
  const key = await data.bytes();
  return [key, await data.bytes()];
}
async function readState(data) {
  const fields = [];
  try {
    const reader = new Reader(await data.bytes());
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if ((tag & 7) === 2) fields[tag >>> 3] = reader.bytes();
      else reader.skip(tag);
    }
    const none = new Uint8Array();
    const [, key = none, value = none, metadata = none, version = none] = fields;
    return [toBinary(key), { value, metadata, version: versionOf(version) }];
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    return invalid4(`a record of the state is malformed: ${messageOf(cause)}`);
  }
}
function textOf3(bytes) {
  try {
    return fromUtf8Strict(bytes);
  } catch {
    return invalid4("a namespace is no text");
  }
}
async function collect(records) {
  const all = [];
  for await (const record of records) all.push(record);
  return all;
}
function invalid4(what) {
  throw new LedgerError("SNAPSHOT_INVALID", `the snapshot cannot be used: ${what}`);
}

// src/ledger/kvledger/ledger-provider.ts
var LEDGER_ID = /^[a-z][a-z0-9.-]{0,248}$/;
var LedgerProvider = class _LedgerProvider {
  #context;
  #clock;
  #options;
  #opened = /* @__PURE__ */ new Map();
  #changing = new Mutex();
  constructor(context, clock, options) {
    this.#context = context;
    this.#clock = clock;
    this.#options = options;
  }
  /**
   * Opens the ledgers whose stores' names begin with `prefix` and `/`, of whatever format. Wipes those whose making or deletion
   * was interrupted, and goes on with maintenance that was.
   */
  static async open(stores, prefix, clock, options = {}) {
    const files = new LedgerFiles(stores, prefix);
    const idStore = await files.openIdStore();
    try {
      await upgradeDBs(idStore, files);
      const provider = new _LedgerProvider({ ids: new IdStore(idStore), files }, clock, options);
      await provider.#recover();
      return provider;
    } catch (error) {
      await idStore.close();
      throw error;
    }
  }
  async list() {
    const statuses = await this.statuses();
    return [...statuses].filter(([, status]) => status === "ACTIVE").map(([ledgerId]) => ledgerId);
  }
  async statuses() {
    const all = await this.#context.ids.list();
    return new Map([...all].map(([ledgerId, { status }]) => [ledgerId, status]));
  }
  async exists(ledgerId) {
    return (await this.#context.ids.get(ledgerId))?.status === "ACTIVE";
  }
  create(genesisBlock, settings = {}) {
    return this.#changing.run(() => this.#create(genesisBlock, this.#optionsOf(settings)));
  }
  createFromSnapshot(files, settings = {}) {
    return this.#changing.run(async () => {
      const options = this.#optionsOf(settings);
      const metadata = await readSnapshotMetadata(files);
      const ledgerId = checkedId(metadata.channelName);
      return this.#make(ledgerId, options, async (made) => {
        const stores = await this.#context.files.openAll(ledgerId, hasHistory(options));
        try {
          await importSnapshot(files, metadata, stores, options);
        } finally {
          await closeAll(stores);
        }
        return this.#openStores(ledgerId, made, options);
      });
    });
  }
  open(ledgerId, settings = {}) {
    return this.#changing.run(async () => {
      const options = this.#optionsOf(settings);
      this.#checkClosed(ledgerId);
      const metadata = await readyMetadata(ledgerId, this.#context);
      if (metadata.status !== "ACTIVE") {
        throw new LedgerError(
          "LEDGER_PAUSED",
          `ledger ${ledgerId} is paused; resume it to open it`
        );
      }
      const current = await this.#withStateDatabase(ledgerId, metadata, options);
      const ledger = await this.#openStores(ledgerId, current, options);
      await this.#forgetRegained(ledger, current);
      return ledger;
    });
  }
  rebuildDBs(ledgerId) {
    return this.#maintain([ledgerId], () => rebuildDBs(ledgerId, this.#context));
  }
  rollback(ledgerId, blockNum) {
    return this.#maintain([ledgerId], () => rollback(ledgerId, blockNum, this.#context));
  }
  reset() {
    return this.#maintain(void 0, () => reset(this.#context));
  }
  pause(ledgerId) {
    return this.#maintain([ledgerId], () => pause(ledgerId, this.#context));
  }
  resume(ledgerId) {
    return this.#maintain([ledgerId], () => resume(ledgerId, this.#context));
  }
  remove(ledgerId) {
    return this.#changing.run(async () => {
      await this.#opened.get(ledgerId)?.close();
      this.#opened.delete(ledgerId);
      await unjoinChannel(ledgerId, this.#context);
    });
  }
  async close() {
    await this.#changing.run(async () => {
      await Promise.all([...this.#opened.values()].map((ledger) => ledger.close()));
      this.#opened.clear();
      await this.#context.ids.close();
    });
  }
  #optionsOf({ stateDatabase, enableHistoryDatabase, collections }) {
    const options = this.#options;
    return {
      ...options,
      stateDatabase: stateDatabase ?? options.stateDatabase,
      enableHistoryDatabase: enableHistoryDatabase ?? options.enableHistoryDatabase ?? true,
      private: { ...options.private, ...collections && { collections } }
    };
  }
  #create(genesisBlock, options) {
    const ledgerId = ledgerIdOf(genesisBlock);
    return this.#make(ledgerId, options, async (made) => {
      const ledger = await this.#openStores(ledgerId, made, options);
      await ledger.commit(genesisBlock, Uint8Array.of(protos.TxValidationCode.VALID));
      return ledger;
    });
  }
  async #make(ledgerId, { stateDatabase = DEFAULT_STATE_DATABASE }, fill) {
    const { ids } = this.#context;
    if (await ids.get(ledgerId) !== void 0) {
      throw new LedgerError("LEDGER_EXISTS", `ledger ${ledgerId} exists already`);
    }
    const made = { status: "ACTIVE", stateDatabase };
    await ids.set(ledgerId, { ...made, status: "UNDER_CONSTRUCTION" });
    try {
      const ledger = await fill(made);
      await ids.set(ledgerId, made);
      return ledger;
    } catch (error) {
      await this.#abandon(ledgerId);
      throw error;
    }
  }
  // Whatever cannot be undone now is undone at the next start.
  async #abandon(ledgerId) {
    try {
      await this.#opened.get(ledgerId)?.close();
      this.#opened.delete(ledgerId);
      await wipe(ledgerId, this.#context);
    } catch (error) {
      const text2 = `ledger ${ledgerId} was not made; its remains are deleted at the next start`;
      this.#options.logger?.warn(`${text2}: ${messageOf(error)}`);
    }
  }
  // A state is of one kind. Of another kind it is made again from the blocks.
  async #withStateDatabase(ledgerId, metadata, options) {
    const { stateDatabase: made } = metadata;
    const wanted = options.stateDatabase ?? made ?? DEFAULT_STATE_DATABASE;
    if (made === wanted) return metadata;
    const changed = { ...metadata, stateDatabase: wanted };
    if (made === void 0) {
      await this.#context.ids.set(ledgerId, changed);
      return changed;
    }
    await this.#checkRebuildable(ledgerId, made, wanted);
    const text2 = `${ledgerId}: the state was made for ${made} and is made again for ${wanted}`;
    this.#options.logger?.info(text2);
    await drop(ledgerId, changed, { databases: "state" }, this.#context);
    return changed;
  }
  async #checkRebuildable(ledgerId, made, wanted) {
    try {
      await heightOfWhole(this.#context.files, ledgerId);
    } catch (cause) {
      if (!(cause instanceof LedgerError) || cause.code !== "LEDGER_FROM_SNAPSHOT") throw cause;
      const text2 = `the state of ${ledgerId} was made for ${made}; without its first blocks it cannot be made again for ${wanted}: set ${made} again, or remove the ledger and join again`;
      throw new LedgerError("LEDGER_FROM_SNAPSHOT", text2, { cause });
    }
  }
  async #openStores(ledgerId, { stateDatabase, preResetHeight }, options) {
    const stores = await this.#context.files.openAll(ledgerId, hasHistory(options));
    try {
      const about = { ...options, stateDatabase, preResetHeight };
      const ledger = await KVLedger.open(ledgerId, stores, this.#clock, about);
      this.#opened.set(ledgerId, ledger);
      return ledger;
    } catch (error) {
      await closeAll(stores);
      throw error;
    }
  }
  async #forgetRegained(ledger, metadata) {
    const { preResetHeight, ...rest } = metadata;
    if (preResetHeight === void 0 || ledger.preResetHeight !== void 0) return;
    await this.#context.ids.set(ledger.ledgerId, rest);
  }
  // Maintenance of some ledgers, or of all.
  #maintain(ledgerIds, act) {
    return this.#changing.run(async () => {
      for (const ledgerId of ledgerIds ?? this.#opened.keys()) this.#checkClosed(ledgerId);
      await act();
    });
  }
  #checkClosed(ledgerId) {
    const ledger = this.#opened.get(ledgerId);
    if (ledger && !ledger.isClosed) {
      throw new LedgerError("LEDGER_OPEN", `ledger ${ledgerId} is open; close it first`);
    }
  }
  async #recover() {
    for (const [ledgerId, metadata] of await this.#context.ids.list()) {
      if (!isWhole(metadata)) await wipe(ledgerId, this.#context);
      else await this.#goOnWith(ledgerId, metadata);
    }
  }
  // What cannot be done now must not keep other ledgers from being opened; opening this one tries again.
  async #goOnWith(ledgerId, metadata) {
    try {
      await finishDrop(ledgerId, metadata, this.#context);
    } catch (error) {
      const text2 = `maintenance of ${ledgerId} was interrupted, and cannot be finished`;
      this.#options.logger?.warn(`${text2}: ${messageOf(error)}`);
    }
  }
};
var DEFAULT_STATE_DATABASE = "goleveldb";
function hasHistory({ enableHistoryDatabase = true }) {
  return enableHistoryDatabase;
}
function ledgerIdOf(genesisBlock) {
  const { number, transactions } = parseBlock(genesisBlock);
  if (number !== 0 || transactions.length !== 1) {
    const text2 = `block ${number} with ${transactions.length} transactions is no genesis block`;
    throw new LedgerError("BLOCK_MALFORMED", text2);
  }
  let ledgerId;
  try {
    ledgerId = getChannelIdFromBlock(common.Block.decode(genesisBlock));
  } catch (cause) {
    throw new LedgerError(
      "BLOCK_MALFORMED",
      `genesis block names no channel: ${messageOf(cause)}`,
      { cause }
    );
  }
  return checkedId(ledgerId);
}
function checkedId(ledgerId) {
  if (LEDGER_ID.test(ledgerId)) return ledgerId;
  throw new LedgerError("LEDGER_NAME_INVALID", `"${ledgerId.slice(0, 260)}" is no channel name`);
}

// src/ledger/memory/memory-kv-store.ts
var MemoryKVStore = class {
  #contents;
  #onClose;
  #closed = false;
  constructor(contents = new SortedMap(), onClose = () => {
  }) {
    this.#contents = contents;
    this.#onClose = onClose;
  }
  async get(key) {
    this.#check();
    return this.#contents.get(toBinary(key))?.slice();
  }
  async getMany(keys) {
    this.#check();
    return keys.map((key) => this.#contents.get(toBinary(key))?.slice());
  }
  async *range({ gte, lt, reverse = false, limit }) {
    this.#check();
    const keys = this.#contents.keys({ gte: gte && toBinary(gte), lt: lt && toBinary(lt) });
    if (reverse) keys.reverse();
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const key of keys) {
      if (left-- <= 0) return;
      this.#check();
      const value = this.#contents.get(key);
      if (value !== void 0) yield [fromBinary(key), value.slice()];
    }
  }
  async write(operations) {
    this.#check();
    for (const operation of operations) {
      const key = toBinary(operation.key);
      if (operation.type === "put") this.#contents.set(key, operation.value.slice());
      else this.#contents.delete(key);
    }
  }
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }
  #check() {
    if (this.#closed) throw new LedgerError("STORE_CLOSED", "the store in memory is closed");
  }
};
var MemoryKVStoreProvider = class {
  #stores = /* @__PURE__ */ new Map();
  #open = /* @__PURE__ */ new Set();
  async open(name) {
    if (this.#open.has(name)) {
      throw new LedgerError("STORE_LOCKED", `the store ${name} is open already`);
    }
    const contents = this.#stores.get(name) ?? new SortedMap();
    this.#stores.set(name, contents);
    this.#open.add(name);
    return new MemoryKVStore(contents, () => this.#open.delete(name));
  }
  async list() {
    return [...this.#stores.keys()].sort();
  }
  async destroy(name) {
    if (this.#open.has(name)) throw new LedgerError("STORE_LOCKED", `the store ${name} is open`);
    this.#stores.delete(name);
  }
};

// cmd/command-ledgers.ts
function memoryLedgers(options) {
  return openLedgers(new MemoryKVStoreProvider(), void 0, options);
}
function levelDBLedgers(directory, options) {
  return ledgersIn(new LevelDBKVStoreProvider(directory), directory, options);
}
async function ledgersIn(stores, directory, options) {
  try {
    return await openLedgers(stores, void 0, options);
  } catch (error) {
    return throwClearly(error, directory);
  }
}
async function temporaryLedgers(options) {
  const directory = await mkdtemp2(join9(tmpdir2(), "tabric-"));
  const remove = () => rm4(directory, { recursive: true, force: true });
  try {
    return await openLedgers(new LevelDBKVStoreProvider(directory), remove, options);
  } catch (error) {
    await remove();
    throw error;
  }
}
async function openLedgers(stores, afterwards = async () => {
}, options) {
  const ledgers = await LedgerProvider.open(stores, PEER_STORES, systemClock, options);
  return {
    ledgers,
    [Symbol.asyncDispose]: async () => {
      await ledgers.close();
      await afterwards();
    }
  };
}

// cmd/state-keys.ts
async function countKeys(stores, channelId) {
  const store = await stores.open(`${PEER_STORES}/${channelId}/state`);
  try {
    const kind = DATA3.charCodeAt(0);
    let count2 = 0;
    for await (const _ of store.range({
      gte: Uint8Array.of(kind),
      lt: Uint8Array.of(kind + 1)
    })) {
      count2++;
    }
    return count2;
  } finally {
    await store.close();
  }
}

// cmd/watched-stores.ts
function watchBlockReads(stores, onRead) {
  return {
    open: async (name) => {
      const store = await stores.open(name);
      const [, ledgerId] = /^[^/]+\/(.+)\/blocks$/.exec(name) ?? [];
      return ledgerId === void 0 ? store : watched(store, ledgerId, onRead);
    },
    list: () => stores.list(),
    destroy: (name) => stores.destroy(name)
  };
}
function watched(store, ledgerId, onRead) {
  const kindAt = ledgerId.length + 1;
  const key = blockKey(0);
  return {
    get: async (wanted) => {
      if (wanted.length === kindAt + key.length && wanted[kindAt] === key[0]) onRead();
      return store.get(wanted);
    },
    getMany: (keys) => store.getMany(keys),
    range: (range) => store.range(range),
    write: (operations, options) => store.write(operations, options),
    close: () => store.close()
  };
}

// cmd/peer-ledgers.ts
var PeerLedgers = class {
  directory;
  #opened;
  #reads;
  constructor(directory, opened, reads) {
    this.directory = directory;
    this.#opened = opened;
    this.#reads = reads;
  }
  get ledgers() {
    return this.#opened.ledgers;
  }
  /** The ledger asked for, or the only one. Throws FabricError LEDGER_NOT_FOUND. */
  async choose(wanted) {
    const ids = [...(await this.ledgers.statuses()).keys()];
    const [ledgerId, another] = ids.filter((id) => id === (wanted ?? id));
    if (ledgerId !== void 0 && another === void 0) return ledgerId;
    const text2 = another === void 0 ? `there is no such ledger in ${this.directory.path}; there are: ${ids.join(", ") || "none"}` : `say which --channel: ${ids.join(", ")}`;
    throw new FabricError("LEDGER_NOT_FOUND", text2);
  }
  /** Opens a ledger, which makes again what it lacks, and tells what it came to. It is closed afterwards. */
  async prove(ledgerId) {
    const ledger = await this.open(ledgerId);
    await ledger.close();
    return {
      channelId: ledgerId,
      ...await this.tip(ledgerId),
      keys: await countKeys(this.directory.stores, ledgerId)
    };
  }
  /** With a progress bar, since it makes again what it lacks. */
  async open(ledgerId) {
    this.#reads.begin((await this.extent(ledgerId)).height);
    try {
      return await this.ledgers.open(ledgerId);
    } finally {
      this.#reads.end();
    }
  }
  /** Of a closed ledger, whether or not its blocks are indexed. */
  async extent(ledgerId) {
    const store = await this.directory.stores.open(peerBlocks(ledgerId));
    try {
      return await chainExtent(store, ledgerId);
    } finally {
      await store.close();
    }
  }
  /** Of a closed ledger. */
  async tip(channelId) {
    var _stack = [];
    try {
      const chain = { kind: "peer", channelId, store: peerBlocks(channelId) };
      const opened = __using(_stack, await openBlocks(this.directory, chain), true);
      return await tipOf(opened.blockStore);
    } catch (_) {
      var _error = _, _hasError = true;
    } finally {
      var _promise = __callDispose(_stack, _error, _hasError);
      _promise && await _promise;
    }
  }
  async [Symbol.asyncDispose]() {
    await this.#opened[Symbol.asyncDispose]();
  }
};
async function openPeerLedgers(path, signal) {
  const directory = await needChains(path);
  if (!directory.isPeers) {
    const text2 = `${path} holds an orderer's chains, which are blocks only: use export, inspect, list or verify`;
    throw new FabricError("ORDERER_CHAIN", text2);
  }
  const reads = new BlockReads(signal);
  const stores = watchBlockReads(directory.stores, () => reads.next());
  return new PeerLedgers(directory, await ledgersIn(stores, directory.path), reads);
}
var BlockReads = class {
  #signal;
  #bar;
  #total = 0;
  #done = 0;
  constructor(signal) {
    this.#signal = signal;
  }
  begin(height) {
    this.#bar = new ProgressBar("blocks");
    this.#total = 2 * height;
    this.#done = 0;
  }
  next() {
    this.#signal.throwIfAborted();
    this.#done++;
    this.#bar?.update({ done: this.#done, total: this.#total, count: this.#done / 2 });
  }
  end() {
    this.#bar?.end();
    this.#bar = void 0;
  }
};

// cmd/ledger-list.ts
function listCommand({ signal, finish: finish2 }) {
  return new Command5("list").description("which ledgers there are, their status, height and hashes").argument("<directory>", CHAIN_DIRECTORY).option("--json", "answer in one line of JSON").addHelpText("after", examples("list ledgers", "list data")).action(async (path, flags) => finish2(await list(path, flags, signal)));
}
async function list(path, { json }, signal) {
  const ledgers = [...await peersLedgers(path, signal), ...await orderersChains(path)];
  if (json) print(JSON.stringify(ledgers));
  else print(ledgers.map(textOf4).join("\n\n") || "none");
  return 0;
}
async function peersLedgers(path, signal) {
  var _stack = [];
  try {
    if (!(await needChains(path)).isPeers) return [];
    const opened = __using(_stack, await openPeerLedgers(path, signal), true);
    const found = [];
    for (const [channelId, status] of await opened.ledgers.statuses()) {
      found.push({ channelId, kind: "peer", status, ...await opened.tip(channelId) });
    }
    return found;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function orderersChains(path) {
  const directory = await needChains(path);
  const found = [];
  for (const chain of directory.chains) {
    var _stack = [];
    try {
      if (chain.kind !== "orderer") continue;
      const opened = __using(_stack, await openBlocks(directory, chain), true);
      const { channelId, kind } = chain;
      found.push({ channelId, kind, status: "ACTIVE", ...await tipOf(opened.blockStore) });
    } catch (_) {
      var _error = _, _hasError = true;
    } finally {
      var _promise = __callDispose(_stack, _error, _hasError);
      _promise && await _promise;
    }
  }
  return found;
}
function textOf4(ledger) {
  const { channelId, kind, status } = ledger;
  const about = kind === "orderer" ? "an orderer\u2019s chain" : status;
  return rows([["channel", channelId], ["status", about], ...tipRows(ledger)]);
}

// cmd/ledger-pause.ts
import { Command as Command6 } from "commander";
function pauseCommand({ signal, finish: finish2 }) {
  return new Command6("pause").description("keeps a ledger from being opened: `peer node pause`").argument("<directory>", LEDGER_DIRECTORY).requiredOption("--channel <name>", "which one").addHelpText("after", examples("pause ledgers --channel mychannel")).action(async (path, { channel }) => {
    var _stack = [];
    try {
      const opened = __using(_stack, await openPeerLedgers(path, signal), true);
      await opened.ledgers.pause(await opened.choose(channel));
      print(`${channel} is paused`);
      finish2(0);
    } catch (_) {
      var _error = _, _hasError = true;
    } finally {
      var _promise = __callDispose(_stack, _error, _hasError);
      _promise && await _promise;
    }
  });
}
function resumeCommand({ signal, finish: finish2 }) {
  return new Command6("resume").description("lets a paused ledger be opened again: `peer node resume`").argument("<directory>", LEDGER_DIRECTORY).requiredOption("--channel <name>", "which one").addHelpText("after", examples("resume ledgers --channel mychannel")).action(async (path, { channel }) => {
    var _stack = [];
    try {
      const opened = __using(_stack, await openPeerLedgers(path, signal), true);
      await opened.ledgers.resume(await opened.choose(channel));
      print(`${channel} is active`);
      finish2(0);
    } catch (_) {
      var _error = _, _hasError = true;
    } finally {
      var _promise = __callDispose(_stack, _error, _hasError);
      _promise && await _promise;
    }
  });
}

// cmd/ledger-rebuild.ts
import { Command as Command7 } from "commander";
function rebuildCommand({ signal, finish: finish2 }) {
  return new Command7("rebuild").description("makes state, history and indexes again of the blocks: `peer node rebuild-dbs`").argument("<directory>", LEDGER_DIRECTORY).option("--channel <name>", "only this one (default: all)").option("--json", "answer in one line of JSON").addHelpText("after", examples("rebuild ledgers", "rebuild ledgers --channel mychannel")).action(async (path, flags) => {
    finish2(await rebuild(path, flags, signal));
  });
}
async function rebuild(path, { channel, json }, signal) {
  var _stack = [];
  try {
    const opened = __using(_stack, await openPeerLedgers(path, signal), true);
    const all = [...(await opened.ledgers.statuses()).keys()];
    const chosen = channel === void 0 ? all : [await opened.choose(channel)];
    for (const ledgerId of chosen) await refuseFromSnapshot(opened, ledgerId);
    const proofs = [];
    for (const ledgerId of chosen) {
      await opened.ledgers.rebuildDBs(ledgerId);
      proofs.push(...await proofsOf(opened, ledgerId));
    }
    return answer(proofs, json);
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function refuseFromSnapshot(opened, ledgerId) {
  if (!(await opened.extent(ledgerId)).isFromSnapshot) return;
  const text2 = `${ledgerId} was made from a snapshot and has no blocks before it, so nothing is rebuilt; name another --channel, or unjoin it and join again`;
  throw new FabricError("LEDGER_FROM_SNAPSHOT", text2);
}
function rollbackCommand({ signal, finish: finish2 }) {
  return new Command7("rollback").description(
    "deletes the blocks behind one, and makes the databases of what is left: `peer node rollback`"
  ).argument("<directory>", LEDGER_DIRECTORY).requiredOption("--block <number>", "the block that becomes the last one", wholeNumber).option(...CHANNEL_FLAG).option("--json", "answer in one line of JSON").addHelpText("after", examples("rollback ledgers --block 40")).action(
    async (path, { channel, json, block }) => {
      var _stack = [];
      try {
        const opened = __using(_stack, await openPeerLedgers(path, signal), true);
        const ledgerId = await opened.choose(channel);
        await opened.ledgers.rollback(ledgerId, block);
        finish2(answer(await proofsOf(opened, ledgerId), json));
      } catch (_) {
        var _error = _, _hasError = true;
      } finally {
        var _promise = __callDispose(_stack, _error, _hasError);
        _promise && await _promise;
      }
    }
  );
}
function resetCommand({ signal, finish: finish2 }) {
  return new Command7("reset").description("deletes all blocks but the genesis block of every ledger: `peer node reset`").argument("<directory>", LEDGER_DIRECTORY).option("--json", "answer in one line of JSON").addHelpText("after", examples("reset ledgers")).action(async (path, { json }) => {
    var _stack = [];
    try {
      const opened = __using(_stack, await openPeerLedgers(path, signal), true);
      await opened.ledgers.reset();
      const proofs = [];
      for (const ledgerId of (await opened.ledgers.statuses()).keys()) {
        proofs.push(...await proofsOf(opened, ledgerId));
      }
      finish2(answer(proofs, json));
    } catch (_) {
      var _error = _, _hasError = true;
    } finally {
      var _promise = __callDispose(_stack, _error, _hasError);
      _promise && await _promise;
    }
  });
}
async function proofsOf(opened, ledgerId) {
  try {
    return [await opened.prove(ledgerId)];
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === "LEDGER_PAUSED")) throw error;
    warn(`${ledgerId} is paused: its databases are made when it is resumed and opened`);
    return [];
  }
}
function answer(proofs, json) {
  if (json) print(JSON.stringify(proofs));
  else if (proofs.length > 0) print(proofs.map(textOf5).join("\n\n"));
  return 0;
}
function textOf5(proof) {
  return rows([
    ["channel", proof.channelId],
    ...tipRows(proof),
    ["state", `${proof.keys} keys, those of private data among them`]
  ]);
}

// cmd/ledger-replay.ts
import { availableParallelism } from "node:os";
import { Command as Command8, Option as Option2 } from "commander";

// src/node/headless/verify-threads.ts
import { Worker } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
var EXTENSION2 = import.meta.url.endsWith(".ts") ? "ts" : "js";
function startVerifyThreads(size) {
  const threads = Array.from(
    { length: size },
    () => new Worker(new URL(`./verify-worker.${EXTENSION2}`, import.meta.url))
  );
  return {
    pool: new SignaturePool(threads.map(signatureWorkerOf)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
  };
}
function signatureWorkerOf(thread) {
  const remote = Comlink.wrap(nodeEndpoint(thread));
  return {
    configure: (rules) => remote.configure(rules),
    forget: (channelId) => remote.forget(channelId),
    verify: (channelId, block) => remote.verify(channelId, Comlink.transfer(block, [block.buffer]))
  };
}

// cmd/snapshots-directory.ts
import { access as access2 } from "node:fs/promises";
import { join as join11 } from "node:path";

// cmd/snapshot-folder.ts
import { randomBytes } from "node:crypto";
import { createReadStream as createReadStream2 } from "node:fs";
import { access, mkdir as mkdir4, open as open2, readdir as readdir5, rename, rm as rm5, stat as stat4 } from "node:fs/promises";
import { dirname as dirname3, join as join10, resolve as resolve3 } from "node:path";
var CHUNK_BYTES3 = 256 * 1024;
var SnapshotFolder = class _SnapshotFolder {
  /** Bytes of each file. */
  sizes;
  #folder;
  #signal;
  #bar = new ProgressBar("MB");
  #total;
  #read = 0;
  constructor(folder, sizes, { signal, passes = 1 }) {
    this.#folder = folder;
    this.sizes = sizes;
    this.#total = [...sizes.values()].reduce((sum, size) => sum + size, 0) * passes;
    this.#signal = signal;
  }
  /** Throws FabricError SNAPSHOT_NOT_FOUND. */
  static async open(folder, options) {
    const sizes = /* @__PURE__ */ new Map();
    try {
      for (const name of (await readdir5(folder)).sort()) {
        const found = await stat4(join10(folder, name));
        if (found.isFile()) sizes.set(name, found.size);
      }
    } catch (cause) {
      throw new FabricError("SNAPSHOT_NOT_FOUND", `cannot read ${folder}: ${messageOf(cause)}`);
    }
    if (sizes.has(SIGNABLE_METADATA)) return new _SnapshotFolder(folder, sizes, options);
    const text2 = `there is no snapshot in ${folder}: it has no ${SIGNABLE_METADATA}`;
    throw new FabricError("SNAPSHOT_NOT_FOUND", text2);
  }
  /** Of one that is not in the folder it throws FabricError FILE_MISSING. */
  async *read(name) {
    if (!this.sizes.has(name)) {
      throw new FabricError("FILE_MISSING", `snapshot file ${name} is missing`);
    }
    const stream = createReadStream2(join10(this.#folder, name), { highWaterMark: CHUNK_BYTES3 });
    try {
      for await (const chunk of stream) {
        this.#signal.throwIfAborted();
        this.#read += chunk.length;
        this.#bar.update({ done: this.#read, total: this.#total, count: this.#read });
        yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      }
    } catch (cause) {
      this.#signal.throwIfAborted();
      throw new FabricError("FILE_UNREADABLE", `cannot read ${name}: ${messageOf(cause)}`, {
        cause
      });
    } finally {
      stream.destroy();
    }
  }
  /** Takes the progress bar away. */
  [Symbol.dispose]() {
    this.#bar.end();
  }
};
var NewSnapshotFolder = class _NewSnapshotFolder {
  path;
  #unfinished;
  #signal;
  #bar = new ProgressBar("MB");
  #written = 0;
  constructor(path, unfinished, signal) {
    this.path = path;
    this.#unfinished = unfinished;
    this.#signal = signal;
  }
  /** Throws FabricError FILE_EXISTS when there is something already. */
  static async make(folder, signal) {
    const path = resolve3(folder);
    await refuseExisting(path, folder);
    const unfinished = `${path}.incomplete-${randomBytes(4).toString("hex")}`;
    try {
      await mkdir4(dirname3(path), { recursive: true });
      await mkdir4(unfinished);
    } catch (cause) {
      throw new FabricError("FILE_FAILED", `cannot make ${folder}: ${messageOf(cause)}`, { cause });
    }
    return new _NewSnapshotFolder(path, unfinished, signal);
  }
  get bytesWritten() {
    return this.#written;
  }
  write(name) {
    let handle;
    return {
      write: async (bytes) => {
        this.#signal.throwIfAborted();
        handle ??= await open2(join10(this.#unfinished, name), "wx");
        await handle.writeFile(bytes);
        this.#written += bytes.length;
        this.#bar.update({ done: this.#written, count: this.#written });
      },
      close: async () => {
        await handle?.sync();
        await handle?.close();
      }
    };
  }
  /** Gives it its name. */
  async complete() {
    this.#signal.throwIfAborted();
    await syncFolder(this.#unfinished);
    await refuseExisting(this.path, this.path);
    await rename(this.#unfinished, this.path);
    await syncFolder(dirname3(this.path));
    this.#bar.end();
  }
  async [Symbol.asyncDispose]() {
    this.#bar.end();
    await rm5(this.#unfinished, { recursive: true, force: true });
  }
};
async function refuseExisting(path, name) {
  const exists = await access(path).then(
    () => true,
    () => false
  );
  if (exists) throw new FabricError("FILE_EXISTS", `${name} exists already`);
}
async function syncFolder(path) {
  if (process.platform === "win32") return;
  const handle = await open2(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// cmd/snapshots-directory.ts
var SnapshotsDirectory = class {
  #path;
  #signal;
  #made = /* @__PURE__ */ new Map();
  constructor(path, signal) {
    this.#path = path;
    this.#signal = signal;
  }
  /** Folders of the snapshots that were made here, by their blocks. */
  get made() {
    return this.#made;
  }
  has(ledgerId, blockNum) {
    return access2(this.#folderOf(ledgerId, blockNum)).then(
      () => true,
      () => false
    );
  }
  async make(ledgerId, blockNum) {
    const folder = await NewSnapshotFolder.make(this.#folderOf(ledgerId, blockNum), this.#signal);
    return {
      write: (name) => folder.write(name),
      complete: async () => {
        await folder.complete();
        this.#made.set(blockNum, folder.path);
      },
      discard: () => folder[Symbol.asyncDispose]()
    };
  }
  #folderOf(ledgerId, blockNum) {
    return join11(this.#path, "completed", ledgerId, String(blockNum));
  }
};

// cmd/ledger-replay.ts
var WORTH_THREADS_BYTES = 1024 * 1024;
var MAX_MEMORY_BYTES = 32 * 1024 * 1024;
function replayCommand({ signal, finish: finish2 }) {
  return new Command8("replay").description(
    "validates and commits the blocks of a peer again, and reports each code and commit hash that differs from what it stored; with --store leveldb it is also how a ledger is imported"
  ).argument("<path>", CHAIN_PATH).option(...CHANNEL_FLAG).addOption(
    new Option2(
      "--store <kind...>",
      "where the ledger is made: `memory`, `temporary` files, or `leveldb DIR`, which stays"
    ).default([], "memory, or temporary files when it is large")
  ).option(
    "--threads <number>",
    "threads that check signatures (default: one a core)",
    wholeNumber
  ).option(
    "--snapshot <block>",
    "makes a snapshot after this block, as a Fabric peer that was asked for it; may be given again",
    addWholeNumber
  ).option(
    "--snapshots <folder>",
    "where snapshots go, as completed/CHANNEL/BLOCK below it",
    "snapshots"
  ).option("--json", "answer in one line of JSON").addHelpText(
    "after",
    examples(
      "replay blockfile_000000",
      "replay chains/mychannel --store leveldb ledgers",
      "replay chains/mychannel --snapshot 40 --snapshot 70"
    )
  ).action(async (path, flags) => finish2(await replay(path, flags, signal)));
}
async function replay(path, { json, store, threads, channel, snapshot: snapshotsAt = [], snapshots: folder }, signal) {
  var _stack = [];
  try {
    const chain = __using(_stack, await readChain(path, { channel, signal }), true);
    const { totalBytes = Number.POSITIVE_INFINITY } = chain;
    const snapshots = new SnapshotsDirectory(folder, signal);
    const opened = __using(_stack, await openStore(store, totalBytes, { snapshots }), true);
    const wanted = threads ?? (totalBytes < WORTH_THREADS_BYTES ? 0 : availableParallelism());
    const verifying = __using(_stack, wanted > 0 ? startVerifyThreads(wanted) : void 0, true);
    const began = performance.now();
    const components = {
      ledgers: opened.ledgers,
      clock: systemClock,
      ...verifying && { signatureStage: verifying.pool.verify }
    };
    const { report, stopped: stopped3 } = await outcomeOf(
      () => replayChain(fromGenesis(chain.blocks), components, { signal, snapshotsAt })
    );
    const ms = performance.now() - began;
    const torn = chain.tornTail();
    await opened.ledgers.close();
    const made = madeOf(snapshotsAt, snapshots);
    const more = {
      ms,
      ...snapshotsAt.length > 0 && { snapshots: made },
      ...torn && { torn },
      ...stopped3 && { stopped: stopped3.message }
    };
    if (json) print(JSON.stringify({ ...report, ...more }));
    else print([reportText(report, ms, stopped3), ...made.map(snapshotText)].join("\n"));
    const isWhole2 = made.every(({ folder: path2 }) => path2 !== void 0);
    const isGood = isClean(report) && !isMeaningless(report) && !stopped3 && !torn;
    return isGood && isWhole2 ? 0 : 1;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
function madeOf(blocks, { made }) {
  return blocks.map((block) => {
    const folder = made.get(block);
    return folder === void 0 ? { block } : { block, folder };
  });
}
function snapshotText({ block, folder }) {
  return `snapshot after block ${block}: ${folder ?? "not made; the block did not come, or there is one already"}`;
}
async function openStore([kind = "", directory, ...rest], totalBytes, options) {
  if (kind === "leveldb" && directory !== void 0 && rest.length === 0) {
    return levelDBLedgers(directory, options);
  }
  const place = kind === "" ? totalBytes > MAX_MEMORY_BYTES ? "temporary" : "memory" : kind;
  if (place === "memory" && directory === void 0) return memoryLedgers(options);
  if (place === "temporary" && directory === void 0) return temporaryLedgers(options);
  const text2 = "--store is `memory`, `temporary`, or `leveldb` and a directory";
  throw new FabricError("BAD_FLAG", text2);
}
async function outcomeOf(run3) {
  try {
    return { report: await run3() };
  } catch (error) {
    if (error instanceof ReplayError && error.report)
      return { report: error.report, stopped: error };
    throw error;
  }
}
function reportText(report, ms, stopped3) {
  const { blocks, transactions, codeDifferences, commitHashDifferences } = report;
  const lines = [
    ...codeDifferences.map(
      ({ blockNum, txNum, txId, stored, replayed }) => `block ${blockNum}, transaction ${txNum} (${txId.slice(0, 12)}): stored ${stored}, replayed ${replayed}`
    ),
    ...commitHashDifferences.map(
      ({ blockNum, stored, replayed }) => `block ${blockNum}: stored commit hash ${stored}, replayed ${replayed}`
    )
  ];
  const rate = (transactions * 1e3 / ms).toFixed(0);
  return [
    rows([
      ["channel", report.channelId],
      [
        "blocks",
        `${blocks} with ${transactions} transactions, in ${(ms / 1e3).toFixed(1)} s (${rate}/s)`
      ],
      ["codes", counts(report.codes)],
      ["compared", comparedText(report)],
      ["last block", report.lastBlockHash],
      ["last commit", report.lastCommitHash || "none"]
    ]),
    ...someLines(lines),
    ...stopped3 ? [stopped3.message] : [],
    verdictOf(report)
  ].join("\n");
}
function verdictOf(report) {
  if (!isUncompared(report)) {
    const { codeDifferences, commitHashDifferences } = report;
    return `${codeDifferences.length} code(s) and ${commitHashDifferences.length} commit hash(es) differ`;
  }
  const undefinedCount = report.codes.INVALID_CHAINCODE ?? 0;
  const text2 = "nothing was compared: the blocks hold no codes, as those of an orderer";
  if (undefinedCount === 0) return text2;
  return `${text2}; ${undefinedCount} transaction(s) are of chaincodes that the chain does not define, so that their codes mean nothing`;
}
function isUncompared({ blocks, blocksWithoutCodes }) {
  return blocksWithoutCodes >= blocks;
}
function isMeaningless(report) {
  return isUncompared(report) && (report.codes.INVALID_CHAINCODE ?? 0) > 0;
}
function comparedText({
  blocks,
  blocksWithoutCodes,
  blocksWithoutCommitHash
}) {
  const hashes = blocks - 1 - blocksWithoutCommitHash;
  return `codes of ${blocks - blocksWithoutCodes} blocks, ${hashes} commit hashes`;
}

// cmd/ledger-snapshot.ts
import { Command as Command12 } from "commander";

// cmd/snapshot-create.ts
import { Command as Command9 } from "commander";

// cmd/ledger-at-block.ts
async function ledgerOfBlocks({ directory }, { ledgerId, block: last }, made, signal) {
  var _stack = [];
  try {
    const chain = { kind: "peer", channelId: ledgerId, store: peerBlocks(ledgerId) };
    const opened = __using(_stack, await openBlocks(directory, chain), true);
    const { blockStore } = opened;
    if (blockStore.firstBlock > 0) {
      const text2 = `${ledgerId} was made from a snapshot and has no blocks before it, so only a snapshot of its last block can be made`;
      throw new FabricError("LEDGER_FROM_SNAPSHOT", text2);
    }
    const range = rangeOf(blockStore, { from: 0, to: last });
    let ledger;
    for await (const block of blocksOf(blockStore, range, signal)) {
      if (ledger) await commitAgain(ledger, block);
      else ledger = await made.create(block);
    }
    if (ledger) return ledger;
    throw new FabricError("BLOCK_NOT_FOUND", `${ledgerId} has no block yet`);
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function commitAgain(ledger, bytes) {
  const block = parseBlock(bytes);
  const { flags = new Uint8Array(), commitHash: stored } = storedOutcomeOf(block);
  const { commitHash } = await ledger.commit(bytes, flags.slice());
  if (stored === void 0 || equalBytes(stored, commitHash)) return;
  const text2 = `block ${block.number} of ${ledger.ledgerId} comes to another commit hash than is stored in it`;
  throw new FabricError("REPLAY_DIFFERS", text2);
}

// cmd/snapshot-text.ts
function metadataRows(metadata, more) {
  return rows([
    ["channel", metadata.channelName],
    ["last block", `${metadata.lastBlockNumber}, ${metadata.lastBlockHash}`],
    ["last commit", metadata.lastBlockCommitHash || "none"],
    ["snapshot hash", `${metadata.snapshotHash} (the same at every peer: compare it)`],
    ...more
  ]);
}

// cmd/snapshot-create.ts
function snapshotCreateCommand({ signal, finish: finish2 }) {
  return new Command9("create").description(
    "writes a snapshot of a ledger as it is after its last block, or was after another"
  ).argument("<directory>", LEDGER_DIRECTORY).requiredOption("--out <folder>", "where its files go; there must be no such folder yet").option(
    "--block <number>",
    "as of this block, by committing those up to it again in a temporary directory",
    wholeNumber
  ).option(...CHANNEL_FLAG).option("--json", "answer in one line of JSON").addHelpText(
    "after",
    examples(
      "snapshot create ledgers --out snapshots/mychannel/70",
      "snapshot create ledgers --block 40 --out snapshots/mychannel/40"
    )
  ).action(async (path, flags) => finish2(await create(path, flags, signal)));
}
async function create(path, { out, channel, block, json }, signal) {
  var _stack = [];
  try {
    const opened = __using(_stack, await openPeerLedgers(path, signal), true);
    const ledgerId = await opened.choose(channel);
    const folder = __using(_stack, await NewSnapshotFolder.make(out, signal), true);
    const { filesHashes, ...metadata } = block === void 0 ? await (await opened.open(ledgerId)).generateSnapshot(folder) : await writeAsOf({ ledgerId, block }, opened, folder, signal);
    await folder.complete();
    const files = Object.fromEntries(filesHashes);
    if (json) print(JSON.stringify({ ...metadata, files, folder: folder.path }));
    else {
      const size = `${filesHashes.size + 2} of ${sizeText(folder.bytesWritten)}`;
      print(metadataRows(metadata, [["files", `${size}, in ${out}`]]));
    }
    return 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function writeAsOf(point, opened, out, signal) {
  var _stack = [];
  try {
    const temporary = __using(_stack, await temporaryLedgers({ enableHistoryDatabase: false }), true);
    const ledger = await ledgerOfBlocks(opened, point, temporary.ledgers, signal);
    return await ledger.generateSnapshot(out);
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}

// cmd/snapshot-join.ts
import { Command as Command10 } from "commander";
function snapshotJoinCommand({ signal, finish: finish2 }) {
  return new Command10("join").description(
    "makes a ledger of a snapshot; whether to trust it is yours to know, by its snapshot hash"
  ).argument("<folder>", "folder of a snapshot, a Fabric peer\u2019s or ours").requiredOption("--store <kind...>", "`leveldb DIR`: where the ledger is made").option("--json", "answer in one line of JSON").addHelpText("after", examples("snapshot join snapshots/mychannel/70 --store leveldb ledgers")).action(async (path, flags) => finish2(await join12(path, flags, signal)));
}
async function join12(path, { store: [kind, directory, ...rest], json }, signal) {
  var _stack = [];
  try {
    if (kind !== "leveldb" || directory === void 0 || rest.length > 0) {
      throw new FabricError("BAD_FLAG", "--store is `leveldb` and a directory");
    }
    const folder = __using(_stack, await SnapshotFolder.open(path, { signal }));
    const opened = __using(_stack, await levelDBLedgers(directory), true);
    const ledger = await opened.ledgers.createFromSnapshot(folder);
    folder[Symbol.dispose]();
    const { height, currentBlockHash } = ledger.getBlockchainInfo();
    const lastBlockHash = toHex(currentBlockHash);
    const { ledgerId } = ledger;
    if (json) print(JSON.stringify({ channelId: ledgerId, height, lastBlockHash }));
    else {
      print(
        rows([
          ["channel", ledgerId],
          ["height", `${height}: the next block is ${height}, and those before are not here`],
          ["last block", lastBlockHash]
        ])
      );
    }
    return 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}

// cmd/snapshot-verify.ts
import { Command as Command11 } from "commander";

// cmd/verify-snapshot.ts
import { createHash } from "node:crypto";
async function verifySnapshot(folder) {
  const { filesHashes, ...metadata } = await readSnapshotMetadata(folder);
  const verifier = new SnapshotVerifier(folder, filesHashes, metadata.lastBlockNumber);
  await verifier.checkHashes();
  const publicState = await verifier.countState("public_state");
  const privateStateHashes = await verifier.countState("private_state_hashes");
  const txIds = await verifier.countRecords("txids", async (data) => {
    await data.bytes();
  });
  const collectionConfigs = await verifier.countRecords("confighistory", async (data) => {
    await data.bytes();
    await data.bytes();
  });
  const names = [...filesHashes.keys()].filter((name) => folder.sizes.has(name)).sort();
  return {
    ...metadata,
    files: names.map((name) => ({ name, bytes: folder.sizes.get(name) ?? 0 })),
    publicState,
    privateStateHashes,
    txIds,
    collectionConfigs,
    problems: verifier.problems,
    notes: notesOn(folder, filesHashes, metadata.stateDbType)
  };
}
var SnapshotVerifier = class {
  problems = [];
  #folder;
  #hashes;
  #lastBlock;
  #good = /* @__PURE__ */ new Set();
  constructor(folder, hashes, lastBlock) {
    this.#folder = folder;
    this.#hashes = hashes;
    this.#lastBlock = lastBlock;
  }
  async checkHashes() {
    for (const [name, promised] of this.#hashes) {
      if (!this.#folder.sizes.has(name)) {
        this.#problem(name, "is missing");
        continue;
      }
      const hash = createHash("sha256");
      for await (const chunk of this.#folder.read(name)) hash.update(chunk);
      const found = hash.digest("hex");
      if (found === promised) this.#good.add(name);
      else this.#problem(name, `has hash ${found}, but ${promised} was promised`);
    }
  }
  /** Keys by namespace. */
  async countState(part) {
    const namespaces = await this.#head(part, readNamespaces);
    const total = namespaces?.reduce((sum, { count: count2 }) => sum + count2, 0);
    await this.#records(part, total, async (data) => this.#checkState(await data.bytes()));
    return Object.fromEntries((namespaces ?? []).map(({ namespace, count: count2 }) => [namespace, count2]));
  }
  async countRecords(part, read2) {
    const count2 = await this.#head(part, (head) => head.uvarint());
    await this.#records(part, count2, read2);
    return count2 ?? 0;
  }
  // What the metadata file of a part says; undefined when there is none that is good.
  async #head(part, read2) {
    const name = `${part}.metadata`;
    if (this.#hashes.has(name) !== this.#hashes.has(`${part}.data`)) {
      this.#problem(name, `and ${part}.data go together, but only one is promised`);
    }
    return this.#read(name, read2);
  }
  async #records(part, count2, read2) {
    if (count2 === void 0) return;
    await this.#read(`${part}.data`, async (data) => {
      for (let left = count2; left > 0; left--) await read2(data);
    });
  }
  async #read(name, read2) {
    const hash = this.#hashes.get(name);
    if (hash === void 0 || !this.#good.has(name)) return void 0;
    try {
      const file = await SnapshotFileReader.open(this.#folder, name);
      try {
        const found = await read2(file);
        await file.done(hash);
        return found;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!(error instanceof FabricError) || error.code === "FILE_UNREADABLE") throw error;
      this.#problem(name, messageOf(error).replace(`snapshot file ${name} `, ""));
      return void 0;
    }
  }
  // privacyenabledstate.SnapshotRecord
  #checkState(record) {
    let blockNum;
    try {
      blockNum = versionOf(versionIn(record)).blockNum;
    } catch (cause) {
      throw new FabricError("SNAPSHOT_INVALID", `holds a malformed record: ${messageOf(cause)}`);
    }
    if (blockNum > this.#lastBlock) {
      throw new FabricError(
        "SNAPSHOT_INVALID",
        `holds a key that was written in block ${blockNum}`
      );
    }
  }
  #problem(file, message) {
    this.problems.push({ file, message });
  }
};
async function readNamespaces(head) {
  const namespaces = [];
  for (let left = await head.uvarint(); left > 0; left--) {
    const namespace = fromUtf8(await head.bytes());
    namespaces.push({ namespace, count: await head.uvarint() });
  }
  return namespaces;
}
function versionIn(record) {
  const reader = new Reader(record);
  let version = new Uint8Array();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 34) version = reader.bytes();
    else reader.skip(tag);
  }
  return version;
}
function notesOn(folder, hashes, stateDbType) {
  const strangers = [...folder.sizes.keys()].filter(
    (name) => !hashes.has(name) && name !== SIGNABLE_METADATA && name !== ADDITIONAL_METADATA
  );
  const notes = strangers.map((name) => `${name} does not belong to the snapshot`);
  if (stateDbType !== STATE_DB_TYPE) {
    notes.push(`its state is of a ${stateDbType}: only such peers can join from it`);
  }
  return notes;
}

// cmd/snapshot-verify.ts
function snapshotVerifyCommand({ signal, finish: finish2 }) {
  return new Command11("verify").description("checks every hash of a snapshot, and counts what is in it").argument("<folder>", "folder of a snapshot, a Fabric peer\u2019s or ours").option("--json", "answer in one line of JSON").addHelpText("after", examples("snapshot verify snapshots/completed/mychannel/70")).action(async (path, flags) => {
    finish2(await verify(path, flags, signal));
  });
}
async function verify(path, { json }, signal) {
  var _stack = [];
  try {
    const folder = __using(_stack, await SnapshotFolder.open(path, { signal, passes: 2 }));
    const report = await reportOn(folder);
    folder[Symbol.dispose]();
    if (json) print(JSON.stringify(report));
    else print(reportText2(report));
    if ("notes" in report) for (const note of report.notes) warn(note);
    return report.problems.length > 0 ? 1 : 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    __callDispose(_stack, _error, _hasError);
  }
}
async function reportOn(folder) {
  try {
    return await verifySnapshot(folder);
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === "SNAPSHOT_INVALID")) throw error;
    return { problems: [{ file: "metadata", message: messageOf(error) }] };
  }
}
function reportText2(report) {
  const { problems } = report;
  const lines = problems.map(({ file, message }) => `${file}: ${message}`);
  const verdict = problems.length === 0 ? "the snapshot is whole" : `${problems.length} problem(s) in it`;
  return [..."files" in report ? [contentsText(report)] : [], ...someLines(lines), verdict].join(
    "\n"
  );
}
function contentsText(report) {
  const size = report.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return metadataRows(report, [
    ["state", `${report.stateDbType}: ${keysText(report.publicState)}`],
    ["private hashes", keysText(report.privateStateHashes)],
    ["transactions", String(report.txIds)],
    ["collections", `${report.collectionConfigs} configuration(s)`],
    ["files", `${report.files.length} of ${sizeText(size)}`]
  ]);
}
function keysText(byNamespace) {
  const parts = Object.entries(byNamespace);
  const total = parts.reduce((sum, [, count2]) => sum + count2, 0);
  const names = parts.map(([name, count2]) => `${name || "the channel\u2019s own"} ${count2}`);
  return parts.length === 0 ? "none" : `${total} keys (${names.join(", ")})`;
}

// cmd/ledger-snapshot.ts
function snapshotCommand(context) {
  const command = new Command12("snapshot").description(
    "snapshots in Fabric\u2019s format: made, checked, and made into ledgers"
  );
  for (const make of [snapshotCreateCommand, snapshotVerifyCommand, snapshotJoinCommand]) {
    command.addCommand(make(context));
  }
  return command;
}

// cmd/ledger-unjoin.ts
import { createInterface } from "node:readline/promises";
import { Command as Command13 } from "commander";
function unjoinCommand({ signal, finish: finish2 }) {
  return new Command13("unjoin").description("deletes a ledger and all it holds: `peer node unjoin`").argument("<directory>", LEDGER_DIRECTORY).requiredOption("--channel <name>", "which one").option("--yes", "do not ask").addHelpText("after", examples("unjoin ledgers --channel mychannel")).action(async (path, flags) => finish2(await unjoin(path, flags, signal)));
}
async function unjoin(path, { channel, yes = false }, signal) {
  var _stack = [];
  try {
    const opened = __using(_stack, await openPeerLedgers(path, signal), true);
    const ledgerId = await opened.choose(channel);
    const { height } = await opened.tip(ledgerId);
    const question2 = `Delete the ledger ${ledgerId} with its ${height} blocks? [y/N] `;
    if (!yes && !await confirms(question2, signal)) {
      throw new FabricError("NOT_CONFIRMED", `${ledgerId} is kept`);
    }
    await opened.ledgers.remove(ledgerId);
    print(`${ledgerId} is deleted`);
    return 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
async function confirms(question2, signal) {
  if (!process.stdin.isTTY) {
    const text2 = "there is no terminal to ask on whether to delete it: say --yes";
    throw new FabricError("NOT_CONFIRMED", text2);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const stop2 = new AbortController();
  terminal.on("SIGINT", () => stop2.abort());
  terminal.on("close", () => stop2.abort());
  try {
    const either = AbortSignal.any([signal, stop2.signal]);
    return /^y(es)?$/i.test((await terminal.question(question2, { signal: either })).trim());
  } catch (error) {
    if (stop2.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}

// cmd/ledger-verify.ts
import { Command as Command14 } from "commander";
function verifyCommand({ signal, finish: finish2 }) {
  return new Command14("verify").description(
    "checks a chain: links, data hashes, orderers\u2019 signatures under the configurations in the chain, commit hashes"
  ).argument("<path>", CHAIN_PATH).option(...CHANNEL_FLAG).option("--json", "answer in one line of JSON").addHelpText("after", examples("verify blockfile_000000", "verify data --channel mychannel")).action(async (path, flags) => finish2(await verify2(path, flags, signal)));
}
async function verify2(path, { json, channel }, signal) {
  var _stack = [];
  try {
    const chain = __using(_stack, await readChain(path, { channel, signal }), true);
    const opened = __using(_stack, await temporaryLedgers(), true);
    const report = await verifyChain(fromGenesis(chain.blocks), opened.ledgers, { signal });
    const torn = chain.tornTail();
    print(json ? JSON.stringify({ ...report, ...torn && { torn } }) : reportText3(report));
    return report.problems.length > 0 || torn ? 1 : 0;
  } catch (_) {
    var _error = _, _hasError = true;
  } finally {
    var _promise = __callDispose(_stack, _error, _hasError);
    _promise && await _promise;
  }
}
function reportText3(report) {
  const { problems, commitHashesChecked } = report;
  const lines = problems.map(
    ({ blockNum, code, message }) => `block ${blockNum}: ${code}: ${message}`
  );
  const verdict = problems.length === 0 ? "the chain is whole" : `${problems.length} problem(s) in the chain`;
  return [
    rows([
      ["channel", report.channelId],
      ["blocks", `${report.blocks} with ${report.transactions} transactions`],
      ["genesis block", `${report.genesisHash} (trusted as it is: compare it)`],
      ["last block", report.lastBlockHash],
      [
        "commit hashes",
        commitHashesChecked === 0 ? "none" : `${commitHashesChecked} computed again`
      ]
    ]),
    ...someLines(lines),
    verdict
  ].join("\n");
}

// cmd/ledger-command.ts
var COMMANDS = [
  inspectCommand,
  verifyCommand,
  replayCommand,
  exportCommand,
  snapshotCommand,
  listCommand,
  rebuildCommand,
  rollbackCommand,
  resetCommand,
  pauseCommand,
  resumeCommand,
  unjoinCommand
];
function ledgerCommand(context) {
  const command = new Command15("ledger").description("ledgers of real Fabric networks, and our own");
  for (const make of COMMANDS) command.addCommand(make(context));
  return command;
}

// cmd/peer-command.ts
import { Command as Command17 } from "commander";

// cmd/peer-start.ts
import { readFile as readFile5 } from "node:fs/promises";
import { availableParallelism as availableParallelism2 } from "node:os";
import { Command as Command16, InvalidArgumentError as InvalidArgumentError3, Option as Option3 } from "commander";

// src/node/headless/headless-peers.ts
import { join as join14 } from "node:path";

// src/node/enrolment.ts
var REQUEST_TIMEOUT_MS = 15e3;
var MAX_REPLY_CHARS = 256 * 1024;
async function enrolTab(base, invitation, options = {}) {
  const joined2 = await post(new URL("/api/v1/join", base), invitation, {});
  const { caName, mspId } = joined2;
  const peer = await enrol(base, caName, joined2.peer, options);
  const client = await enrol(base, caName, joined2.client, options);
  return { mspId, peer, client };
}
async function enrol(base, caName, { id, secret }, options) {
  const bccsp = defaultBCCSP();
  const keys = await bccsp.generateKey(options);
  const request = await createCertificateRequest(bccsp, keys, { subject: { commonName: id } });
  const body = { certificate_request: request, caname: caName };
  const authorization = `Basic ${toBase64(utf8(`${id}:${secret}`))}`;
  const url = new URL("/api/v1/enroll", base);
  const { Cert } = await post(url, body, { authorization });
  const certificate = fromUtf8(fromBase64(Cert));
  checkCertificate(certificate, id);
  return { name: id, certificate, key: keys.privateKey };
}
function checkCertificate(pem, id) {
  try {
    parseCertificatePem(pem);
  } catch (cause) {
    throw new FabricError("ENROLMENT_FAILED", `the certificate for ${id} does not parse`, {
      cause
    });
  }
}
async function post(url, body, headers) {
  let reply3;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    });
    const text2 = await response.text();
    if (text2.length > MAX_REPLY_CHARS) throw new Error("the answer is too long");
    reply3 = JSON.parse(text2);
  } catch (cause) {
    const message = `the relay did not answer ${url.pathname}: ${messageOf(cause)}`;
    throw new FabricError("RELAY_UNREACHABLE", message, { cause });
  }
  if (reply3.success && reply3.result) return reply3.result;
  throw refusal(reply3);
}
function refusal({ errors = [] }) {
  const { code, message = "the certificate authority refused" } = errors[0] ?? {};
  const name = typeof code === "string" ? code : /^([A-Z_]+):/.exec(message)?.[1];
  return new FabricError(name ?? "ENROLMENT_FAILED", message, { data: { code } });
}

// src/node/headless/kept-identity.ts
import { createPrivateKey } from "node:crypto";
import { generateKeyPair, privateKeyFromRaw, privateKeyToProtobuf } from "@libp2p/crypto/keys";

// src/node/headless/peer-directory.ts
import { chmod, mkdir as mkdir5, readdir as readdir6, readFile as readFile3, rename as rename2, writeFile as writeFile3 } from "node:fs/promises";
import { dirname as dirname4, join as join13, resolve as resolve4 } from "node:path";

// src/ledger/transientstore/transient-keys.ts
var RW_SET = 80;
var BY_HEIGHT = 72;
var BY_TXID = 84;
var SEPARATOR2 = Uint8Array.of(0);
var AFTER_SEPARATOR2 = Uint8Array.of(1);
function rwSetKey({ txId, uuid: uuid2, blockHeight }) {
  return concat(withTxId(RW_SET, txId), utf8(uuid2), SEPARATOR2, uint64Bytes(blockHeight));
}
function byTxIdKey({ txId, uuid: uuid2, blockHeight }) {
  return concat(withTxId(BY_TXID, txId), utf8(uuid2), SEPARATOR2, uint64Bytes(blockHeight));
}
function byHeightKey({ txId, uuid: uuid2, blockHeight }) {
  const height = uint64Bytes(blockHeight);
  return concat(Uint8Array.of(BY_HEIGHT), height, utf8(txId), SEPARATOR2, utf8(uuid2));
}
function heightOf(rwSet) {
  return readUint64(rwSet, rwSet.length - 8);
}
function parseByTxIdKey(key) {
  const [txId, uuid2] = texts(key.subarray(1, -9));
  return { txId, uuid: uuid2, blockHeight: heightOf(key) };
}
function parseByHeightKey(key) {
  const [txId, uuid2] = texts(key.subarray(9));
  return { txId, uuid: uuid2, blockHeight: readUint64(key, 1) };
}
function rwSetsOf(txId) {
  return { gte: withTxId(RW_SET, txId), lt: withTxId(RW_SET, txId, AFTER_SEPARATOR2) };
}
function indexOf(txId) {
  return { gte: withTxId(BY_TXID, txId), lt: withTxId(BY_TXID, txId, AFTER_SEPARATOR2) };
}
function belowHeight(height) {
  const lt = height === void 0 ? [BY_HEIGHT + 1] : [BY_HEIGHT, ...uint64Bytes(height)];
  return { gte: Uint8Array.of(BY_HEIGHT), lt: Uint8Array.from(lt) };
}
function withTxId(kind, txId, end = SEPARATOR2) {
  return concat(Uint8Array.of(kind), utf8(txId), end);
}
function texts(bytes) {
  const at2 = bytes.indexOf(0);
  return [fromUtf8(bytes.subarray(0, at2)), fromUtf8(bytes.subarray(at2 + 1))];
}

// src/ledger/transientstore/transient-store.ts
var DEFAULT_TRANSIENT_STORE_OPTIONS = Object.freeze({
  maxTotalBytes: 128 * 2 ** 20,
  maxSetsPerTx: 64
});
var PURGE_ROWS = 500;
var TransientStore = class _TransientStore {
  #store;
  #random;
  #options;
  #purging = new Mutex();
  // How many sets a transaction has here: most blocks have nothing to look for.
  #txIds = /* @__PURE__ */ new Map();
  #totalBytes = 0;
  constructor(store, random, options) {
    this.#store = store;
    this.#random = random;
    this.#options = options;
  }
  static async open(store, random, options = {}) {
    const all = { ...DEFAULT_TRANSIENT_STORE_OPTIONS, ...options };
    const opened = new _TransientStore(store, random, all);
    for await (const [key, size] of store.range(belowHeight())) {
      opened.#count(parseByHeightKey(key).txId, 1, readUint64(size));
    }
    return opened;
  }
  /** Bytes of all write sets. */
  get totalBytes() {
    return this.#totalBytes;
  }
  /** Whether there is anything of a transaction. */
  has(txId) {
    return this.#txIds.has(txId);
  }
  /**
   * Keeps the private write sets of an endorsement; durable on return. Throws LedgerError TRANSIENT_STORE_FULL.
   *
   * @param blockHeight of the ledger, now.
   */
  async persist(txId, blockHeight, results) {
    const value = transientstore.TxPvtReadWriteSetWithConfigInfo.encode(results).finish();
    this.#checkRoom(txId, value.length);
    const id = { txId, uuid: toHex(this.#random(16)), blockHeight };
    this.#count(txId, 1, value.length);
    try {
      const size = uint64Bytes(value.length);
      const rows2 = [
        { type: "put", key: rwSetKey(id), value },
        { type: "put", key: byHeightKey(id), value: size },
        { type: "put", key: byTxIdKey(id), value: size }
      ];
      await this.#store.write(rows2, { durable: true });
    } catch (error) {
      this.#count(txId, -1, -value.length);
      throw error;
    }
  }
  /** What endorsements of a transaction left here. */
  async getTxPvtRWSetByTxid(txId) {
    const found = [];
    if (!this.has(txId)) return found;
    for await (const [key, value] of this.#store.range(rwSetsOf(txId))) {
      found.push({ receivedAtBlockHeight: heightOf(key), results: decode(value, txId) });
    }
    return found;
  }
  /** Forgets transactions that stand in a block. */
  purgeByTxids(txIds) {
    return this.#purging.run(() => this.#purgeByTxids(txIds));
  }
  /** Forgets what came when the ledger was lower than `height`. */
  purgeBelowHeight(height) {
    return this.#purging.run(() => this.#purgeBelowHeight(height));
  }
  /** The least height that something came at; undefined when there is nothing. */
  async getMinTransientBlkHt() {
    for await (const [key] of this.#store.range({ ...belowHeight(), limit: 1 })) {
      return parseByHeightKey(key).blockHeight;
    }
    return void 0;
  }
  async #purgeByTxids(txIds) {
    const rows2 = [];
    for (const txId of new Set(txIds)) {
      if (!this.has(txId)) continue;
      for await (const [key, size] of this.#store.range(indexOf(txId))) {
        rows2.push([parseByTxIdKey(key), readUint64(size)]);
      }
    }
    await this.#purge(rows2);
  }
  async #purgeBelowHeight(height) {
    for (; ; ) {
      const rows2 = [];
      const range = { ...belowHeight(height), limit: PURGE_ROWS };
      for await (const [key, size] of this.#store.range(range)) {
        rows2.push([parseByHeightKey(key), readUint64(size)]);
      }
      await this.#purge(rows2);
      if (rows2.length < PURGE_ROWS) return;
    }
  }
  async #purge(rows2) {
    if (rows2.length === 0) return;
    const keys = rows2.flatMap(([id]) => [rwSetKey(id), byHeightKey(id), byTxIdKey(id)]);
    await this.#store.write(keys.map((key) => ({ type: "delete", key })));
    for (const [{ txId }, size] of rows2) this.#count(txId, -1, -size);
  }
  #checkRoom(txId, size) {
    const { maxTotalBytes, maxSetsPerTx } = this.#options;
    const isFull = this.#totalBytes + size > maxTotalBytes;
    if (!isFull && (this.#txIds.get(txId) ?? 0) < maxSetsPerTx) return;
    const what = isFull ? `the transient store holds ${this.#totalBytes} of at most ${maxTotalBytes} bytes of private data that was never submitted` : `the transient store holds ${maxSetsPerTx} write sets of this transaction already`;
    const text2 = `private data of transaction ${txId} is not taken: ${what}`;
    throw new LedgerError("TRANSIENT_STORE_FULL", text2);
  }
  #count(txId, sets, bytes) {
    const count2 = (this.#txIds.get(txId) ?? 0) + sets;
    if (count2 > 0) this.#txIds.set(txId, count2);
    else this.#txIds.delete(txId);
    this.#totalBytes += bytes;
  }
};
function decode(value, txId) {
  try {
    return transientstore.TxPvtReadWriteSetWithConfigInfo.decode(value);
  } catch (cause) {
    const text2 = `the transient store's data of transaction ${txId} cannot be read: ${messageOf(cause)}`;
    throw new LedgerError("STORE_UNREADABLE", text2, { cause });
  }
}

// src/ledger/transientstore/transient-store-provider.ts
var DROP_ROWS = 500;
var TransientStoreProvider = class {
  #store;
  #random;
  #options;
  /** @param store for nothing else; who opened it closes it. */
  constructor(store, random, options = {}) {
    this.#store = store;
    this.#random = random;
    this.#options = options;
  }
  /** The transient store of a channel; to be opened once. */
  openStore(ledgerId) {
    return TransientStore.open(this.#part(ledgerId), this.#random, this.#options);
  }
  /** Forgets what a channel has here; its store must not be open. */
  async drop(ledgerId) {
    const part = this.#part(ledgerId);
    for (; ; ) {
      const rows2 = [];
      for await (const [key] of part.range({ limit: DROP_ROWS }))
        rows2.push({ type: "delete", key });
      if (rows2.length > 0) await part.write(rows2);
      if (rows2.length < DROP_ROWS) return;
    }
  }
  // A channel's name holds no NUL.
  #part(ledgerId) {
    return new PrefixedKVStore(this.#store, concat(utf8(ledgerId), Uint8Array.of(0)));
  }
};

// src/node/peer/peer-storage.ts
var PACKAGES_STORE = "chaincodes";
async function openPeerStorage({ stores, clock, random }, { ledgers: prefix, stored }, options) {
  const packages = await stores.open(PACKAGES_STORE);
  let transient;
  try {
    transient = await stores.open("transientstore");
    const ledgers = await LedgerProvider.open(stores, prefix, clock, options);
    const transientStores = new TransientStoreProvider(transient, random);
    const opened = [ledgers, packages, transient];
    const close = async () => {
      await Promise.all(opened.map((store) => store.close()));
    };
    return { ledgers, packages, transientStores, stored, close };
  } catch (error) {
    await Promise.all([packages.close(), transient?.close()]);
    throw error;
  }
}

// src/node/headless/peer-directory.ts
var LEDGER_STORES = "peer";
var LEDGERS_FOLDER = "ledgersData";
var OURS = /* @__PURE__ */ new Set(["peer.json", "msp", "user", "libp2p", LEDGERS_FOLDER]);
var MAX_FILE_BYTES = 64 * 1024;
var PeerDirectory = class _PeerDirectory {
  path;
  /** Opens the stores of ledgers and packages; `close` closes them. */
  stores;
  #opened;
  constructor(path, provider, lock) {
    this.path = path;
    this.#opened = [lock];
    this.stores = {
      // It has been open since the directory is, to keep other processes out.
      open: async (name) => {
        if (name === PACKAGES_STORE) return lock;
        const store = await provider.open(name);
        this.#opened.push(store);
        return store;
      },
      list: () => provider.list(),
      destroy: (name) => provider.destroy(name)
    };
  }
  /** Opens the directory, making it when needed. Rejects with FabricError DATA_UNREADABLE or DATA_IN_USE, whose message says what to do. */
  static async open(path, options = {}) {
    const root = resolve4(path);
    try {
      await mkdir5(root, { recursive: true, mode: 448 });
      await refuseForeign(root);
      await chmod(root, 448);
    } catch (cause) {
      throw unreadable(root, cause);
    }
    const provider = new LevelDBKVStoreProvider(join13(root, LEDGERS_FOLDER), options);
    return new _PeerDirectory(root, provider, await openLock(root, provider));
  }
  /** The text of a file, undefined when it is not there. Rejects with FabricError DATA_UNREADABLE. */
  async read(name) {
    const file = join13(this.path, name);
    try {
      const bytes = await readFile3(file);
      if (bytes.length > MAX_FILE_BYTES) throw new Error(`it has ${bytes.length} bytes`);
      return bytes.toString("utf8");
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return void 0;
      throw damaged(file, messageOf(cause), cause);
    }
  }
  /** Writes a file that only its owner may read: the whole of it, on the disk, or none. */
  async write(name, text2) {
    const file = join13(this.path, name);
    const unfinished = `${file}.tmp`;
    try {
      await mkdir5(dirname4(file), { recursive: true, mode: 448 });
      await writeFile3(unfinished, text2, { mode: 384, flush: true });
      await rename2(unfinished, file);
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
  }
  async close() {
    await Promise.all(this.#opened.splice(0).map((store) => store.close()));
  }
  async [Symbol.asyncDispose]() {
    await this.close();
  }
};
function damaged(file, what, cause) {
  const text2 = `cannot use ${file}: ${what}; restore it, or move its folder away and join again with --join`;
  return new FabricError("DATA_UNREADABLE", text2, { cause });
}
async function refuseForeign(root) {
  const names = await readdir6(root);
  if (names.includes("peer.json")) return;
  const foreign = names.find((name) => !OURS.has(name.replace(/\.tmp$/, "")));
  if (foreign !== void 0) throw new Error(`there are other files in it (${foreign})`);
}
async function openLock(root, provider) {
  try {
    return await provider.open(PACKAGES_STORE);
  } catch (cause) {
    if (cause instanceof LedgerError && cause.code === "STORE_LOCKED") {
      const text2 = `another process is the peer of ${root}; stop it, or choose another --data or --name`;
      throw new FabricError("DATA_IN_USE", text2, { cause });
    }
    throw unreadable(root, cause);
  }
}
function unreadable(root, cause) {
  const text2 = `cannot use the folder ${root}: ${messageOf(cause)}; choose another with --data`;
  return new FabricError("DATA_UNREADABLE", text2, { cause });
}

// src/node/headless/kept-identity.ts
var PEER_FILE = "peer.json";
var LIBP2P_FILE = "libp2p/key.pem";
var PRIVATE_KEY = "PRIVATE KEY";
var FOLDERS = { peer: "msp", client: "user/msp" };
var ED25519_PKCS8 = Uint8Array.from([
  48,
  46,
  2,
  1,
  0,
  48,
  5,
  6,
  3,
  43,
  101,
  112,
  4,
  34,
  4,
  32
]);
var SEED_BYTES = 32;
async function newLibp2pKey() {
  return privateKeyToProtobuf(await generateKeyPair("Ed25519"));
}
async function keepIdentity(directory, identity) {
  await keepMsp(directory, FOLDERS.peer, identity.peer);
  await keepMsp(directory, FOLDERS.client, identity.client);
  const seed = seedOf(identity.libp2pKey);
  await directory.write(LIBP2P_FILE, derToPem(concat(ED25519_PKCS8, seed), PRIVATE_KEY));
  await keepPeerFile(directory, identity);
}
async function keepPeerFile(directory, { networkId, relay, mspId, peer, client }) {
  const file = {
    version: 1,
    networkId,
    relay,
    mspId,
    peer: peer.name,
    user: client.name
  };
  await directory.write(PEER_FILE, `${JSON.stringify(file, null, 2)}
`);
}
async function keptIdentity(directory) {
  const text2 = await directory.read(PEER_FILE);
  if (text2 === void 0) return void 0;
  const { networkId, relay, mspId, peer, user } = parsePeerFile(directory, text2);
  return {
    networkId,
    relay,
    mspId,
    peer: await readMsp(directory, FOLDERS.peer, peer),
    client: await readMsp(directory, FOLDERS.client, user),
    libp2pKey: await readLibp2pKey(directory)
  };
}
function parsePeerFile(directory, text2) {
  const file = `${directory.path}/${PEER_FILE}`;
  let found;
  try {
    found = JSON.parse(text2);
  } catch (cause) {
    throw damaged(file, "it is no JSON", cause);
  }
  const { version, networkId, relay, mspId, peer, user } = found ?? {};
  if (version !== 1) throw damaged(file, `it is not of version 1 but of ${String(version)}`);
  if (typeof networkId !== "string" || typeof relay !== "string" || typeof mspId !== "string" || typeof peer !== "string" || typeof user !== "string" || !URL.canParse(relay)) {
    throw damaged(file, "it lacks what says who the peer is");
  }
  return { version, networkId, relay, mspId, peer, user };
}
async function keepMsp(directory, folder, { key, certificate }) {
  const { publicKey } = parseCertificatePem(certificate);
  const pkcs8 = await defaultBCCSP().exportKey({ privateKey: key, publicKey });
  await directory.write(`${folder}/keystore/priv_sk`, derToPem(pkcs8, PRIVATE_KEY));
  await directory.write(`${folder}/signcerts/cert.pem`, certificate);
}
async function readMsp(directory, folder, name) {
  const [certificate, keyPem] = await Promise.all(
    ["signcerts/cert.pem", "keystore/priv_sk"].map((file) => need(directory, `${folder}/${file}`))
  );
  try {
    const pair2 = await defaultBCCSP().importKey(pemToDer(keyPem ?? "", PRIVATE_KEY));
    const { publicKey } = parseCertificatePem(certificate ?? "");
    if (!equalBytes(publicKeyToSpki(publicKey), publicKeyToSpki(pair2.publicKey))) {
      throw new FabricError("DATA_UNREADABLE", "its key is not the one of its certificate");
    }
    return { name, certificate: certificate ?? "", key: pair2.privateKey };
  } catch (cause) {
    throw damaged(`${directory.path}/${folder}`, messageOf(cause), cause);
  }
}
async function readLibp2pKey(directory) {
  const pem = await need(directory, LIBP2P_FILE);
  try {
    const { d, x } = createPrivateKey(pem).export({ format: "jwk" });
    const raw = Buffer.concat([d ?? "", x ?? ""].map((part) => Buffer.from(part, "base64url")));
    return privateKeyToProtobuf(privateKeyFromRaw(raw));
  } catch (cause) {
    throw damaged(`${directory.path}/${LIBP2P_FILE}`, messageOf(cause), cause);
  }
}
async function need(directory, name) {
  const text2 = await directory.read(name);
  if (text2 === void 0) throw damaged(`${directory.path}/${name}`, "it is missing");
  return text2;
}
function seedOf(libp2pKey) {
  return libp2pKey.slice(libp2pKey.length - 2 * SEED_BYTES, libp2pKey.length - SEED_BYTES);
}

// src/node/headless/headless-identity.ts
async function headlessIdentity(request) {
  const { directory } = request;
  const kept = directory && await keptIdentity(directory);
  if (!kept) return enrol2(request);
  checkFits(kept, request);
  const identity = { ...kept, relay: request.relay.origin };
  if (kept.relay !== identity.relay) await keepPeerFile(directory, identity);
  return identity;
}
async function enrol2({
  relay,
  network,
  invitation,
  directory
}) {
  if (!invitation) {
    const where = directory ? `there is no peer in ${directory.path} yet` : "nothing is kept";
    throw new FabricError("JOIN_NEEDED", `${where}: say --join LINK`);
  }
  const enrolment = await enrolTab(relay, invitation, { extractable: directory !== void 0 });
  const identity = {
    ...enrolment,
    networkId: network.networkId,
    relay: relay.origin,
    libp2pKey: await newLibp2pKey()
  };
  if (directory) await keepIdentity(directory, identity);
  return identity;
}
function checkFits({ networkId, mspId, peer }, { network, invitation, directory }) {
  const who = `${directory?.path} is ${peer.name} of ${mspId}`;
  if (networkId !== network.networkId) {
    const text2 = `${who}, in another network than this relay's; choose another --data`;
    throw new FabricError("OTHER_NETWORK", text2);
  }
  if (invitation && invitation.org !== mspId) {
    const text2 = `${who}, and the link is of ${invitation.org}; choose another --data or --name`;
    throw new FabricError("OTHER_ORGANISATION", text2);
  }
}

// src/node/headless/process-guard.ts
import { spawn as spawn2 } from "node:child_process";
var PROGRAM = `
trap '' INT TERM HUP
pids=
while read -r sign pid; do
  others=
  for one in $pids; do [ "$one" = "$pid" ] || others="$others $one"; done
  pids=$others
  [ "$sign" = + ] && pids="$pids $pid"
done
[ -z "$pids" ] || kill -9 $pids
`;
var ProcessGuard = class {
  #shell;
  add(pid) {
    if (pid !== void 0) this.#tell(`+ ${pid}
`);
  }
  remove(pid) {
    if (pid !== void 0) this.#tell(`- ${pid}
`);
  }
  stop() {
    this.#shell?.stdin?.end();
    this.#shell = void 0;
  }
  #tell(line) {
    if (process.platform === "win32") return;
    this.#shell ??= startShell();
    this.#shell.stdin?.write(line);
  }
};
function startShell() {
  const shell = spawn2("/bin/sh", ["-c", PROGRAM], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/"
  });
  shell.on("error", () => {
  });
  shell.stdin?.on("error", () => {
  });
  shell.unref();
  return shell;
}

// src/node/chaincode/start-failure.ts
var SYNTAX_ERROR = /^SyntaxError: ([^\n:]+): ([^\n]*)/;
var MAX_LINE_CHARACTERS = 200;
async function withPlace(error, files) {
  if (!(error instanceof FabricError) || error.code !== "CHAINCODE_START_FAILED") return error;
  const [, file = "", reason = ""] = SYNTAX_ERROR.exec(error.message) ?? [];
  const source = Object.hasOwn(files, file) ? files[file] : void 0;
  const place = source === void 0 ? void 0 : await placeOf2(source);
  if (!place) return error;
  const { line, column, text: text2 } = place;
  const message = `SyntaxError: ${file}:${line}:${column}: ${reason}
${text2}`;
  return new FabricError(error.code, message, { cause: error, data: { file, line, column } });
}
async function placeOf2(source) {
  const { parse: parse3 } = await import("acorn");
  try {
    parse3(source.replace(/^\uFEFF/, ""), {
      ecmaVersion: "latest",
      sourceType: "script",
      allowReturnOutsideFunction: true,
      allowHashBang: true
    });
    return void 0;
  } catch (error) {
    const { loc } = error;
    if (!loc) return void 0;
    const text2 = source.split("\n")[loc.line - 1] ?? "";
    const from = Math.max(0, loc.column - MAX_LINE_CHARACTERS / 2);
    const shown2 = text2.slice(from, from + MAX_LINE_CHARACTERS);
    const mark = shown2.slice(0, loc.column - from).replace(/\S/g, " ");
    return { line: loc.line, column: loc.column + 1, text: `${shown2}
${mark}^` };
  }
}

// src/node/headless/chaincode-process.ts
import { spawn as spawn3 } from "node:child_process";
import { parse as parse2 } from "node:path";
import { fileURLToPath as fileURLToPath2 } from "node:url";

// src/node/chaincode/runtime/control-messages.ts
function parseWorkerMessage(data) {
  if (typeof data !== "object" || data === null) return void 0;
  const { type, message, level, text: text2, txId, code } = data;
  switch (type) {
    case "booted":
    case "started":
      return { type };
    case "failed":
      return { type, message: String(message).slice(0, MAX_TEXT_LENGTH) };
    case "log":
      return {
        type,
        level: String(level).slice(0, 10),
        text: String(text2).slice(0, MAX_TEXT_LENGTH),
        ...typeof txId === "string" && { txId: txId.slice(0, MAX_TX_ID_LENGTH) }
      };
    case "exit":
      return { type, code: Number(code) };
    default:
      return void 0;
  }
}
var MAX_TX_ID_LENGTH = 200;
var MAX_TEXT_LENGTH = 8e3;

// src/node/headless/chaincode-frames.ts
var FrameKind = Object.freeze({
  /** To the process, first: the source of the chaincode runtime, in UTF-8. */
  runtime: 0,
  /** Either way: JSON of a StartMessage without its port, or of a WorkerMessage. */
  control: 1,
  /** Either way: one serialized protos.ChaincodeMessage. */
  message: 2
});
var FRAME_HEADER_BYTES = 5;
function frameHeader(kind, length) {
  const header2 = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(header2.buffer).setUint32(0, length, true);
  header2[4] = kind;
  return header2;
}
var FrameReader = class {
  #maxBytes;
  #chunks = [];
  #length = 0;
  /** @param maxBytes of a body. */
  constructor(maxBytes) {
    this.#maxBytes = maxBytes;
  }
  /** The frames that this chunk completes. Throws RangeError when a frame is larger than it may be. */
  *push(chunk) {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= FRAME_HEADER_BYTES) {
      const header2 = this.#peekHeader();
      const length = new DataView(header2.buffer, header2.byteOffset).getUint32(0, true);
      if (length > this.#maxBytes) {
        throw new RangeError(`a frame of ${length} bytes; ${this.#maxBytes} are allowed`);
      }
      if (this.#length < FRAME_HEADER_BYTES + length) return;
      this.#take(FRAME_HEADER_BYTES);
      yield { kind: header2[4] ?? 0, body: this.#take(length) };
    }
  }
  #peekHeader() {
    const [first] = this.#chunks;
    if (first && first.length >= FRAME_HEADER_BYTES) return first.subarray(0, FRAME_HEADER_BYTES);
    const header2 = this.#take(FRAME_HEADER_BYTES);
    this.#chunks.unshift(header2);
    this.#length += header2.length;
    return header2;
  }
  // A copy in a buffer of its own, which can be transferred.
  #take(length) {
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const [first] = this.#chunks;
      if (!first) throw new RangeError("fewer bytes than were counted");
      const part = first.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part.length);
    }
    this.#length -= length;
    return taken;
  }
};

// src/node/chaincode/launcher.ts
var PortClosedEvent = class extends Event {
  reason;
  constructor(reason) {
    super("close");
    this.reason = reason;
  }
};

// src/node/headless/process-port.ts
var ProcessPort = class {
  #actions;
  #target = new EventTarget();
  #early = [];
  #closed = false;
  constructor(actions) {
    this.#actions = actions;
  }
  addEventListener(type, listener) {
    this.#target.addEventListener(type, listener);
  }
  postMessage(message) {
    if (!this.#closed) this.#actions.send(new Uint8Array(message));
  }
  start() {
    const early = this.#early ?? [];
    this.#early = void 0;
    for (const event of early) this.#deliver(event);
  }
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#actions.close();
  }
  /** A message of the chaincode. */
  receive(data) {
    this.#deliver(new MessageEvent("message", { data }));
  }
  /** The process has ended. */
  ended(reason) {
    this.#deliver(new PortClosedEvent(reason));
  }
  #deliver(event) {
    if (this.#closed) return;
    if (this.#early) this.#early.push(event);
    else this.#target.dispatchEvent(event);
  }
};

// src/node/headless/chaincode-process.ts
var MAX_STDERR_CHARS = 4e3;
var EXTENSION3 = import.meta.url.endsWith(".ts") ? "ts" : "js";
var fileBeside = (name) => fileURLToPath2(new URL(`./${name}.${EXTENSION3}`, import.meta.url));
var PROGRAM2 = fileBeside("chaincode-program");
var READABLE = EXTENSION3 === "ts" ? [PROGRAM2, fileBeside("chaincode-frames")] : [PROGRAM2];
var ChaincodeProcess = class {
  #clock;
  #options;
  #child;
  #port;
  #reader = new FrameReader(MAX_MESSAGE_BYTES);
  #booted = Promise.withResolvers();
  #started = Promise.withResolvers();
  #stderr = "";
  #reason;
  #ended = false;
  constructor(clock, options) {
    this.#clock = clock;
    this.#options = options;
    this.#booted.promise.catch(() => {
    });
    this.#started.promise.catch(() => {
    });
    this.#port = new ProcessPort({
      send: (message) => this.#send(FrameKind.message, message),
      close: () => this.kill("the peer has closed its stream")
    });
    this.#child = spawnProgram(options.memoryMb);
    this.#listen();
    this.#send(FrameKind.runtime, utf8(options.runtime));
  }
  /** Undefined when it could not even be started. */
  get pid() {
    return this.#child.pid;
  }
  /** Loads a chaincode; the result is the peer's end of its stream. Rejects with FabricError CHAINCODE_START_FAILED. */
  async start({ ccid, files, mspId, logLevel = "WARNING" }) {
    const { startTimeoutMs } = this.#options;
    const expire = () => this.kill(`the chaincode did not start within ${startTimeoutMs} ms`);
    const cancel = this.#clock.setTimer(expire, startTimeoutMs);
    try {
      await this.#booted.promise;
      const start = { type: "start", ccid, files, mspId, logLevel };
      this.#send(FrameKind.control, utf8(JSON.stringify(start)));
      await this.#started.promise;
      return this.#port;
    } finally {
      cancel();
    }
  }
  /** Ends the process. `reason` is what its port will say, unless there is one already. */
  kill(reason) {
    this.#reason ??= reason;
    this.#fail(this.#reason);
    this.#child.kill("SIGKILL");
  }
  #listen() {
    const { stdin, stdout, stderr } = this.#child;
    stdout?.on("data", (chunk) => this.#receive(chunk));
    stderr?.setEncoding("utf8").on("data", (text2) => {
      this.#stderr = `${this.#stderr}${text2}`.slice(0, MAX_STDERR_CHARS);
    });
    stdin?.on("error", () => {
    });
    this.#child.on("error", (error) => this.#end(`its process: ${messageOf(error)}`));
    this.#child.on("close", (code, signal) => this.#end(this.#lastWords(code, signal)));
  }
  #receive(chunk) {
    try {
      for (const { kind, body } of this.#reader.push(chunk)) {
        if (this.#reason !== void 0) return;
        if (kind === FrameKind.message) this.#port.receive(body.buffer);
        else if (kind === FrameKind.control) this.#control(parseWorkerMessage(parseJson3(body)));
        else throw new RangeError(`a frame of kind ${kind}`);
      }
    } catch (error) {
      this.kill(`the chaincode's process sent ${messageOf(error)}`);
    }
  }
  #control(message) {
    switch (message?.type) {
      case "booted":
        this.#booted.resolve();
        break;
      case "started":
        this.#started.resolve();
        break;
      case "failed":
        this.#options.onLog("error", message.message);
        this.kill(message.message);
        break;
      case "log":
        this.#options.onLog(message.level, message.text);
        break;
      case "exit":
        this.#options.onLog("error", `the chaincode called process.exit(${message.code})`);
        this.kill(`the chaincode called process.exit(${message.code})`);
        break;
      default:
    }
  }
  #send(kind, body) {
    const { stdin } = this.#child;
    if (!stdin || this.#reason !== void 0 || this.#ended) return;
    const waiting = stdin.writableLength;
    if (waiting > 0 && waiting + body.length > this.#options.maxWaitingBytes) {
      this.kill(`the chaincode does not read: ${waiting} bytes wait for it`);
      return;
    }
    stdin.write(frameHeader(kind, body.length));
    stdin.write(body);
  }
  #lastWords(code, signal) {
    if (this.#reason !== void 0) return this.#reason;
    const how = signal === null ? `exit code ${code}` : signal;
    if (/heap out of memory|heap limit/i.test(this.#stderr)) {
      return `the chaincode needed more than the ${this.#options.memoryMb} MB of memory that it has`;
    }
    const said = this.#stderr.trim();
    return `the chaincode's process ended (${how})${said === "" ? "" : `: ${said}`}`;
  }
  #end(reason) {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason ??= reason;
    this.#fail(this.#reason);
    this.#port.ended(this.#reason);
    this.#options.onEnd();
  }
  #fail(reason) {
    const error = new FabricError("CHAINCODE_START_FAILED", reason);
    this.#booted.reject(error);
    this.#started.reject(error);
  }
};
function isolationFlags(memoryMb) {
  return [
    "--permission",
    ...READABLE.map((path) => `--allow-fs-read=${path}`),
    `--max-old-space-size=${memoryMb}`,
    "--no-warnings"
  ];
}
function spawnProgram(memoryMb) {
  return spawn3(process.execPath, [...isolationFlags(memoryMb), PROGRAM2], {
    cwd: parse2(process.execPath).root,
    env: { TZ: "UTC" },
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true
  });
}
function parseJson3(body) {
  try {
    return JSON.parse(fromUtf8(body));
  } catch {
    return void 0;
  }
}

// src/node/headless/process-launcher.ts
var DEFAULT_PROCESS_LAUNCHER_OPTIONS = Object.freeze({
  memoryMb: 256,
  startTimeoutMs: 3e4,
  // Ten results of the largest size that a query page has by default.
  maxWaitingBytes: 64 * 1024 * 1024,
  logLevel: "WARNING"
});
var MAX_LINES_PER_SECOND = 200;
var ProcessLauncher = class {
  #components;
  #options;
  #processes = /* @__PURE__ */ new Map();
  #killAll = () => this.stop();
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_PROCESS_LAUNCHER_OPTIONS, ...options };
  }
  /** Its process id, for whoever watches; undefined when it does not run. */
  pidOf(ccid) {
    return this.#processes.get(ccid)?.pid;
  }
  async launch(ccid, { signal }) {
    needPermissionModel();
    const { packages, mspId, runtime, clock, log } = this.#components;
    const found = await packages.get(ccid);
    if (!found) {
      const text2 = `chaincode package ${ccid} is not installed at this peer`;
      throw new FabricError("CHAINCODE_NOT_INSTALLED", text2);
    }
    const source = await runtime();
    signal.throwIfAborted();
    this.kill(ccid);
    const { memoryMb, startTimeoutMs, maxWaitingBytes, logLevel } = this.#options;
    const program = new ChaincodeProcess(clock, {
      runtime: source,
      memoryMb,
      startTimeoutMs,
      maxWaitingBytes,
      onLog: limitedLog(log.child(ccid.split(":")[0] ?? ccid), clock),
      onEnd: () => this.#forget(ccid, program)
    });
    this.#remember(ccid, program);
    try {
      return await program.start({ ccid, files: found.files, mspId, logLevel });
    } catch (error) {
      throw await withPlace(error, found.files);
    }
  }
  kill(ccid) {
    this.#processes.get(ccid)?.kill("the chaincode was stopped");
  }
  /** Ends all of them. */
  stop() {
    for (const program of this.#processes.values()) program.kill("the peer stops");
  }
  // A process of its own does not end with this one, not while it computes: on exit it is killed here, on kill -9 by the guard.
  #remember(ccid, program) {
    if (this.#processes.size === 0) process.on("exit", this.#killAll);
    this.#processes.set(ccid, program);
    this.#components.guard.add(program.pid);
  }
  #forget(ccid, program) {
    this.#components.guard.remove(program.pid);
    if (this.#processes.get(ccid) !== program) return;
    this.#processes.delete(ccid);
    if (this.#processes.size === 0) process.off("exit", this.#killAll);
  }
};
function needPermissionModel() {
  if (process.allowedNodeEnvironmentFlags.has("--permission")) return;
  const text2 = `Node ${process.version} cannot keep chaincode in a process of its own: --chaincode needs Node 24`;
  throw new FabricError("CHAINCODE_START_FAILED", text2);
}
function limitedLog(log, clock) {
  let second = 0;
  let lines = 0;
  return (level, text2) => {
    const now = Math.floor(clock.now() / 1e3);
    if (now !== second) [second, lines] = [now, 0];
    if (lines++ < MAX_LINES_PER_SECOND) log.info(text2, { level });
  };
}

// src/node/clock-skew.ts
var MAX_SKEW_MS = 14 * 6e4;
function checkClock(date, now) {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  const skew = now - theirs;
  if (Number.isNaN(skew) || Math.abs(skew) <= MAX_SKEW_MS) return;
  const minutes = Math.round(Math.abs(skew) / 6e4);
  const [code, where] = skew < 0 ? ["CLOCK_BEHIND", "behind"] : ["CLOCK_AHEAD", "ahead of"];
  throw new FabricError(
    code ?? "",
    `the clock of this computer is ${minutes} minutes ${where} the relay's; set it right and try again`,
    { data: { minutes } }
  );
}

// src/node/headless/relay-files.ts
var TIMEOUT_MS = 2e4;
var MAX_DESCRIPTION_BYTES = 4 * 1024 * 1024;
async function fetchNetwork(relay, signal) {
  const url = new URL("/network.json", relay);
  const { bytes, date } = await getDated(url, MAX_DESCRIPTION_BYTES, signal);
  checkClock(date, Date.now());
  const text2 = fromUtf8(bytes);
  try {
    return checkedNetwork(JSON.parse(text2));
  } catch (cause) {
    const message = `${relay.origin} is no relay of Tabric: /network.json ${messageOf(cause)}`;
    throw new FabricError("RELAY_UNREACHABLE", message, { cause });
  }
}
async function fetchFile(relay, path, signal) {
  const url = new URL(path, relay);
  if (url.origin !== relay.origin) {
    throw new FabricError("PACKAGE_UNAVAILABLE", `${url} is not at the relay`);
  }
  return get(url, MAX_PACKAGE_BYTES, signal);
}
async function fetchPackage(relay, channels, chaincode, signal) {
  const found = channels.flatMap(({ chaincodes }) => chaincodes);
  const path = found.find(({ name }) => name === chaincode)?.packagePath;
  if (path === void 0) {
    const text2 = `the network has no package of chaincode ${chaincode}: say --chaincode ${chaincode}=FILE`;
    throw new FabricError("PACKAGE_UNAVAILABLE", text2);
  }
  return fetchFile(relay, path, signal);
}
async function get(url, maxBytes, signal) {
  const { bytes } = await getDated(url, maxBytes, signal);
  return bytes;
}
async function getDated(url, maxBytes, signal) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout
    });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    return { bytes: await bodyOf(response, maxBytes), date: response.headers.get("date") };
  } catch (cause) {
    signal?.throwIfAborted();
    const text2 = `GET ${url} failed: ${reasonOf(cause)}`;
    throw new FabricError("RELAY_UNREACHABLE", text2, { cause });
  }
}
async function bodyOf({ body }, maxBytes) {
  const chunks = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
function reasonOf(error) {
  const cause = error instanceof Error ? error.cause : void 0;
  return messageOf(cause instanceof Error && cause.message !== "" ? cause : error);
}
function checkedNetwork(found) {
  const network = found ?? {};
  const { networkId, relay, ordererMspId, organisations, channels, gossip: gossip2 } = network;
  if (typeof networkId !== "string" || typeof relay?.peerId !== "string" || typeof ordererMspId !== "string" || !Array.isArray(organisations) || !Array.isArray(channels) || typeof gossip2 !== "object") {
    throw new Error("describes no network");
  }
  return network;
}

// src/node/headless/headless-peers.ts
var STARTS_AT_A_TIME = 8;
var RELAY_RETRY_MS = 5e3;
var MANY_PEERS = 4;
var SMALL_STORES = Object.freeze({
  writeBufferSize: 256 * 1024,
  cacheSize: 256 * 1024,
  maxOpenFiles: 64
});
function folderNames({
  name,
  count: count2
}) {
  if (count2 === 1) return [name ?? "0"];
  return Array.from({ length: count2 }, (_, i) => name === void 0 ? `${i}` : `${name}-${i}`);
}
var HeadlessPeers = class {
  #components;
  #options;
  #peers = [];
  #launchers = [];
  #directories = [];
  #guard = new ProcessGuard();
  #stop = new AbortController();
  #threads;
  constructor(components, options) {
    this.#components = components;
    this.#options = options;
  }
  get peers() {
    return this.#peers;
  }
  /** Resolves when all are at the tip. When one cannot start, none is left running. */
  async start(signal) {
    const either = AbortSignal.any([signal, this.#stop.signal]);
    try {
      await this.#startAll(either);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }
  /** All say goodbye, then everything is closed. */
  async stop() {
    this.#stop.abort(new FabricError("STOPPED", "the peers stop"));
    await Promise.all(this.#peers.splice(0).map((peer) => this.#stopPeer(peer)));
    for (const launcher of this.#launchers.splice(0)) launcher.stop();
    this.#guard.stop();
    await Promise.all(this.#directories.splice(0).map((directory) => directory.close()));
    await this.#threads?.[Symbol.asyncDispose]();
    this.#threads = void 0;
  }
  async #startAll(signal) {
    const { chaincodes, verifyThreads, count: count2 } = this.#options;
    const kept = await this.#openDirectories();
    const relay = this.#relayOf(kept);
    const network = await this.#network(relay, kept.length > 0, signal);
    const packages = [];
    for (const { name: chaincode, bytes } of chaincodes) {
      const found = bytes ?? await fetchPackage(relay, network.channels, chaincode, signal);
      await readChaincodePackage(found);
      packages.push({ chaincode, bytes: found });
    }
    this.#threads = startVerifyThreads(verifyThreads);
    const shared = { network, relay, packages, threads: this.#threads };
    const waiting = Array.from({ length: count2 }, (_, i) => i);
    const startNext = async () => {
      for (let i = waiting.shift(); i !== void 0; i = waiting.shift()) {
        signal.throwIfAborted();
        await this.#startPeer(i, shared, signal);
      }
    };
    const lanes = Array.from(
      { length: Math.min(count2, STARTS_AT_A_TIME) },
      () => startNext().catch((error) => {
        this.#stop.abort(error);
        throw error;
      })
    );
    const failed2 = (await Promise.allSettled(lanes)).find(({ status }) => status === "rejected");
    if (failed2?.status === "rejected") throw this.#stop.signal.reason;
  }
  /** Gives the identities that the folders keep. */
  async #openDirectories() {
    const { data, count: count2 } = this.#options;
    if (data === void 0) return [];
    const kept = [];
    for (const name of folderNames(this.#options)) {
      const sizes = count2 > MANY_PEERS ? SMALL_STORES : {};
      const directory = await PeerDirectory.open(join14(data, name), sizes);
      this.#directories.push(directory);
      const identity = await keptIdentity(directory);
      if (identity) kept.push(identity);
    }
    return kept;
  }
  #relayOf([first]) {
    const { relay, data } = this.#options;
    if (relay) return relay;
    if (first) return new URL(first.relay);
    const text2 = data === void 0 ? "say which network to join: --join LINK" : `there is no peer in ${data} yet: say --join LINK`;
    throw new FabricError("JOIN_NEEDED", text2);
  }
  // Who has been a member waits for the relay, since both may start when a machine does.
  async #network(relay, patient, signal) {
    const { clock, report } = this.#components;
    for (let told = false; ; told = true) {
      try {
        return await fetchNetwork(relay, signal);
      } catch (error) {
        const unreachable = error instanceof FabricError && error.code === "RELAY_UNREACHABLE";
        if (!patient || !unreachable || signal.aborted) throw error;
        if (!told) report({ event: "waiting", code: error.code, message: error.message });
        await clock.sleep(RELAY_RETRY_MS, { signal });
      }
    }
  }
  async #startPeer(index, { network, relay, packages, threads }, signal) {
    const { startPeer, clock, random, log, report } = this.#components;
    const directory = this.#directories[index];
    const { invitation } = this.#options;
    const identity = await headlessIdentity({ relay, network, invitation, directory });
    const { name } = identity.peer;
    report({ event: "enrolled", name, ...directory && { folder: directory.path } });
    const peer = await startPeer({
      identity,
      network,
      relay,
      stores: directory?.stores ?? new MemoryKVStoreProvider(),
      stored: directory !== void 0,
      launcher: (source) => this.#launcher(source, identity.mspId, log.child(name)),
      packages,
      signatureStage: threads.pool.verify,
      clock,
      random,
      log: log.child(name),
      signal,
      onJoined: (channel, height) => report({ event: "joined", name, channel, height })
    });
    this.#peers.push(peer);
    peer.events.on("committed", (block) => report({ event: "committed", name, ...block }));
    peer.events.on("leader", (leader) => report({ event: "leader", name, ...leader }));
    peer.events.on("error", (error) => report({ event: "error", name, ...error }));
    report({ event: "ready", name, height: peer.height() });
  }
  #launcher(packages, mspId, log) {
    const { runtime, clock } = this.#components;
    const { chaincodeMemoryMb } = this.#options;
    const launcher = new ProcessLauncher(
      { packages, mspId, runtime, guard: this.#guard, clock, log },
      { memoryMb: chaincodeMemoryMb }
    );
    this.#launchers.push(launcher);
    return launcher;
  }
  async #stopPeer(peer) {
    const { log, report } = this.#components;
    try {
      await peer.stop();
    } catch (error) {
      log.warn(`${peer.name} did not stop cleanly: ${messageOf(error)}`);
    }
    report({ event: "stopped", name: peer.name });
  }
};

// src/node/peer/installed-packages.ts
var packageKey = (packageId) => utf8(`package/${packageId}`);
var useKey = (use) => utf8(`use/${use}`);
var useOf = (channelId, chaincode) => `${channelId}/${chaincode}`;
var OLD_PREFIX = "name/";
var programKey = (packageId) => utf8(`program/${packageId}`);
var networkKey = (use) => utf8(`network/${use}`);
var InstalledPackages = class _InstalledPackages {
  #store;
  #packages = /* @__PURE__ */ new Map();
  #uses = /* @__PURE__ */ new Map();
  #oldNames = /* @__PURE__ */ new Map();
  #fromNetwork = /* @__PURE__ */ new Map();
  constructor(store) {
    this.#store = store;
  }
  static async open(store) {
    const packages = new _InstalledPackages(store);
    for await (const [key, value] of store.range({ gte: useKey(""), lt: utf8("use0") })) {
      packages.#uses.set(fromUtf8(key).slice("use/".length), fromUtf8(value));
    }
    for await (const [key, value] of store.range({ gte: networkKey(""), lt: utf8("network0") })) {
      packages.#fromNetwork.set(fromUtf8(key).slice("network/".length), fromUtf8(value));
    }
    for await (const [key, value] of store.range({ gte: utf8(OLD_PREFIX), lt: utf8("name0") })) {
      packages.#oldNames.set(fromUtf8(key).slice(OLD_PREFIX.length), fromUtf8(value));
    }
    return packages;
  }
  /** The id of the package that runs as `chaincode` on a channel, if one was installed. */
  packageIdOf(channelId, chaincode) {
    return this.#uses.get(useOf(channelId, chaincode)) ?? this.#oldNames.get(chaincode);
  }
  /** Whether a package may still run as something. */
  isUsed(packageId) {
    return [...this.#uses.values(), ...this.#oldNames.values()].includes(packageId);
  }
  /** Keeps a package, to run as `chaincode` on a channel. Throws when the bytes are not a chaincode package. */
  async install({ channel, chaincode, fromNetwork = false }, bytes) {
    const read2 = await readChaincodePackage(bytes);
    const { packageId } = read2;
    const use = useOf(channel, chaincode);
    await this.#store.write(
      [
        { type: "put", key: packageKey(packageId), value: bytes },
        { type: "put", key: useKey(use), value: utf8(packageId) },
        fromNetwork ? { type: "put", key: networkKey(use), value: utf8(packageId) } : { type: "delete", key: networkKey(use) }
      ],
      { durable: true }
    );
    this.#packages.delete(packageId);
    this.#uses.set(use, packageId);
    if (fromNetwork) this.#fromNetwork.set(use, packageId);
    else this.#fromNetwork.delete(use);
    return read2;
  }
  /** Whether what runs as `chaincode` on a channel is what the network gave. */
  isFromNetwork(channelId, chaincode) {
    const packageId = this.#fromNetwork.get(useOf(channelId, chaincode));
    return packageId !== void 0 && packageId === this.packageIdOf(channelId, chaincode);
  }
  /** Keeps the program that was built from an installed package. Throws FabricError INVALID_PACKAGE. */
  async addProgram(packageId, program) {
    await readProgram(program);
    if (!await this.#store.get(packageKey(packageId))) {
      const text2 = `${packageId} is not installed`;
      throw new FabricError("CHAINCODE_NOT_INSTALLED", text2);
    }
    const row = { type: "put", key: programKey(packageId), value: program };
    await this.#store.write([row], { durable: true });
    this.#packages.delete(packageId);
  }
  /** An installed package, read; its files are those of its program where one was built. */
  get(packageId) {
    const known = this.#packages.get(packageId) ?? this.#read(packageId);
    this.#packages.set(packageId, known);
    return known;
  }
  async #read(packageId) {
    const bytes = await this.#store.get(packageKey(packageId));
    if (!bytes) return void 0;
    const read2 = await readChaincodePackage(bytes);
    const program = read2.missing && await this.#store.get(programKey(packageId));
    if (!program) return read2;
    const { missing: _made, ...whole } = read2;
    return { ...whole, files: await readProgram(program) };
  }
};

// src/node/aclmgmt/resources.ts
var LOCAL_RESOURCES = /* @__PURE__ */ new Map([
  ["_lifecycle/InstallChaincode", "Admins"],
  ["_lifecycle/QueryInstalledChaincode", "Admins"],
  ["_lifecycle/GetInstalledChaincodePackage", "Admins"],
  ["_lifecycle/QueryInstalledChaincodes", "Admins"],
  ["_lifecycle/ApproveChaincodeDefinitionForMyOrg", "Admins"],
  ["_lifecycle/QueryApprovedChaincodeDefinition", "Admins"],
  ["_lifecycle/QueryApprovedChaincodeDefinitions", "Admins"],
  ["snapshot/submitrequest", "Admins"],
  ["snapshot/cancelrequest", "Admins"],
  ["snapshot/listpending", "Admins"],
  ["cscc/JoinChain", "Admins"],
  ["cscc/JoinChainBySnapshot", "Admins"],
  ["cscc/JoinBySnapshotStatus", "Admins"],
  ["cscc/GetChannels", "Members"]
]);
var READERS = "/Channel/Application/Readers";
var WRITERS = "/Channel/Application/Writers";
var CHANNEL_RESOURCES = /* @__PURE__ */ new Map([
  ["_lifecycle/CommitChaincodeDefinition", WRITERS],
  ["_lifecycle/QueryChaincodeDefinition", WRITERS],
  ["_lifecycle/QueryChaincodeDefinitions", WRITERS],
  ["_lifecycle/CheckCommitReadiness", WRITERS],
  ["qscc/GetChainInfo", READERS],
  ["qscc/GetBlockByNumber", READERS],
  ["qscc/GetBlockByHash", READERS],
  ["qscc/GetTransactionByID", READERS],
  ["qscc/GetBlockByTxID", READERS],
  ["cscc/GetConfigBlock", READERS],
  ["cscc/GetChannelConfig", READERS],
  ["peer/Propose", WRITERS],
  ["peer/ChaincodeToChaincode", WRITERS],
  ["event/Block", READERS],
  ["event/FilteredBlock", READERS],
  ["gateway/CommitStatus", READERS],
  ["gateway/ChaincodeEvents", READERS]
]);

// src/node/aclmgmt/acl-provider.ts
var AclProvider = class {
  #components;
  constructor(components) {
    this.#components = components;
  }
  /** Rejects with FabricError ACCESS_DENIED unless the signature satisfies the policy of `resource` on the channel. */
  async checkAcl(resource, channelId, signed) {
    const local = LOCAL_RESOURCES.get(resource);
    if (local) return this.#checkLocal(local, signed);
    const bundle = this.#components.bundles(channelId);
    const configured = bundle?.application.acls.get(resource);
    const path = configured ?? CHANNEL_RESOURCES.get(resource);
    if (path === void 0) throw denied(`Unmapped policy for ${resource}`);
    if (!bundle) throw denied(`Failed to get policy manager for channel [${channelId}]`);
    const reason = await refusal2(bundle, path, signed);
    if (reason === void 0) return;
    throw denied(
      configured === void 0 ? `Failed evaluating policy on signed data during check policy on channel [${channelId}] with policy [${path}]: [${reason}]` : `failed evaluating policy on signed data during check policy [${path}]: [${reason}]`
    );
  }
  /** Rejects with FabricError ACCESS_DENIED unless the signature satisfies the peer's own policy of `resource`. */
  async checkAclNoChannel(resource, signed) {
    const local = LOCAL_RESOURCES.get(resource);
    if (!local) throw denied("cannot override peer type policy for channeless ACL check");
    await this.#checkLocal(local, signed);
  }
  async #checkLocal(policy, { data, identity, signature }) {
    const where = `during channelless check policy with policy [${policy}]`;
    const msp = this.#components.localMsp();
    if (!msp)
      throw denied(`Failed getting local MSP principal ${where}: [the peer has no MSP yet]`);
    let creator;
    try {
      creator = await msp.deserializeIdentity(identity);
    } catch (error) {
      throw denied(`Failed deserializing proposal creator ${where}: [${messageOf(error)}]`);
    }
    if (!await creator.satisfiesPrincipal(principalOf(policy, msp.mspId))) {
      const text2 = `Failed verifying that proposal's creator satisfies local MSP principal ${where}`;
      throw denied(
        `${text2}: [This identity is not ${policy === "Admins" ? "an admin" : "a member"}]`
      );
    }
    if (!await creator.verify(data, signature)) throw denied("The signature is invalid");
  }
};
async function refusal2(bundle, path, signed) {
  try {
    const policy = bundle.policyManager.getPolicy(path);
    if (await policy.evaluateSignedData([signed])) return void 0;
    return "signature set did not satisfy policy";
  } catch (error) {
    return messageOf(error);
  }
}
function principalOf(policy, msp_identifier) {
  const { MSPRole, MSPPrincipal } = common;
  const { ADMIN, MEMBER } = MSPRole.MSPRoleType;
  const role = policy === "Admins" ? ADMIN : MEMBER;
  return {
    principal_classification: MSPPrincipal.Classification.ROLE,
    principal: MSPRole.encode({ msp_identifier, role }).finish()
  };
}
function denied(message) {
  return new FabricError("ACCESS_DENIED", message);
}

// src/node/chaincode/chaincode-message.ts
var { Type: MessageType } = protos.ChaincodeMessage;
function typeName(type) {
  return MessageType[type] ?? String(type);
}
function decodeMessage(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!(bytes instanceof Uint8Array) || bytes.length > MAX_MESSAGE_BYTES) {
    throw new FabricError("MALFORMED_MESSAGE", "port message is not a chaincode message");
  }
  try {
    return protos.ChaincodeMessage.decode(bytes);
  } catch (cause) {
    throw new FabricError("MALFORMED_MESSAGE", "port message is not a chaincode message", {
      cause
    });
  }
}
function encodeMessage(message) {
  const bytes = protos.ChaincodeMessage.encode(message).finish();
  return bytes.buffer;
}
function reply(request, type, payload) {
  return {
    type,
    payload: typeof payload === "string" ? utf8(payload) : payload,
    txid: request.txid,
    channel_id: request.channel_id
  };
}

// src/node/chaincode/transaction-context.ts
var MAX_ITERATORS = 1e3;
var TransactionContext = class {
  params;
  /** Name of the chaincode: the namespace of its keys. */
  namespace;
  /** True when it runs the chaincode's Init, which may not touch private data. */
  isInit;
  /** Its open queries, by iterator id. */
  queries = /* @__PURE__ */ new Map();
  /** What its creator may do with the collections that it has used, by name. */
  collectionPermissions = /* @__PURE__ */ new Map();
  /** True while the peer serves a request of it; the shim sends one at a time. */
  serving = false;
  /** Takes the COMPLETED or ERROR message that ends it. */
  finish;
  /** Takes the reason why that will not come. */
  fail;
  constructor(params, namespace, isInit, settle) {
    this.params = params;
    this.namespace = namespace;
    this.isInit = isInit;
    this.finish = settle.finish;
    this.fail = settle.fail;
  }
  /** Closes what it still holds open. */
  close() {
    for (const query of this.queries.values()) query.iterator.close();
    this.queries.clear();
  }
};

// src/node/chaincode/handler.ts
var Handler = class {
  #components;
  #contexts = /* @__PURE__ */ new Map();
  #registered = Promise.withResolvers();
  #state = "created";
  constructor(components) {
    this.#components = components;
    this.#registered.promise.catch(() => {
    });
  }
  /** Listens, and resolves when the chaincode has registered. */
  async start() {
    const { port } = this.#components;
    port.addEventListener("message", ({ data }) => this.#receive(data));
    port.addEventListener(
      "close",
      (event) => this.close(event instanceof PortClosedEvent ? event.reason : "the chaincode has ended")
    );
    port.start();
    await this.#registered.promise;
  }
  /** Runs one transaction; the message that ended it. Rejects when time runs out or the stream ends. */
  async execute(execution) {
    const { params, namespace, timeoutMs } = execution;
    if (this.#state !== "ready") throw streamTerminated();
    const id = contextId(params.channelId, params.txId);
    if (this.#contexts.has(id)) {
      throw new FabricError("DUPLICATE_TXID", `txid: ${params.txId}(${params.channelId}) exists`);
    }
    const { promise, resolve: resolve5, reject } = Promise.withResolvers();
    const isInit = execution.type === MessageType.INIT;
    const settle = { finish: resolve5, fail: reject };
    const context = new TransactionContext(params, namespace, isInit, settle);
    this.#contexts.set(id, context);
    const isFatal = !execution.isQuestion;
    const cancel = this.#components.clock.setTimer(() => this.#expire(context, isFatal), timeoutMs);
    try {
      this.#send({
        type: execution.type,
        payload: protos.ChaincodeInput.encode(execution.input).finish(),
        txid: params.txId,
        channel_id: params.channelId,
        proposal: params.signedProposal
      });
      return await promise;
    } finally {
      cancel();
      this.#contexts.delete(id);
      context.close();
    }
  }
  /** Ends the stream; transactions that run fail. */
  close(reason) {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#components.port.close();
    this.#registered.reject(new FabricError("CHAINCODE_START_FAILED", reason));
    for (const context of this.#contexts.values()) context.fail(streamTerminated());
    this.#components.onClose(reason);
  }
  // A chaincode that waits for the peer (for another chaincode, say) is not the one to blame and lives on; one that
  // computes, or waits for nothing, can only be ended.
  #expire(context, isFatal) {
    context.fail(new FabricError("EXECUTE_TIMEOUT", "timeout expired while executing transaction"));
    if (isFatal && !context.serving)
      this.close(`transaction ${context.params.txId} ran out of time`);
  }
  #receive(data) {
    if (this.#state === "closed") return;
    if (data === null) {
      this.close("the chaincode has ended");
      return;
    }
    try {
      this.#handle(decodeMessage(data));
    } catch (error) {
      this.#components.logger.warn(`chaincode ${this.#components.ccid}: ${messageOf(error)}`);
      this.close(messageOf(error));
    }
  }
  #handle(message) {
    if (message.type === MessageType.KEEPALIVE) return;
    if (this.#state === "created") this.#register(message);
    else if (message.type === MessageType.COMPLETED || message.type === MessageType.ERROR) {
      this.#contexts.get(contextId(message.channel_id, message.txid))?.finish(message);
    } else {
      const handler = this.#components.requests.get(message.type);
      if (!handler) throw wrongState(message, "ready");
      void this.#serve(message, handler);
    }
  }
  #register(message) {
    if (message.type !== MessageType.REGISTER) throw wrongState(message, "created");
    const { name } = protos.ChaincodeID.decode(message.payload);
    if (name !== this.#components.ccid) {
      throw new FabricError("PROTOCOL_VIOLATION", `chaincode registered as ${name.slice(0, 100)}`);
    }
    this.#send({ type: MessageType.REGISTERED });
    this.#send({ type: MessageType.READY });
    this.#state = "ready";
    this.#registered.resolve();
  }
  async #serve(message, handler) {
    const context = this.#contexts.get(contextId(message.channel_id, message.txid));
    if (context?.serving) return;
    let answer3;
    try {
      if (!context) throw new FabricError("NO_LEDGER_CONTEXT", "no ledger context");
      context.serving = true;
      answer3 = reply(message, MessageType.RESPONSE, await handler(context, message.payload));
    } catch (error) {
      const text2 = `${typeName(message.type)} failed: transaction ID: ${message.txid}: ${messageOf(error)}`;
      this.#components.logger.debug(text2);
      answer3 = reply(message, MessageType.ERROR, text2);
    } finally {
      if (context) context.serving = false;
    }
    if (this.#state === "ready") this.#send(answer3);
  }
  #send(message) {
    const bytes = encodeMessage(message);
    this.#components.port.postMessage(bytes, [bytes]);
  }
};
function contextId(channelId, txId) {
  return `${channelId}/${txId}`;
}
function streamTerminated() {
  return new FabricError("STREAM_TERMINATED", "chaincode stream terminated");
}
function wrongState(message, state) {
  return new FabricError(
    "PROTOCOL_VIOLATION",
    `[${message.txid.slice(0, 64)}] Fabric side handler cannot handle message (${typeName(message.type)}) while in ${state} state`
  );
}

// src/node/chaincode/invocation-check.ts
var INITIALIZED_KEY = "\0\u{10FFFF}initialized";
async function checkInvocation(lifecycle2, params, chaincode, input) {
  const { channelId, simulator } = params;
  const { ccid, version, enforceInit } = await lifecycle2.chaincodeEndorsementInfo(channelId, chaincode, simulator).catch(
    (cause) => refuse3(
      `[channel ${channelId}] failed to get chaincode container info for ${chaincode}: ${messageOf(cause)}`
    )
  );
  const isInit = input.is_init === true;
  if (!enforceInit) {
    if (isInit) {
      refuse3(`chaincode '${chaincode}' does not require initialization but called as init`);
    }
    return { ccid, type: MessageType.TRANSACTION };
  }
  const initialized = await isInitialized(chaincode, version, simulator);
  if (isInit && initialized) {
    refuse3(`chaincode '${chaincode}' is already initialized but called as init`);
  }
  if (!isInit && !initialized) {
    refuse3(
      `chaincode '${chaincode}' has not been initialized for this version, must call as init first`
    );
  }
  if (isInit) simulator?.setState(chaincode, INITIALIZED_KEY, utf8(version));
  return { ccid, type: isInit ? MessageType.INIT : MessageType.TRANSACTION };
}
async function isInitialized(chaincode, version, simulator) {
  const value = await simulator?.getState(chaincode, INITIALIZED_KEY);
  return value !== void 0 && fromUtf8(value) === version;
}
function refuse3(text2) {
  throw new FabricError("INVALID_INVOCATION", `invalid invocation: ${text2}`);
}

// src/node/chaincode/invoke-chaincode.ts
function invokeChaincodeRequest({
  ledgers,
  acl,
  systemChaincodes,
  invoke
}) {
  return async ({ params }, payload) => {
    const spec = protos.ChaincodeSpec.decode(payload);
    const { name, channelId } = parseTarget(spec.chaincode_id?.name ?? "", params.channelId);
    if (!systemChaincodes.isSystemChaincode(name)) {
      const signed = proposalAsSignedData(params.signedProposal);
      await acl.checkAcl("peer/ChaincodeToChaincode", channelId, signed);
    }
    const callee = channelId === params.channelId ? params : otherChannel(params, channelId, ledgers);
    try {
      const message = await invoke(callee, name, spec.input ?? {});
      return protos.ChaincodeMessage.encode(message).finish();
    } catch (cause) {
      throw new FabricError("EXECUTE_FAILED", `execute failed: ${messageOf(cause)}`, { cause });
    } finally {
      if (callee !== params) callee.simulator.done();
    }
  };
}
function parseTarget(target, channelId) {
  const [path = "", channel = ""] = target.split("/", 2);
  const [name = ""] = path.split(":", 1);
  return { name, channelId: channel === "" ? channelId : channel };
}
function otherChannel(params, channelId, ledgers) {
  const ledger = ledgers(channelId);
  if (!ledger) {
    throw new FabricError("CHANNEL_NOT_FOUND", `failed to find ledger for channel: ${channelId}`);
  }
  return { ...params, channelId, simulator: ledger.newTxSimulator(params.txId), history: ledger };
}

// src/node/chaincode/query-response.ts
var MAX_RESULT_LIMIT = 100;
var TOTAL_QUERY_LIMIT = 1e5;
function newQueryContext(iterator, limit = 0) {
  return { iterator, limit: limit || TOTAL_QUERY_LIMIT, pending: void 0, returned: 0 };
}
async function buildQueryResponse(query, id) {
  const results = [];
  for (; ; ) {
    const row = query.pending ?? await nextRow(query);
    query.pending = void 0;
    if (row === void 0) return { results, has_more: false, id };
    if (results.length === MAX_RESULT_LIMIT) {
      query.pending = row;
      return { results, has_more: true, id };
    }
    results.push({ resultBytes: row });
  }
}
async function nextRow(query) {
  if (query.returned >= query.limit) return void 0;
  const row = await query.iterator.next();
  if (row !== void 0) query.returned++;
  return row;
}
async function buildPagedResponse(page, id) {
  try {
    const results = [];
    for (let row = await page.next(); row !== void 0; row = await page.next()) {
      results.push({ resultBytes: encodeKV(row) });
    }
    const metadata = protos.QueryResponseMetadata.encode({
      fetched_records_count: results.length,
      bookmark: page.bookmark()
    }).finish();
    return { results, has_more: false, id, metadata };
  } finally {
    page.close();
  }
}
function mapResults(iterator, encode2) {
  return {
    next: async () => {
      const row = await iterator.next();
      return row === void 0 ? void 0 : encode2(row);
    },
    close: () => iterator.close()
  };
}
function encodeKV({ namespace, key, value }) {
  return queryresult.KV.encode({ namespace, key, value }).finish();
}
function encodeKeyModification(change) {
  return queryresult.KeyModification.encode({
    tx_id: change.txId,
    value: change.value,
    timestamp: toTimestamp(change.timestampMs),
    is_delete: change.isDelete
  }).finish();
}

// src/node/chaincode/state-requests.ts
function stateRequests(access3, newId) {
  const withAccess = (handle) => (context, payload) => handle(context, payload, access3, newId);
  return /* @__PURE__ */ new Map([
    [MessageType.GET_STATE, withAccess(getState)],
    [MessageType.PUT_STATE, withAccess(putState)],
    [MessageType.DEL_STATE, withAccess(delState)],
    [MessageType.PURGE_PRIVATE_DATA, withAccess(purgePrivateData)],
    [MessageType.GET_STATE_METADATA, withAccess(getStateMetadata)],
    [MessageType.PUT_STATE_METADATA, withAccess(putStateMetadata)],
    [MessageType.GET_PRIVATE_DATA_HASH, withAccess(getPrivateDataHash2)],
    [MessageType.GET_STATE_BY_RANGE, withAccess(getStateByRange)],
    [MessageType.GET_QUERY_RESULT, withAccess(getQueryResult)],
    [
      MessageType.GET_HISTORY_FOR_KEY,
      (context, payload) => getHistoryForKey(context, payload, newId())
    ],
    [MessageType.QUERY_STATE_NEXT, queryStateNext],
    [MessageType.QUERY_STATE_CLOSE, queryStateClose]
  ]);
}
function decode2(type, payload) {
  try {
    return type.decode(payload);
  } catch (cause) {
    throw new FabricError("INVALID_REQUEST", `unmarshal failed: ${messageOf(cause)}`, { cause });
  }
}
async function isPrivate(context, collection, access3, use) {
  if (collection === "") return false;
  refuseInInit(context);
  const permission = await permissionOf(context, collection, access3);
  if (permission[use]) return true;
  const text2 = `tx creator does not have ${use} access permission on privatedata in chaincodeName:${context.namespace} collectionName: ${collection}`;
  throw new FabricError("ACCESS_DENIED", text2);
}
function refuseInInit({ isInit }) {
  if (!isInit) return;
  const text2 = "private data APIs are not allowed in chaincode Init()";
  throw new FabricError("INVALID_REQUEST", text2);
}
function requireCollection(collection) {
  if (collection !== "") return;
  throw new FabricError("INVALID_REQUEST", "only applicable for private data");
}
function permissionOf({ collectionPermissions, params, namespace }, collection, access3) {
  const known = collectionPermissions.get(collection);
  if (known) return known;
  const { channelId, signedProposal, simulator } = params;
  const asked = access3.readDefinition(namespace, simulator).then(() => access3.readWritePermission(channelId, namespace, collection, signedProposal));
  collectionPermissions.set(collection, asked);
  return asked;
}
var getState = async (context, payload, access3) => {
  const { key, collection } = decode2(protos.GetState, payload);
  const { params, namespace } = context;
  const value = await isPrivate(context, collection, access3, "read") ? await params.simulator.getPrivateData(namespace, collection, key) : await params.simulator.getState(namespace, key);
  return value ?? EMPTY_BYTES;
};
var putState = async (context, payload, access3) => {
  const { key, value, collection } = decode2(protos.PutState, payload);
  const { params, namespace } = context;
  if (await isPrivate(context, collection, access3, "write")) {
    params.simulator.setPrivateData(namespace, collection, key, value);
  } else {
    params.simulator.setState(namespace, key, value);
  }
  return EMPTY_BYTES;
};
var delState = async (context, payload, access3) => {
  const { key, collection } = decode2(protos.DelState, payload);
  const { params, namespace } = context;
  if (await isPrivate(context, collection, access3, "write")) {
    params.simulator.deletePrivateData(namespace, collection, key);
  } else {
    params.simulator.deleteState(namespace, key);
  }
  return EMPTY_BYTES;
};
var purgePrivateData = async (context, payload, access3) => {
  const { key, collection } = decode2(protos.PurgePrivateState, payload);
  const { params, namespace } = context;
  if (!access3.purgeEnabled(params.channelId)) {
    const text2 = "purge private data is not enabled, channel application capability of V2_5 or later is required";
    throw new FabricError("UNSUPPORTED", text2);
  }
  requireCollection(collection);
  await isPrivate(context, collection, access3, "write");
  params.simulator.purgePrivateData(namespace, collection, key);
  return EMPTY_BYTES;
};
var getStateMetadata = async (context, payload, access3) => {
  const { key, collection } = decode2(protos.GetStateMetadata, payload);
  const { params, namespace } = context;
  const metadata = await isPrivate(context, collection, access3, "read") ? await params.simulator.getPrivateDataMetadata(namespace, collection, key) : await params.simulator.getStateMetadata(namespace, key);
  const entries = [...metadata].map(([metakey, value]) => ({ metakey, value }));
  return protos.StateMetadataResult.encode({ entries }).finish();
};
var putStateMetadata = async (context, payload, access3) => {
  const { key, collection, metadata } = decode2(protos.PutStateMetadata, payload);
  const { params, namespace } = context;
  if (metadata === null) throw new FabricError("INVALID_REQUEST", "no metadata in the request");
  const entries = /* @__PURE__ */ new Map([[metadata.metakey, metadata.value]]);
  if (await isPrivate(context, collection, access3, "write")) {
    params.simulator.setPrivateDataMetadata(namespace, collection, key, entries);
  } else {
    params.simulator.setStateMetadata(namespace, key, entries);
  }
  return EMPTY_BYTES;
};
var getPrivateDataHash2 = async (context, payload, access3) => {
  const { key, collection } = decode2(protos.GetState, payload);
  requireCollection(collection);
  refuseInInit(context);
  const { params, namespace } = context;
  await access3.readDefinition(namespace, params.simulator);
  const hash = await params.simulator.getPrivateDataHash(namespace, collection, key);
  return hash ?? EMPTY_BYTES;
};
var getStateByRange = async (context, payload, access3, newId) => {
  const { startKey, endKey, collection, metadata } = decode2(protos.GetStateByRange, payload);
  const { simulator } = context.params;
  const { namespace } = context;
  const page = pageOf(metadata);
  if (await isPrivate(context, collection, access3, "read")) {
    const rows2 = await simulator.getPrivateDataRange(namespace, collection, startKey, endKey);
    return openQuery(context, rows2, newId(), page?.pageSize);
  }
  if (page) {
    const start = page.bookmark === "" ? startKey : page.bookmark;
    const rows2 = await simulator.getStateRangePaged(namespace, start, endKey, page.pageSize);
    return encodePage(rows2, newId());
  }
  return openQuery(context, await simulator.getStateRange(namespace, startKey, endKey), newId());
};
var getQueryResult = async (context, payload, access3, newId) => {
  const { query, collection, metadata } = decode2(protos.GetQueryResult, payload);
  const { simulator } = context.params;
  const { namespace } = context;
  const page = pageOf(metadata);
  if (await isPrivate(context, collection, access3, "read")) {
    const rows2 = await simulator.executeQueryOnPrivateData(namespace, collection, query);
    return openQuery(context, rows2, newId(), page?.pageSize);
  }
  if (page) {
    const { bookmark, pageSize } = page;
    const rows2 = await simulator.executeQueryPaged(namespace, query, bookmark, pageSize);
    return encodePage(rows2, newId());
  }
  return openQuery(context, await simulator.executeQuery(namespace, query), newId());
};
async function getHistoryForKey(context, payload, id) {
  const { key } = decode2(protos.GetHistoryForKey, payload);
  const changes = await context.params.history.getHistoryForKey(context.namespace, key);
  return nextMessage(context, newQueryContext(mapResults(changes, encodeKeyModification)), id);
}
var queryStateNext = async (context, payload) => {
  const { id } = decode2(protos.QueryStateNext, payload);
  const query = context.queries.get(id);
  if (!query) throw new FabricError("INVALID_REQUEST", "query iterator not found");
  return nextMessage(context, query, id);
};
var queryStateClose = async (context, payload) => {
  const { id } = decode2(protos.QueryStateClose, payload);
  closeQuery(context, id);
  return protos.QueryResponse.encode({ has_more: false, id }).finish();
};
function openQuery(context, rows2, id, limit) {
  return nextMessage(context, newQueryContext(mapResults(rows2, encodeKV), limit), id);
}
async function nextMessage(context, query, id) {
  context.queries.set(id, query);
  let keep = false;
  try {
    if (context.queries.size > MAX_ITERATORS) {
      throw new FabricError("INVALID_REQUEST", `more than ${MAX_ITERATORS} open iterators`);
    }
    const response = await buildQueryResponse(query, id);
    keep = response.has_more === true;
    return protos.QueryResponse.encode(response).finish();
  } finally {
    if (!keep) closeQuery(context, id);
  }
}
function closeQuery(context, id) {
  context.queries.get(id)?.iterator.close();
  context.queries.delete(id);
}
async function encodePage(page, id) {
  return protos.QueryResponse.encode(await buildPagedResponse(page, id)).finish();
}
function pageOf(metadata) {
  if (metadata.length === 0) return void 0;
  const { pageSize, bookmark } = protos.QueryMetadata.decode(metadata);
  if (pageSize === 0 && bookmark === "") return void 0;
  return { pageSize: Math.min(Math.max(pageSize, 0), TOTAL_QUERY_LIMIT), bookmark };
}

// src/node/chaincode/system-chaincode-call.ts
var ERROR = 500;
async function invokeSystemChaincode(chaincode, { channelId, txId, signedProposal, simulator }, input) {
  const args = input.args ?? [];
  const stub = { channelId, txId, args, signedProposal, simulator };
  const { response, event } = await resultOf(chaincode, stub);
  const { ChaincodeMessage, Response } = protos;
  const message = ChaincodeMessage.encode({
    type: MessageType.COMPLETED,
    payload: Response.encode(response).finish(),
    txid: txId,
    channel_id: channelId,
    ...event && { chaincode_event: event }
  });
  return ChaincodeMessage.decode(message.finish());
}
async function resultOf(chaincode, stub) {
  try {
    return await chaincode.invoke(stub);
  } catch (error) {
    if (!(error instanceof FabricError)) throw error;
    return { response: { status: ERROR, message: error.message } };
  }
}

// src/node/chaincode/chaincode-support.ts
var DEFAULT_CHAINCODE_SUPPORT_OPTIONS = Object.freeze({
  executeTimeoutMs: 3e4,
  startupTimeoutMs: 6e4,
  questionTimeoutMs: 2e3
});
var ChaincodeSupport = class {
  #components;
  #options;
  #requests;
  #running = /* @__PURE__ */ new Map();
  #handlers = /* @__PURE__ */ new Map();
  #stopped = false;
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_CHAINCODE_SUPPORT_OPTIONS, ...options };
    const invoke = this.invoke.bind(this);
    this.#requests = new Map([
      ...stateRequests(components.privateDataAccess, () => uuid(components.random)),
      [MessageType.INVOKE_CHAINCODE, invokeChaincodeRequest({ ...components, invoke })]
    ]);
  }
  /** True when the chaincode's program runs and has registered. */
  isRunning(ccid) {
    return this.#handlers.has(ccid);
  }
  /** Starts a chaincode's program unless it runs; rejects with FabricError when it cannot. */
  async launch(ccid) {
    await this.#handler(ccid);
  }
  /** Ends a chaincode's program, for a new version or because its package was removed. */
  kill(ccid) {
    this.#handlers.get(ccid)?.close("chaincode was stopped");
  }
  /** Ends all programs. */
  async stop() {
    this.#stopped = true;
    for (const handler of this.#handlers.values()) handler.close("the peer stops");
    await Promise.allSettled(this.#running.values());
  }
  /** Runs a function of a chaincode. Rejects with FabricError; a failure that the chaincode itself reports is a response. */
  async execute(params, chaincode, input) {
    let message;
    try {
      message = await this.invoke(params, chaincode, input);
    } catch (cause) {
      const text2 = `failed to execute transaction ${params.txId}: ${messageOf(cause)}`;
      throw new FabricError("EXECUTE_FAILED", text2, { cause });
    }
    if (message.type === MessageType.ERROR) {
      const text2 = `transaction returned with failure: ${fromUtf8(message.payload)}`;
      throw new FabricError("EXECUTE_FAILED", text2);
    }
    const response = decodeResponse(message.payload, params.txId);
    if (message.chaincode_event === null) return { response };
    const { event_name, payload } = message.chaincode_event;
    return {
      response,
      event: { chaincode_id: chaincode, tx_id: params.txId, event_name, payload }
    };
  }
  /**
   * Asks a program something that is no transaction, such as for its metadata: neither is its definition looked at, nor is it ended when it
   * does not answer. Rejects with FabricError when it cannot run, does not answer in time, or answers with an error.
   */
  async ask(ccid, params, chaincode, input) {
    const handler = await this.#handler(ccid);
    const { type, payload } = await handler.execute({
      type: MessageType.TRANSACTION,
      namespace: chaincode,
      input,
      params,
      timeoutMs: this.#options.questionTimeoutMs,
      isQuestion: true
    });
    if (type === MessageType.ERROR) throw new FabricError("EXECUTE_FAILED", fromUtf8(payload));
    return decodeResponse(payload, params.txId);
  }
  /** As {@link execute}; the COMPLETED or ERROR message as the chaincode sent it. */
  async invoke(params, chaincode, input) {
    const { lifecycle: lifecycle2, systemChaincodes } = this.#components;
    const { ccid, type } = await checkInvocation(lifecycle2, params, chaincode, input);
    const system = systemChaincodes.get(chaincode);
    if (system) return invokeSystemChaincode(system, params, input);
    const { simulator, history } = params;
    if (!simulator || !history) {
      const text2 = `chaincode ${chaincode} cannot run without a channel`;
      throw new FabricError("INVALID_INVOCATION", text2);
    }
    const handler = await this.#handler(ccid).catch((cause) => {
      const text2 = `could not launch chaincode ${ccid}: ${messageOf(cause)}`;
      throw new FabricError("CHAINCODE_START_FAILED", text2, { cause });
    });
    const timeoutMs = this.#options.executeTimeoutMs;
    const about = { ...params, simulator, history };
    return handler.execute({ type, namespace: chaincode, input, params: about, timeoutMs });
  }
  #handler(ccid) {
    const running = this.#running.get(ccid);
    if (running) return running;
    const launched = this.#launch(ccid);
    this.#running.set(ccid, launched);
    launched.catch(() => {
      if (this.#running.get(ccid) === launched) this.#running.delete(ccid);
    });
    return launched;
  }
  async #launch(ccid) {
    if (this.#stopped) throw new FabricError("STOPPED", "the peer stops");
    const { launcher, clock, logger } = this.#components;
    const controller2 = new AbortController();
    const { promise: expired, reject } = Promise.withResolvers();
    const cancel = clock.setTimer(() => {
      const text2 = `timeout expired while starting chaincode ${ccid} for transaction`;
      reject(new FabricError("STARTUP_TIMEOUT", text2));
    }, this.#options.startupTimeoutMs);
    try {
      const started = clock.now();
      const port = await Promise.race([
        launcher.launch(ccid, { signal: controller2.signal }),
        expired
      ]);
      const handler = new Handler({
        ccid,
        port,
        requests: this.#requests,
        clock,
        logger,
        onClose: (reason) => this.#closed(ccid, handler, reason)
      });
      this.#handlers.set(ccid, handler);
      await Promise.race([handler.start(), expired]);
      logger.info(`chaincode ${ccid} is running`, { ms: clock.now() - started });
      return handler;
    } catch (error) {
      controller2.abort(error);
      this.#handlers.get(ccid)?.close(messageOf(error));
      launcher.kill(ccid);
      throw error;
    } finally {
      cancel();
    }
  }
  #closed(ccid, handler, reason) {
    if (this.#handlers.get(ccid) !== handler) return;
    this.#components.logger.warn(`chaincode ${ccid} ended: ${reason}`);
    this.#handlers.delete(ccid);
    this.#running.delete(ccid);
    this.#components.launcher.kill(ccid);
  }
};
function uuid(random) {
  const bytes = random(16);
  bytes[6] = (bytes[6] ?? 0) & 15 | 64;
  bytes[8] = (bytes[8] ?? 0) & 63 | 128;
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
function decodeResponse(payload, txId) {
  try {
    return protos.Response.decode(payload);
  } catch (cause) {
    const text2 = `failed to unmarshal response for transaction ${txId}: ${messageOf(cause)}`;
    throw new FabricError("EXECUTE_FAILED", text2, { cause });
  }
}

// src/node/endorser/describe-contract.ts
var GET_METADATA = "org.hyperledger.fabric:GetMetadata";
var MAX_FUNCTIONS = 1e3;
async function describeContract({ chaincodes, clock, random }, channel, { name, ccid }, creator) {
  const input = { args: [utf8(GET_METADATA)] };
  const spec = { chaincode_spec: { chaincode_id: { name }, input } };
  const { proposal, txId } = createChaincodeProposal(
    { channelId: channel.name, spec, creator },
    { now: clock.now(), nonce: random(NONCE_BYTES) }
  );
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  const signedProposal = { proposal_bytes, signature: EMPTY_BYTES };
  const { ledger } = channel;
  const simulator = ledger.newTxSimulator(txId);
  try {
    await chaincodes.launch(ccid);
    const params = { channelId: channel.name, txId, signedProposal, simulator, history: ledger };
    const answered = await chaincodes.ask(ccid, params, name, input).catch(() => void 0);
    return answered?.status === 200 ? parseMetadata(fromUtf8(answered.payload)) : void 0;
  } finally {
    simulator.done();
  }
}
function parseMetadata(text2) {
  let contracts;
  try {
    contracts = Object.entries(Object(JSON.parse(text2).contracts));
  } catch {
    return void 0;
  }
  const own = contracts.filter(([name]) => name !== "org.hyperledger.fabric");
  const main = own.find(([, contract]) => Object(contract).default === true) ?? own[0];
  return own.flatMap(([name, contract]) => {
    const transactions = Object(contract).transactions;
    const prefix = name === main?.[0] ? "" : `${name}:`;
    return Array.isArray(transactions) ? transactions.map((one) => functionOf(prefix, one)) : [];
  }).slice(0, MAX_FUNCTIONS);
}
function functionOf(prefix, transaction) {
  const { name, parameters, tag, tags } = Object(transaction);
  const marks = [tag, tags].flat().filter((mark) => typeof mark === "string");
  const params = Array.isArray(parameters) ? parameters : [];
  return {
    name: prefix + String(name),
    params: params.map((param, i) => String(Object(param).name ?? `arg${i}`)),
    submit: marks.length === 0 || marks.some((mark) => /^submit/i.test(String(mark)))
  };
}

// src/node/scc/responses.ts
function success(payload) {
  return { response: { status: 200, payload } };
}
function refuse4(message, cause) {
  throw new FabricError("SYSTEM_CHAINCODE_FAILED", message, { cause });
}
function textArg({ args }, index) {
  return fromUtf8(args[index] ?? EMPTY_BYTES);
}
function calledByClient({ signedProposal }) {
  try {
    return invokedChaincodeName(signedProposal.proposal_bytes ?? EMPTY_BYTES);
  } catch (error) {
    return refuse4(`Failed to identify the called chaincode: ${messageOf(error)}`, error);
  }
}

// src/node/scc/cscc.ts
var NAME2 = "cscc";
function cscc(components) {
  return {
    name: NAME2,
    simulates: false,
    async invoke(stub) {
      const { args } = stub;
      const fname = textArg(stub, 0);
      if (args.length < 1 || fname !== "GetChannels" && args.length < 2) {
        refuse4(`Incorrect number of arguments, ${args.length}`);
      }
      const called = calledByClient(stub);
      if (called !== NAME2) {
        refuse4(
          `Rejecting invoke of CSCC from another chaincode, original invocation for '${called}'`
        );
      }
      if (fname === "GetChannels") return getChannels(components, stub);
      if (fname === "GetConfigBlock") return getConfigBlock(components, stub);
      return refuse4(`Requested function ${fname} not found.`);
    }
  };
}
async function getChannels({ acl, channels }, { signedProposal }) {
  try {
    await acl.checkAclNoChannel(`${NAME2}/GetChannels`, proposalAsSignedData(signedProposal));
  } catch (error) {
    refuse4(`access denied for [GetChannels]: ${messageOf(error)}`, error);
  }
  const infos = [...channels.keys()].map((channel_id) => ({ channel_id }));
  return success(protos.ChannelQueryResponse.encode({ channels: infos }).finish());
}
async function getConfigBlock({ acl, channels }, stub) {
  const channelId = textArg(stub, 1);
  const signed = proposalAsSignedData(stub.signedProposal);
  try {
    await acl.checkAcl(`${NAME2}/GetConfigBlock`, channelId, signed);
  } catch (error) {
    refuse4(`access denied for [GetConfigBlock][${channelId}]: ${messageOf(error)}`, error);
  }
  const channel = channels.get(channelId);
  if (!channel) return refuse4(`Unknown channel ID, ${channelId}`);
  return success(await channel.configBlock());
}

// src/node/scc/qscc.ts
var NAME3 = "qscc";
var MAX_UINT643 = 0xffffffffffffffffn;
var QUERIES = /* @__PURE__ */ new Map([
  ["GetChainInfo", async (ledger) => encodeInfo(ledger.getBlockchainInfo())],
  ["GetBlockByNumber", getBlockByNumber],
  ["GetBlockByHash", getBlockByHash],
  ["GetTransactionByID", getTransactionByID],
  ["GetBlockByTxID", getBlockByTxID]
]);
function qscc({ ledgers, acl }) {
  return {
    name: NAME3,
    simulates: false,
    async invoke(stub) {
      const { args, signedProposal } = stub;
      const [fname, channelId] = [textArg(stub, 0), textArg(stub, 1)];
      const arg = args[2];
      if (args.length < 2) refuse4(`Incorrect number of arguments, ${args.length}`);
      const called = calledByClient(stub);
      if (called !== NAME3) {
        refuse4(
          `Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '${called}'`
        );
      }
      if (fname !== "GetChainInfo" && arg === void 0)
        refuse4(`missing 3rd argument for ${fname}`);
      const ledger = ledgers(channelId);
      if (!ledger) return refuse4(`Invalid chain ID, ${channelId}`);
      try {
        await acl.checkAcl(`${NAME3}/${fname}`, channelId, proposalAsSignedData(signedProposal));
      } catch (error) {
        refuse4(`access denied for [${fname}][${channelId}]: [${messageOf(error)}]`, error);
      }
      const query = QUERIES.get(fname);
      if (!query) return refuse4(`Requested function ${fname} not found.`);
      return success(await query(ledger, arg ?? new Uint8Array()));
    }
  };
}
function encodeInfo(info) {
  const { height, currentBlockHash, previousBlockHash, lastBlockInSnapshot } = info;
  return common.BlockchainInfo.encode({
    height,
    currentBlockHash,
    previousBlockHash,
    ...lastBlockInSnapshot !== void 0 && {
      bootstrappingSnapshotInfo: { lastBlockInSnapshot }
    }
  }).finish();
}
async function getBlockByNumber(ledger, arg) {
  const text2 = fromUtf8(arg);
  const parsed = parseUint64(text2);
  const number = parsed === MAX_UINT643 ? BigInt(ledger.getBlockchainInfo().height - 1) : parsed;
  const block = number <= BigInt(Number.MAX_SAFE_INTEGER) ? await ledger.getBlockByNumber(Number(number)) : void 0;
  const reason = `no such block number [${number}] in index`;
  return block ?? refuse4(`Failed to get block number ${parsed}, error ${reason}`);
}
async function getBlockByHash(ledger, hash) {
  const block = await ledger.getBlockByHash(hash);
  const reason = `no such block hash [${toHex(hash)}] in index`;
  return block ?? refuse4(`Failed to get block hash ${fromUtf8(hash)}, error ${reason}`);
}
async function getBlockByTxID(ledger, arg) {
  const txId = fromUtf8(arg);
  const block = await ledger.getBlockByTxID(txId);
  return block ?? refuse4(`Failed to get block for txID ${txId}, error ${unknownTx(txId)}`);
}
async function getTransactionByID(ledger, arg) {
  const txId = fromUtf8(arg);
  const found = await ledger.getTransactionByID(txId);
  if (!found) return refuse4(`Failed to get transaction with id ${txId}, error ${unknownTx(txId)}`);
  return encodeProcessed(found);
}
function encodeProcessed({ envelope, validationCode }) {
  const writer = new Writer().uint32(1 << 3 | 2).bytes(envelope);
  if (validationCode !== 0) writer.uint32(2 << 3 | 0).int32(validationCode);
  return writer.finish();
}
function unknownTx(txId) {
  return `no such transaction ID [${txId}] in index`;
}
function parseUint64(text2) {
  const fail = (reason) => refuse4(
    `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(text2.slice(0, 100))}: ${reason}`
  );
  if (!/^[0-9]+$/.test(text2)) return fail("invalid syntax");
  const value = text2.length > 100 ? MAX_UINT643 + 1n : BigInt(text2);
  return value > MAX_UINT643 ? fail("value out of range") : value;
}

// src/node/peer/local-msp.ts
function localMspOf(mspId, bundle) {
  const { mspManager } = bundle;
  if (!mspManager.mspIds.includes(mspId)) return void 0;
  return {
    mspId,
    async deserializeIdentity(serialized) {
      const { mspid } = decodeSerializedIdentity(serialized);
      if (mspid === mspId) return mspManager.deserializeIdentity(serialized);
      throw new MSPError("MSP_UNKNOWN", `expected MSP ID ${mspId}, received ${mspid}`);
    }
  };
}

// src/node/peer/peer.ts
var Peer = class {
  services;
  chaincodes;
  /** Who may use what; for services beside the endorser too. */
  acl;
  #components;
  #channels = /* @__PURE__ */ new Map();
  /** By package id; absent ones tell none. */
  #functions = /* @__PURE__ */ new Map();
  #systemChaincodes = new SystemChaincodes();
  constructor(components, options) {
    this.#components = components;
    const { clock, random, log, launcher, packages } = components;
    const channels = (channelId) => this.#channels.get(channelId);
    const ledgers = (channelId) => channels(channelId)?.ledger;
    const localMsp = () => this.#localMsp();
    const acl = new AclProvider({ bundles: (id) => channels(id)?.bundle, localMsp });
    const systemChaincodes = this.#systemChaincodes;
    const lifecycle2 = new ChaincodeEndorsementInfoSource({
      isSystemChaincode: systemChaincodes.isSystemChaincode,
      deployed: (channelId) => channels(channelId)?.deployed,
      packageIdOf: (channelId, chaincode) => packages.packageIdOf(channelId, chaincode)
    });
    const privateDataAccess = this.#privateDataAccess();
    const shared = { lifecycle: lifecycle2, systemChaincodes, acl, clock };
    this.chaincodes = new ChaincodeSupport(
      { ...shared, launcher, ledgers, privateDataAccess, random, logger: log },
      options
    );
    const { name, identity, trace } = components;
    const { chaincodes } = this;
    const endorser = { ...shared, name, identity, channels, localMsp, chaincodes, trace, log };
    this.acl = acl;
    this.services = new Endorser(endorser).services;
    this.deploySystemChaincode(qscc({ ledgers, acl }));
    this.deploySystemChaincode(cscc({ channels: this.#channels, acl }));
  }
  get name() {
    return this.#components.name;
  }
  get clock() {
    return this.#components.clock;
  }
  /** Serialized identity of the peer. */
  get identity() {
    return this.#components.identity.serialize();
  }
  /** The channels that it has joined, by name. */
  get channels() {
    return this.#channels;
  }
  channel(channelId) {
    return this.#channels.get(channelId);
  }
  requireChannel(channelId) {
    const channel = this.#channels.get(channelId);
    if (channel) return channel;
    throw new FabricError("CHANNEL_NOT_JOINED", `${this.name} has not joined ${channelId}`);
  }
  /** Opens the ledger of a channel joined before; undefined when it was not. Throws LEDGER_PAUSED, and what opening it throws. */
  async openChannel(description) {
    const known = await this.#components.ledgers.statuses();
    if (!known.has(description.name)) return void 0;
    const { ledgers } = this.#components;
    return this.#add(description, await ledgers.open(description.name, settingsOf(description)));
  }
  /** Joins a channel from its genesis block (cscc JoinChain). */
  async joinChannel(description, genesis) {
    const ledger = await this.#components.ledgers.create(genesis, settingsOf(description));
    return this.#add(description, ledger);
  }
  /** Makes a chaincode part of the peer. Throws FabricError CHAINCODE_EXISTS. */
  deploySystemChaincode(chaincode) {
    this.#systemChaincodes.deploy(chaincode);
  }
  /** The chaincode packages that this peer has. */
  get packages() {
    return this.#components.packages;
  }
  /** A chaincode of a channel, with the package that this peer runs for it. */
  async definition(channelId, name) {
    const deployed = await this.#channels.get(channelId)?.deployed.chaincode(name);
    return deployed && this.#withPackage(channelId, deployed);
  }
  /** All chaincodes of a channel, by name in byte order. */
  async definitions(channelId) {
    const deployed = await this.requireChannel(channelId).deployed.chaincodes();
    return deployed.map((one) => this.#withPackage(channelId, one));
  }
  /** The functions of a chaincode, asked once of each package; see describeContract. */
  async describe(channelId, name, ccid) {
    const { clock, random } = this.#components;
    const known = this.#functions.get(ccid);
    if (known) {
      await this.chaincodes.launch(ccid);
      return known.functions;
    }
    const channel = this.requireChannel(channelId);
    const about = { chaincodes: this.chaincodes, clock, random };
    const functions = await describeContract(about, channel, { name, ccid }, this.identity);
    this.#functions.set(ccid, { functions });
    return functions;
  }
  /**
   * Installs a package, to run as a chaincode of a channel; what ran as it before ends. Throws FabricError
   * CHAINCODE_NAME_RESERVED, and when the bytes are no package.
   */
  async install(request, bytes) {
    const { channel: channelId, chaincode } = request;
    if (isReservedName(chaincode) || this.#systemChaincodes.isSystemChaincode(chaincode)) {
      const text2 = `${chaincode} is the name of a system chaincode, which no package can be`;
      throw new FabricError("CHAINCODE_NAME_RESERVED", text2);
    }
    const { packages } = this.#components;
    const before = packages.packageIdOf(channelId, chaincode);
    const installed = await packages.install(request, bytes);
    if (before !== void 0 && !packages.isUsed(before)) this.chaincodes.kill(before);
    await this.deployIndexes(channelId, chaincode);
    return installed;
  }
  /** Takes the program that was built from an installed package; what ran of it ends. Throws FabricError INVALID_PACKAGE. */
  async addProgram(packageId, program) {
    await this.#components.packages.addProgram(packageId, program);
    this.chaincodes.kill(packageId);
  }
  /** Gives the ledger of a channel the indexes of the package that runs as a chaincode there. */
  async deployIndexes(channelId, chaincode) {
    const { packages, log } = this.#components;
    const packageId = packages.packageIdOf(channelId, chaincode);
    const found = packageId === void 0 ? void 0 : await packages.get(packageId);
    const ledger = this.#channels.get(channelId)?.ledger;
    if (!found || !ledger) return;
    const problems = await ledger.processIndexesForChaincodeDeploy(chaincode, found.metaInf);
    for (const problem of problems) log.warn(`index of ${packageId} is left out: ${problem}`);
  }
  async stop() {
    await this.chaincodes.stop();
    for (const channel of this.#channels.values()) await channel.close();
    this.#channels.clear();
  }
  async #add(description, ledger) {
    const { name } = description;
    try {
      const channel = await this.#openOver(description, ledger);
      this.#channels.set(name, channel);
      if (description.stateDatabase === "CouchDB") await this.#keepIndexes(channel);
      return channel;
    } catch (error) {
      this.#channels.delete(name);
      await ledger.close();
      throw error;
    }
  }
  async #openOver({ name, chaincodes }, ledger) {
    if (ledger.ledgerId !== name) {
      const text2 = `the genesis block is of channel ${ledger.ledgerId}, not of ${name}`;
      throw new FabricError("CHANNEL_MISMATCH", text2);
    }
    const { identity, transientStores } = this.#components;
    const privateData = {
      mspId: identity.mspId,
      transientStore: await transientStores.openStore(name)
    };
    return Channel.open({ ...this.#about(), ledger, privateData }, chaincodes);
  }
  // As chaincodes are deployed, their packages' indexes are (HandleChaincodeDeploy).
  async #keepIndexes(channel) {
    const deploy = async (all) => {
      for (const { name } of all) await this.deployIndexes(channel.name, name);
    };
    channel.events.on("definitions:changed", (all) => {
      deploy(all).catch((error) => {
        const text2 = `indexes of ${channel.name} were not deployed: ${messageOf(error)}`;
        this.#components.log.warn(text2);
      });
    });
    await deploy(await channel.deployed.chaincodes());
  }
  #withPackage(channelId, deployed) {
    const packageId = this.#components.packages.packageIdOf(channelId, deployed.name);
    return packageId === void 0 ? deployed : { ...deployed, packageId };
  }
  #localMsp() {
    const { localMsp, identity } = this.#components;
    if (localMsp) return localMsp;
    for (const { bundle } of this.#channels.values()) {
      const found = localMspOf(identity.mspId, bundle);
      if (found) return found;
    }
    return void 0;
  }
  #privateDataAccess() {
    return {
      readWritePermission: (channelId, ...rest) => this.requireChannel(channelId).collections.retrieveReadWritePermission(...rest),
      readDefinition: (chaincode, simulator) => readDefinition(simulator, chaincode),
      purgeEnabled: (channelId) => this.requireChannel(channelId).bundle.application.capabilities.has("V2_5")
    };
  }
  #about() {
    const { name, clock, trace, log, signatureStage } = this.#components;
    return { peerName: name, clock, trace, log, ...signatureStage && { signatureStage } };
  }
};
function settingsOf(description) {
  const { stateDatabase, historyDatabase, chaincodes } = description;
  return {
    stateDatabase,
    enableHistoryDatabase: historyDatabase,
    collections: collectionInfoSource(chaincodes)
  };
}

// src/node/peer/peer-queries.ts
var MAX_LIMIT = 500;
async function queryBlock(ledger, number) {
  const bytes = await ledger.getBlockByNumber(number);
  return bytes && blockViewOf(bytes);
}
async function queryBlocks(ledger, { from, limit = 20 }) {
  const tip = ledger.getBlockchainInfo().height - 1;
  const first = Math.min(from ?? tip, tip);
  const count2 = Math.max(0, Math.min(limit, MAX_LIMIT, first + 1));
  const numbers = Array.from({ length: count2 }, (_, i) => first - i);
  const views = await Promise.all(numbers.map((number) => queryBlock(ledger, number)));
  return views.filter((view) => view !== void 0);
}
async function queryTx(ledger, txId) {
  const found = await ledger.getTransactionByID(txId);
  if (!found) return void 0;
  const { envelope, validationCode: code, blockNum: block, txNum: index } = found;
  const view = txViewOf(envelope, { block, index, code });
  if (codeName(code) !== "MVCC_READ_CONFLICT") return view;
  const conflict = await findConflict(view, ledger).catch(noneWithoutHistory);
  return conflict ? { ...view, conflict } : view;
}
function noneWithoutHistory(error) {
  if (!(error instanceof LedgerError && error.code === "HISTORY_DISABLED")) throw error;
}
async function queryState(ledger, namespace, key) {
  const found = await ledger.getVersionedValue(namespace, key);
  return found && fromUtf8(found.value);
}
async function queryStates(ledger, namespace, { start = "", limit = 100 }) {
  const rows2 = await ledger.scanState(namespace, start, Math.min(limit, MAX_LIMIT));
  return rows2.map(({ key, value, version }) => ({
    namespace,
    key,
    ...textField("value", value),
    version: { block: version.blockNum, tx: version.txNum }
  }));
}
async function queryHistory(ledger, namespace, key) {
  const results = await ledger.getHistoryForKey(namespace, key);
  const entries = [];
  try {
    for (let row = await results.next(); row; row = await results.next()) {
      const { txId, value, timestampMs: timestamp, isDelete, blockNum: block, txNum: tx } = row;
      entries.push({ txId, ...textField("value", value), timestamp, isDelete, block, tx });
      if (entries.length >= MAX_LIMIT) break;
    }
  } finally {
    results.close();
  }
  return entries;
}
async function queryChaincodes(peer, channel) {
  const definitions = await peer.definitions(channel.name);
  return Promise.all(definitions.map((definition) => infoOf(peer, channel, definition)));
}
async function chaincodeInfo(peer, channel, name) {
  const definition = await peer.definition(channel.name, name);
  if (!definition) throw new Error(`chaincode ${name} is not defined on ${channel.name}`);
  return infoOf(peer, channel, definition);
}
async function infoOf(peer, channel, definition) {
  const { name, version, sequence, validationParameter, packageId } = definition;
  const about = { name, version, sequence, endorsementPolicy: policyText(validationParameter) };
  if (packageId === void 0) return { ...about, running: false };
  try {
    const functions = await peer.describe(channel.name, name, packageId);
    return { ...about, packageId, running: true, ...functions && { functions } };
  } catch (error) {
    return { ...about, packageId, running: false, problem: messageOf(error) };
  }
}
function policyText(parameter) {
  try {
    return applicationPolicyToText(parameter);
  } catch (error) {
    if (error instanceof PolicyError) return "";
    throw error;
  }
}

// src/node/peer/peer-services.ts
var ASK_METHOD = "/tabric.Peer/Ask";
var BLOCK_METHOD = "/tabric.Peer/Block";
var BLOCKFILE_ENTRY_METHOD = "/tabric.Peer/BlockfileEntry";
var ENDORSE_JUDGED_METHOD = "/tabric.Peer/EndorseJudged";
var CHECK_ACL_METHOD = "/tabric.Peer/CheckAcl";
var INSTALL_METHOD = "/tabric.Peer/Install";
var ADD_PROGRAM_METHOD = "/tabric.Peer/AddProgram";
var SATISFIES_METHOD = "/tabric.Peer/SatisfiesPolicy";
function peerServices(peer, check = () => {
}) {
  const channel = (name) => {
    check();
    return peer.requireChannel(name);
  };
  const questions = {
    block: (asked) => queryBlock(channel(asked.channel).ledger, asked.number),
    blocks: (asked) => queryBlocks(channel(asked.channel).ledger, asked),
    tx: (asked) => queryTx(channel(asked.channel).ledger, asked.txId),
    state: (asked) => queryState(channel(asked.channel).ledger, asked.namespace, asked.key),
    states: (asked) => queryStates(channel(asked.channel).ledger, asked.namespace, asked),
    history: (asked) => queryHistory(channel(asked.channel).ledger, asked.namespace, asked.key),
    chaincodes: (asked) => queryChaincodes(peer, channel(asked.channel)),
    chaincode: (asked) => chaincodeInfo(peer, channel(asked.channel), asked.name),
    outcome: async (asked) => {
      const found = await channel(asked.channel).ledger.getTxValidationCodeByTxID(asked.txId);
      return found && { code: found.validationCode, blockNumber: found.blockNum };
    },
    plan: async (asked) => channel(asked.channel).endorsement.plan(asked.chaincode, asked.interest),
    installedPackage: async (asked) => {
      check();
      const packageId = peer.packages.packageIdOf(asked.channel, asked.chaincode);
      if (packageId === void 0) return void 0;
      return {
        packageId,
        fromNetwork: peer.packages.isFromNetwork(asked.channel, asked.chaincode)
      };
    }
  };
  const block = async ({ channel: name, number }) => channel(name).ledger.getBlockByNumber(number);
  return new Map([
    ...[...peer.services].map(([method, handler]) => [method, guarded(handler, check)]),
    [ASK_METHOD, unaryHandler((request) => answer2(questions, request))],
    [BLOCK_METHOD, maybeBytes((request) => block(request))],
    [
      BLOCKFILE_ENTRY_METHOD,
      maybeBytes(async (request) => {
        const bytes = await block(request);
        return bytes && blockfileEntry(bytes);
      })
    ],
    [
      INSTALL_METHOD,
      gathered(async ([header2, bytes]) => {
        const request = JSON.parse(fromUtf8(header2));
        return reply2(async () => {
          check();
          const { packageId, missing } = await peer.install(request, bytes ?? new Uint8Array());
          return { packageId, ...missing && { missing } };
        });
      })
    ],
    [
      ADD_PROGRAM_METHOD,
      gathered(async ([header2, bytes]) => {
        const packageId = JSON.parse(fromUtf8(header2));
        return reply2(async () => {
          check();
          await peer.addProgram(packageId, bytes ?? new Uint8Array());
        });
      })
    ],
    [
      ENDORSE_JUDGED_METHOD,
      unaryHandler(async (request, context) => {
        check();
        const client = localClient(peer.services, context.remote);
        const response = await unary(client, PROCESS_PROPOSAL, request, context);
        const name = channelOfProposal(request);
        const enough = await peer.channel(name)?.endorsement.isEnough(response);
        return concat(Uint8Array.of(enough ? 1 : 0), response);
      })
    ],
    [
      CHECK_ACL_METHOD,
      gathered(
        async ([
          header2,
          data = new Uint8Array(),
          identity = new Uint8Array(),
          signature = new Uint8Array()
        ]) => {
          const { channel: name, resource } = JSON.parse(fromUtf8(header2));
          return reply2(async () => {
            check();
            await peer.acl.checkAcl(resource, name, { data, identity, signature });
          });
        }
      )
    ],
    [
      SATISFIES_METHOD,
      unaryHandler((request) => {
        const { header: header2, data } = common.Payload.decode(request);
        const { channel_id } = common.ChannelHeader.decode(header2?.channel_header ?? EMPTY_BYTES);
        const action = protos.ChaincodeEndorsedAction.decode(data);
        const { proposal_response_payload: payload, endorsements } = action;
        return reply2(
          async () => channel(channel_id).endorsement.isSatisfied(payload, endorsements)
        );
      })
    ]
  ]);
}
function channelOfProposal(signedProposal) {
  const { proposal_bytes } = protos.SignedProposal.decode(signedProposal);
  const { header: header2 } = protos.Proposal.decode(proposal_bytes);
  const { channel_header } = common.Header.decode(header2);
  return common.ChannelHeader.decode(channel_header).channel_id;
}
function guarded(handler, check) {
  return async function* (requests, context) {
    check();
    yield* handler(requests, context);
  };
}
async function answer2(questions, request) {
  const { name, asked } = JSON.parse(
    fromUtf8(request)
  );
  const question2 = questions[name];
  if (!question2) throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `no question ${name}`);
  return reply2(async () => question2(asked));
}
async function reply2(work) {
  let given;
  try {
    given = { value: await work() };
  } catch (error) {
    const isOurs = error instanceof FabricError;
    given = {
      error: {
        name: error instanceof Error ? error.name : "Error",
        code: isOurs ? error.code : "UNEXPECTED",
        message: messageOf(error),
        data: isOurs ? error.data : {}
      }
    };
  }
  return utf8(JSON.stringify(given, plain2));
}
function plain2(_key, value) {
  return typeof value === "bigint" ? Number(value) : value;
}
function maybeBytes(serve) {
  return async function* (requests) {
    for await (const request of requests) {
      const bytes = await serve(JSON.parse(fromUtf8(request)));
      if (bytes) yield bytes.slice();
      return;
    }
  };
}
function gathered(serve) {
  return async function* (requests) {
    const all = [];
    for await (const request of requests) all.push(request);
    const [first, ...rest] = all;
    if (!first) throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, "the call carried no request");
    yield await serve([first, ...rest]);
  };
}

// src/node/peer/local-peer-host.ts
var LocalPeerHost = class {
  events = new TypedEventTarget();
  #components;
  #peer;
  #table;
  #storage;
  #lost;
  constructor(components) {
    this.#components = components;
    components.trace.on((event) => this.events.emit("trace", event));
  }
  // Clients may be made before the peer has started.
  services = {
    for: (remote) => ({
      call: (method, requests, options) => localClient(this.table, remote).call(method, requests, options)
    })
  };
  /** The peer's services; each refuses when the ledgers are lost. */
  get table() {
    this.#table ??= peerServices(this.#started(), () => void this.#started());
    return this.#table;
  }
  async start() {
    const { openStorage: openStorage2, channels, openChannel, ...rest } = this.#components;
    const storage = await openStorage2((why) => this.#lose(why));
    this.#storage = storage;
    const peer = new Peer({ ...rest, ...storage });
    this.#peer = peer;
    const states = [];
    for (const description of channels) {
      const open3 = () => peer.openChannel(description);
      const channel = await (openChannel ? openChannel(storage, description, open3) : open3());
      if (channel) states.push(this.#follow(channel));
    }
    return { stored: storage.stored, channels: states };
  }
  async join(description, genesis) {
    return this.#follow(await this.#started().joinChannel(description, genesis));
  }
  async verifyBlock(channel, number, block) {
    await this.#started().requireChannel(channel).verifyBlock(block, number);
  }
  async commit(channel, block) {
    await this.#started().requireChannel(channel).commit(block);
  }
  /** Drops the databases of a channel, which the next start makes again from the blocks; until then every call but `stop` rejects. */
  async rebuildDBs(channel) {
    const peer = this.#started();
    const { ledgerId } = peer.requireChannel(channel).ledger;
    const text2 = "the databases of this ledger are being made again; start the peer again";
    this.#lose(new FabricError("LEDGER_CLOSED", text2));
    await peer.stop();
    await this.#storage?.ledgers.rebuildDBs(ledgerId);
  }
  async stop() {
    await this.#peer?.stop();
    await this.#storage?.close();
    this.#storage = void 0;
  }
  #follow(channel) {
    channel.events.on(
      "block:committed",
      (committed) => this.events.emit("block:committed", committedBlock(channel, committed))
    );
    channel.events.on(
      "config:changed",
      ({ configBytes }) => this.events.emit("config:changed", { channel: channel.name, config: configBytes })
    );
    return { name: channel.name, height: channel.height, config: channel.bundle.configBytes };
  }
  // What is in memory could still be read, and even endorsed, but nothing would ever be committed again.
  #lose(why) {
    this.#lost = why;
    this.events.emit("store:lost", { code: why.code, message: why.message });
  }
  #started() {
    if (this.#lost) throw this.#lost;
    if (this.#peer) return this.#peer;
    throw new FabricError("NOT_STARTED", "the peer has not started yet");
  }
};
function committedBlock({ name, height, endorsement }, { block, blockNum, txIds, flags, commitHash }) {
  return {
    channel: name,
    number: blockNum,
    txIds,
    statuses: Array.from(flags, codeName),
    codes: [...flags],
    height,
    commitHash: toHex(commitHash),
    planVersion: endorsement.version,
    events: chaincodeEventsOf(block.transactions, flags).map(({ payload, ...event }) => ({
      ...event,
      ...textField("payload", payload)
    }))
  };
}

// src/node/chaincode/chaincode-logs.ts
var MAX_LINES2 = 1e3;
var MAX_CHARACTERS = 1e6;
var ChaincodeLogs = class {
  #lines = [];
  #characters = 0;
  add(line) {
    this.#lines.push(line);
    this.#characters += line.text.length;
    while (this.#lines.length > MAX_LINES2 || this.#characters > MAX_CHARACTERS)
      this.#characters -= this.#lines.shift()?.text.length ?? 0;
  }
  /** Those that fit, oldest first. */
  lines({ packageId, txId } = {}) {
    return this.#lines.filter(
      (line) => (packageId === void 0 || line.packageId === packageId) && (txId === void 0 || line.txId === txId)
    );
  }
};

// src/node/deliverclient/errors.ts
var DeliverError = class extends FabricError {
  name = "DeliverError";
  /** common.Status, for DELIVER_STATUS. */
  status;
  constructor(code, message, options = {}) {
    super(code, message, options);
    this.status = options.status;
  }
};
function statusError(channel, status) {
  const name = common.Status[status] ?? "UNKNOWN";
  return new DeliverError(
    "DELIVER_STATUS",
    `the orderer answered ${status} ${name} for channel ${channel}`,
    { status }
  );
}

// src/node/deliverclient/blocks-requester.ts
var DELIVER_METHOD = "/orderer.AtomicBroadcast/Deliver";
var { SeekBehavior } = orderer.SeekInfo;
var BlocksRequester = class {
  channel;
  #components;
  constructor(components, channel) {
    this.#components = components;
    this.channel = channel;
  }
  /** Blocks from `from` on, without end: waits at the tip. Throws DeliverError or ServiceError. */
  follow(from, options) {
    return this.#blocks(
      from,
      { start: at(from), stop: at(MAX_UINT64), behavior: SeekBehavior.BLOCK_UNTIL_READY },
      options
    );
  }
  /** Blocks from `from` up to the newest at the time of asking; none when there is nothing newer. Throws DeliverError or ServiceError. */
  async *upToNewest(from, options) {
    const seek = {
      start: at(from),
      stop: { newest: {} },
      behavior: SeekBehavior.FAIL_IF_NOT_READY
    };
    let any = false;
    try {
      for await (const block of this.#blocks(from, seek, options)) {
        any = true;
        yield block;
      }
    } catch (error) {
      const { BAD_REQUEST, NOT_FOUND } = common.Status;
      const beyond = error instanceof DeliverError && (error.status === BAD_REQUEST || error.status === NOT_FOUND);
      if (any || !beyond) throw error;
    }
  }
  /** Number of the newest block. Throws DeliverError or ServiceError. */
  async newest(options) {
    const newest = { newest: {} };
    const seek = { start: newest, stop: newest, behavior: SeekBehavior.FAIL_IF_NOT_READY };
    for await (const { seqNum } of this.#blocks(void 0, seek, options)) return seqNum;
    throw new DeliverError("DELIVER_ENDED", `the orderer sent no newest block of ${this.channel}`);
  }
  /** One block; waits until it exists. Throws DeliverError or ServiceError. */
  async fetch(seqNum, options) {
    const seek = { start: at(seqNum), stop: at(seqNum), behavior: SeekBehavior.BLOCK_UNTIL_READY };
    for await (const { block } of this.#blocks(seqNum, seek, options)) return block;
    throw new DeliverError(
      "DELIVER_ENDED",
      `the orderer sent no block ${seqNum} of channel ${this.channel}`
    );
  }
  async *#blocks(from, seek, { signal }) {
    const { client, signer, clock, random = systemRandomBytes } = this.#components;
    const data = orderer.SeekInfo.encode(seek).finish();
    const envelope = await createSignedEnvelope(
      common.HeaderType.DELIVER_SEEK_INFO,
      this.channel,
      signer,
      data,
      { now: clock.now(), nonce: random(NONCE_BYTES) }
    );
    let next = from;
    for await (const response of client.call(
      DELIVER_METHOD,
      [common.Envelope.encode(envelope).finish()],
      { signal }
    )) {
      const { block, status } = openResponse(response);
      if (block) {
        const seqNum = blockNumberOf2(block);
        next ??= seqNum;
        if (seqNum !== next) {
          throw new DeliverError(
            "DELIVER_MALFORMED",
            `the orderer sent block ${seqNum} where ${next} was due`
          );
        }
        next++;
        yield { seqNum, block };
      } else if (status === common.Status.SUCCESS) return;
      else throw statusError(this.channel, status ?? 0);
    }
    throw new DeliverError(
      "DELIVER_ENDED",
      `the stream of blocks of channel ${this.channel} ended at block ${next ?? "newest"}`
    );
  }
};
function at(number) {
  return { specified: { number } };
}
function blockNumberOf2(block) {
  const header2 = rawField(block, 1);
  if (!header2) throw new DeliverError("DELIVER_MALFORMED", "a block without header");
  return toNumber(unmarshal(common.BlockHeader, "block header", header2).number);
}
var STATUS_TAG = 1 << 3;
function openResponse(response) {
  const block = rawField(response, 2);
  if (block) return { block };
  if (response[0] !== STATUS_TAG)
    throw new DeliverError("DELIVER_MALFORMED", "a response without block or status");
  const { status } = unmarshal(orderer.DeliverResponse, "deliver response", response);
  return { status: status ?? 0 };
}
function rawField(message, field) {
  try {
    const reader = new Reader(message);
    let found;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === (field << 3 | DELIMITED)) found = reader.bytes();
      else reader.skip(tag);
    }
    return found;
  } catch (cause) {
    throw new DeliverError("DELIVER_MALFORMED", "a response that is not a protobuf message", {
      cause
    });
  }
}

// src/node/deliverclient/deliver-client.ts
var DEFAULT_DELIVER_CLIENT_OPTIONS = Object.freeze({
  firstBackoffMs: 100,
  backoffFactor: 1.2,
  maxBackoffMs: 5e3,
  totalBackoffMs: 15e3,
  isStaticLeader: false
});
var DeliverClient = class {
  #components;
  #options;
  #stop;
  #retry;
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_DELIVER_CLIENT_OPTIONS, ...options };
  }
  get running() {
    return this.#stop !== void 0;
  }
  start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }
  stop() {
    this.#stop?.abort(new Error("the deliver client stops"));
    this.#stop = void 0;
  }
  /** The orderer can be reached again: the present pause is over, and failures before count no more. */
  retryNow() {
    this.#retry?.();
  }
  async #run(signal) {
    const { log, giveUp } = this.#components;
    const { firstBackoffMs, backoffFactor, maxBackoffMs, totalBackoffMs, isStaticLeader } = this.#options;
    let failures = 0;
    let slept = 0;
    while (!signal.aborted) {
      const { received, reason } = await this.#pull(signal);
      if (signal.aborted) return;
      if (received > 0) {
        failures = 0;
        slept = 0;
      }
      failures++;
      const pause2 = Math.min(maxBackoffMs, firstBackoffMs * backoffFactor ** (failures - 1));
      slept += pause2;
      log.warn("deliver: the stream of blocks broke; connecting again", {
        failures,
        pause: Math.round(pause2),
        reason
      });
      if (slept > totalBackoffMs && !isStaticLeader) {
        this.stop();
        return giveUp();
      }
      if (await this.#pause(pause2, signal)) continue;
      failures = 0;
      slept = 0;
    }
  }
  /** True when the time is over, false when it was cut short. */
  async #pause(ms, signal) {
    const cut = new AbortController();
    this.#retry = () => cut.abort();
    const either = AbortSignal.any([signal, cut.signal]);
    await this.#components.clock.sleep(ms, { signal: either }).catch(() => {
    });
    this.#retry = void 0;
    return !cut.signal.aborted;
  }
  async #pull(signal) {
    const { requester, height, receive } = this.#components;
    let received = 0;
    try {
      for await (const block of requester.follow(height(), { signal })) {
        await receive(block);
        received++;
      }
      return { received, reason: "it ended" };
    } catch (error) {
      return { received, reason: messageOf(error) };
    }
  }
};

// src/node/gossip/discovery/peer-metadata.ts
import { sha256 as sha25613 } from "@noble/hashes/sha2.js";
var MAX_BYTES = 8 * 1024;
var MAX_NEIGHBOURS = 32;
var MAX_CHANNELS = 32;
var MAX_TEXT = 256;
var TAG_CHARS = 8;
var LEAD_TAG_BYTES = 6;
function neighbourTag(peerId) {
  return peerId.slice(-TAG_CHARS);
}
function leadTag(pkiId, channel) {
  return toHex(sha25613(concat(pkiId, channel)).subarray(0, LEAD_TAG_BYTES));
}
function encodeMetadata(metadata) {
  const { peerId, webrtc, hidden, leaving } = metadata;
  const neighbours = metadata.neighbours.slice(0, MAX_NEIGHBOURS);
  const leads = metadata.leads.slice(0, MAX_CHANNELS);
  const said = {
    peerId,
    ...webrtc && { webrtc },
    ...hidden && { hidden },
    ...leaving && { leaving },
    ...neighbours.length > 0 && { neighbours },
    ...leads.length > 0 && { leads }
  };
  return utf8(JSON.stringify(said));
}
function decodeMetadata(bytes) {
  if (bytes.length > MAX_BYTES) return void 0;
  let value;
  try {
    value = JSON.parse(fromUtf8Strict(bytes));
  } catch {
    return void 0;
  }
  if (typeof value !== "object" || value === null) return void 0;
  const { peerId, webrtc, hidden, neighbours, leads, leaving } = value;
  if (!isText(peerId)) return void 0;
  return {
    peerId,
    webrtc: webrtc === true,
    hidden: hidden === true,
    neighbours: texts2(neighbours, MAX_NEIGHBOURS),
    leads: texts2(leads, MAX_CHANNELS),
    leaving: leaving === true
  };
}
function isText(value) {
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT;
}
function texts2(value, most) {
  return Array.isArray(value) ? value.slice(0, most).filter(isText) : [];
}

// src/node/gossip/message.ts
var GossipError = class extends FabricError {
  name = "GossipError";
};
var MAX_CONTROL_MESSAGE_BYTES = 64 * 1024;
async function signMessage(message, signer) {
  const payload = gossip.GossipMessage.encode(message).finish();
  const signature = await signer.sign(payload);
  return gossip.Envelope.encode({ payload, signature }).finish();
}
function noopSign(message) {
  return gossip.Envelope.encode({
    payload: gossip.GossipMessage.encode(message).finish(),
    signature: EMPTY_BYTES
  }).finish();
}
function openEnvelope(envelope, maxBytes = MAX_CONTROL_MESSAGE_BYTES) {
  if (envelope.length > maxBytes)
    throw new GossipError("TOO_LARGE", `a gossip message of ${envelope.length} bytes`);
  const { payload, signature } = decodeAs(() => gossip.Envelope.decode(envelope), "envelope");
  const message = decodeAs(() => gossip.GossipMessage.decode(payload), "gossip message");
  return { message, payload, signature, envelope };
}
function decodeAs(decode3, what) {
  try {
    return decode3();
  } catch (cause) {
    throw new GossipError("MALFORMED", `malformed ${what}`, { cause });
  }
}

// src/node/comm/identity-check.ts
function identityCheck({
  mspManagers,
  pinned,
  bccsp = defaultBCCSP()
}) {
  return async (serialized, peerId) => {
    checkWellFormed(serialized);
    const managers = mspManagers();
    const pin = pinned?.get(peerId);
    if (managers.length === 0 && pin) return pinnedIdentity(serialized, pin.mspId, bccsp);
    let failure = new FabricError("NO_CHANNEL", "no channel has been joined yet");
    for (const manager of managers) {
      try {
        const identity = await manager.deserializeIdentity(serialized);
        await identity.validate();
        return identity;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}
function nameOfIdentity(serialized) {
  const name = identityName(serialized);
  if (name !== "") return name;
  const pkiId = toHex(pkiIdOf(serialized).subarray(0, 4));
  return `${decodeSerializedIdentity(serialized).mspid}/${pkiId}`;
}
function pinnedIdentity(serialized, mspId, bccsp) {
  const { mspid } = decodeSerializedIdentity(serialized);
  if (mspid !== mspId) {
    throw new GossipError("WRONG_MSP", `the relay shows an identity of ${mspid}, not ${mspId}`);
  }
  const { publicKey, notAfter } = certificateOf(serialized);
  return {
    mspId,
    id: toHex(pkiIdOf(serialized)),
    serialized,
    expiresAt: notAfter,
    validate: async () => {
    },
    verify: (message, signature) => bccsp.verify(publicKey, message, signature),
    satisfiesPrincipal: async () => false
  };
}

// src/node/gossip/pace.ts
var ALIVE_SPACING_MS = 2e3;
var STATE_CHANGE_SPACING_MS = 250;
var EXPIRATION_INTERVALS = 5;
var STATE_REPEAT_INTERVALS = 2;
function paceOf(settings, members) {
  const aliveMs = Math.max(settings.aliveTimeIntervalMs, members * ALIVE_SPACING_MS);
  return {
    aliveMs,
    expirationMs: Math.max(settings.aliveExpirationTimeoutMs, EXPIRATION_INTERVALS * aliveMs),
    stateChangeMs: Math.max(settings.publishStateInfoIntervalMs, members * STATE_CHANGE_SPACING_MS),
    stateRepeatMs: STATE_REPEAT_INTERVALS * aliveMs
  };
}

// src/node/gossip/peer-clock.ts
import Long from "long";
var LAST_SEQ_NUM = Long.MAX_UNSIGNED_VALUE;
var PeerClock = class {
  incNum;
  #seqNum = 0;
  /** @param startedAt milliseconds since the Unix epoch. */
  constructor(startedAt) {
    this.incNum = Long.fromNumber(startedAt, true).multiply(1e6);
  }
  next() {
    return { inc_num: this.incNum, seq_num: ++this.#seqNum };
  }
  last() {
    return { inc_num: this.incNum, seq_num: LAST_SEQ_NUM };
  }
};

// src/node/gossip/verify.ts
async function verifySender(managers, { payload, signature }, sender) {
  checkWellFormed(sender.identity);
  if (!equalBytes(pkiIdOf(sender.identity), sender.pkiId)) {
    throw new GossipError("PKI_ID_MISMATCH", "the PKI-ID is not that of the identity");
  }
  const identity = await validIdentity(managers, sender.identity);
  if (identity.mspId !== sender.mspId) {
    throw new GossipError(
      "WRONG_MSP",
      `a message of ${identity.mspId} on a topic of ${sender.mspId}`
    );
  }
  if (!await identity.verify(payload, signature)) {
    throw new GossipError("BAD_SIGNATURE", "the signature of a gossip message is wrong");
  }
  return identity;
}
async function validIdentity(managers, serialized) {
  let failure = new FabricError("NO_CHANNEL", "no channel has been joined yet");
  for (const manager of managers) {
    try {
      const identity = await manager.deserializeIdentity(serialized);
      await identity.validate();
      return identity;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

// src/node/gossip/discovery/membership.ts
import Long2 from "long";
var MAX_MEMBERS = 2e3;
var Membership = class {
  #members = /* @__PURE__ */ new Map();
  #tombstones = /* @__PURE__ */ new Map();
  all() {
    return [...this.#members.values()];
  }
  get(id) {
    return this.#members.get(id);
  }
  byPeerId(peerId) {
    return this.all().find((member) => member.metadata.peerId === peerId);
  }
  /** Whether a message of this time says something new of the member; false as well when there is no room for it. */
  isNews(id, time) {
    const known = this.#members.get(id)?.time ?? this.#tombstones.get(id)?.time;
    return known ? compareTimes(time, known) > 0 : this.#members.size < MAX_MEMBERS;
  }
  /** Takes in a verified alive message that is news. Returns the member, or undefined when it said goodbye. */
  update(alive, now) {
    const id = toHex(alive.pkiId);
    this.#tombstones.delete(id);
    if (alive.metadata.leaving) {
      this.#members.delete(id);
      this.#tombstones.set(id, { time: alive.time, at: now });
      return void 0;
    }
    const status = alive.metadata.hidden ? "asleep" : "alive";
    const member = { ...alive, id, status, lastSeen: now };
    this.#members.set(id, member);
    return member;
  }
  /** It answered a probe, or was heard otherwise. */
  heard(id, now) {
    const member = this.#members.get(id);
    if (!member) return;
    const status = member.metadata.hidden ? "asleep" : "alive";
    this.#members.set(id, { ...member, status, lastSeen: now });
  }
  /** It did not answer. Only a newer message, or an answer, brings it back. */
  died(id) {
    const member = this.#members.get(id);
    if (member) this.#members.set(id, { ...member, status: "dead" });
  }
  /** Members, not dead, that were last seen before `since`. */
  silent(since) {
    return this.all().filter((member) => member.status !== "dead" && member.lastSeen < since);
  }
  /** Forgets the dead and the tombstones from before `since`. Returns whether any member went. */
  forget(since) {
    const size = this.#members.size;
    for (const [id, member] of this.#members) {
      if (member.status === "dead" && member.lastSeen < since) this.#members.delete(id);
    }
    for (const [id, { at: at2 }] of this.#tombstones) if (at2 < since) this.#tombstones.delete(id);
    return this.#members.size !== size;
  }
  clear() {
    this.#members.clear();
    this.#tombstones.clear();
  }
};
function compareTimes(a, b) {
  return a.incNum.compare(b.incNum) || a.seqNum.compare(b.seqNum);
}
function memberTime(time) {
  return {
    incNum: Long2.fromValue(time?.inc_num ?? 0, true).toUnsigned(),
    seqNum: Long2.fromValue(time?.seq_num ?? 0, true).toUnsigned()
  };
}

// src/node/gossip/discovery/discovery.ts
var EXPIRATION_FACTOR = 20;
var MIN_INTERVAL_MS = 250;
var MIN_HEARD_INTERVAL_MS = 50;
var GATHER_MS = 2e3;
var PUBLISH_CERT_PERIOD_MS = 1e4;
var SUSPICION_MS = 1500;
var MIN_SUSPICION_INTERVAL_MS = 1e4;
var MIN_CHECK_MS = 250;
var MAX_CHECK_MS = 5e3;
var Discovery = class {
  events = new TypedEventTarget();
  #components;
  #settings;
  #membership = new Membership();
  #probing = /* @__PURE__ */ new Set();
  #suspected = /* @__PURE__ */ new Map();
  #self;
  #topics = /* @__PURE__ */ new Map();
  #stop;
  #peerClock;
  #startedAt = 0;
  #goodbye;
  #lastAlive;
  #hidden = false;
  #announcedAt = Number.NEGATIVE_INFINITY;
  #cancelGathering;
  #checkedAt = 0;
  constructor(components, settings) {
    this.#components = components;
    this.#settings = settings;
    const identity = components.signer.serialize();
    const pkiId = pkiIdOf(identity);
    this.#self = { identity, pkiId, id: toHex(pkiId) };
  }
  /** Members except this peer. */
  members() {
    return this.#membership.all();
  }
  /** Members that are not dead. */
  aliveMembers() {
    return this.members().filter((member) => member.status !== "dead");
  }
  member(id) {
    return this.#membership.get(id);
  }
  /** The rhythm of a network of this size. */
  get pace() {
    return paceOf(this.#settings, this.aliveMembers().length + 1);
  }
  /** This peer's newest alive message, once there was one. */
  get lastAlive() {
    return this.#lastAlive;
  }
  /** @param topics alive topic by MSP id. */
  async start(topics) {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { clock, identities } = this.#components;
    identities.put(this.#self.identity);
    this.#peerClock = new PeerClock(clock.now());
    this.#startedAt = clock.now();
    this.#checkedAt = clock.now();
    this.setTopics(topics);
    this.#goodbye = await this.#sign({ leaving: true });
    await this.announce();
    void this.#speak(signal);
    void this.#watch(signal);
  }
  /** Says goodbye. */
  async stop() {
    if (!this.#stop) return;
    await this.sayGoodbye().catch(() => {
    });
    this.#stop.abort();
    this.#stop = void 0;
    this.#cancelGathering?.();
    this.#cancelGathering = void 0;
    this.setTopics(/* @__PURE__ */ new Map());
    this.#membership.clear();
  }
  /** Follows the organisations of the channels as they are now. */
  setTopics(topics) {
    const { pubsub } = this.#components;
    for (const [mspId, topic] of this.#topics) if (!topics.has(mspId)) pubsub.unsubscribe(topic);
    for (const [mspId, topic] of topics) {
      if (!this.#topics.has(mspId))
        pubsub.subscribe(topic, (data, from) => this.#receive(data, mspId, from.peerId));
    }
    this.#topics = topics;
  }
  /** Publishes an alive message now, or in a moment when there has just been one. */
  async announce() {
    const { pubsub, clock, log, signer } = this.#components;
    if (!this.#stop) return;
    this.#cancelGathering?.();
    this.#cancelGathering = void 0;
    const wait = this.#announcedAt + MIN_INTERVAL_MS - clock.now();
    if (wait > 0) return this.#announceIn(wait);
    this.#announcedAt = clock.now();
    const topic = this.#topics.get(signer.mspId);
    if (topic === void 0) return;
    try {
      this.#lastAlive = await this.#sign({ leaving: false });
      await pubsub.publish(topic, this.#lastAlive);
    } catch (error) {
      log.debug("alive message not published", { reason: messageOf(error) });
    }
  }
  /** Something that the alive message says has changed and is not urgent. */
  changed() {
    if (!this.#cancelGathering && this.#stop) this.#announceIn(GATHER_MS);
  }
  /** The tab was hidden or shown again; others are told at once. */
  setHidden(hidden) {
    if (this.#hidden === hidden) return;
    this.#hidden = hidden;
    void this.announce();
  }
  /** For `pagehide`: the message was signed when this started, so that it leaves while the page still runs. */
  async sayGoodbye() {
    const { signer, pubsub } = this.#components;
    const topic = this.#topics.get(signer.mspId);
    if (this.#goodbye && topic !== void 0) await pubsub.publish(topic, this.#goodbye);
  }
  /** Takes in alive messages that somebody who knows the members handed over; bad ones are skipped. */
  async introduce(envelopes, from) {
    for (const envelope of envelopes) {
      try {
        const mspId = await this.#organisationOf(envelope, from);
        if (this.#topics.has(mspId)) await this.#receive(envelope, mspId, from);
      } catch (error) {
        this.#components.log.debug("introduction skipped", { reason: messageOf(error) });
      }
    }
  }
  /** The last connection to a peer is gone. Whoever was reached through it may be reached otherwise. */
  connectionLost(peerId) {
    const member = this.#membership.byPeerId(peerId);
    if (member && member.status !== "dead") this.#suspect(member);
  }
  /** A verified message of a member other than an alive message. */
  heardFrom(id) {
    if (this.#membership.get(id)?.status === "dead") return;
    this.#membership.heard(id, this.#components.clock.now());
  }
  #announceIn(ms) {
    this.#cancelGathering = this.#components.clock.setTimer(() => {
      this.#cancelGathering = void 0;
      void this.announce();
    }, ms);
  }
  async #organisationOf(envelope, from) {
    const { alive_msg } = openEnvelope(envelope).message;
    if (!alive_msg?.membership) throw new GossipError("MALFORMED", "not an alive message");
    const identity = await this.#identityOf(alive_msg, from);
    return decodeSerializedIdentity(identity).mspid;
  }
  // Not kept before the message is verified.
  #identityOf(alive, from) {
    const { identity, membership } = alive;
    if (identity && identity.length > 0) return Promise.resolve(identity);
    return this.#components.identities.require(membership?.pki_id ?? new Uint8Array(), from);
  }
  async #sign({ leaving }) {
    const { signer, describe, clock } = this.#components;
    if (!this.#peerClock) throw new FabricError("NOT_STARTED", "discovery has not started");
    const { identity, pkiId } = this.#self;
    const metadata = encodeMetadata({ ...describe(), hidden: this.#hidden, leaving });
    const membership = { endpoint: nameOfIdentity(identity), metadata, pki_id: pkiId };
    const timestamp = leaving ? this.#peerClock.last() : this.#peerClock.next();
    const isNew = clock.now() - this.#startedAt < PUBLISH_CERT_PERIOD_MS;
    const alive_msg = { membership, timestamp, ...isNew && !leaving && { identity } };
    return signMessage({ tag: gossip.GossipMessage.Tag.EMPTY, alive_msg }, signer);
  }
  async #receive(data, mspId, from) {
    let received;
    try {
      received = openEnvelope(data);
    } catch {
      return "reject";
    }
    const { alive_msg, mem_res, tag } = received.message;
    if (tag !== gossip.GossipMessage.Tag.EMPTY) return "reject";
    if (alive_msg) return this.#receiveAlive(received, alive_msg, mspId, from);
    return mem_res ? this.#receiveDead(mem_res) : "reject";
  }
  async #receiveAlive(received, alive, mspId, from) {
    const { mspManagers, clock, identities, log } = this.#components;
    const metadata = alive.membership && decodeMetadata(alive.membership.metadata ?? new Uint8Array());
    const pkiId = alive.membership?.pki_id;
    if (!metadata || !pkiId) return "reject";
    const id = toHex(pkiId);
    const time = memberTime(alive.timestamp ?? null);
    if (id === this.#self.id) return this.#ownMessage(received, mspId, time.incNum);
    const known = this.#membership.get(id);
    if (!this.#membership.isNews(id, time)) return "ignore";
    const tooFast = known && !metadata.leaving && clock.now() - known.lastSeen < MIN_HEARD_INTERVAL_MS;
    if (tooFast && known.metadata.hidden === metadata.hidden) return "ignore";
    let identity;
    try {
      identity = await this.#identityOf(alive, from);
    } catch (error) {
      log.debug("alive message of a stranger", { id, reason: messageOf(error) });
      return "ignore";
    }
    try {
      await verifySender(mspManagers(), received, { identity, pkiId, mspId });
    } catch (error) {
      log.debug("alive message refused", { id, reason: messageOf(error) });
      return "reject";
    }
    identities.put(identity);
    if (!this.#membership.isNews(id, time)) return "ignore";
    const endpoint = nameOfIdentity(identity);
    const { envelope } = received;
    const before = this.#membership.get(id);
    const member = this.#membership.update(
      { pkiId, mspId, endpoint, metadata, time, envelope },
      clock.now()
    );
    this.#tell(before, member);
    return "accept";
  }
  // Somebody else's message with our identity, unless it is of an earlier start of this tab. Anybody can claim an identity; its key signs.
  async #ownMessage(received, mspId, incNum) {
    if (!this.#peerClock || !incNum.gt(this.#peerClock.incNum)) return "ignore";
    const { id, ...self } = this.#self;
    try {
      await verifySender(this.#components.mspManagers(), received, { ...self, mspId });
    } catch (error) {
      this.#components.log.debug("not our alive message", { reason: messageOf(error) });
      return "reject";
    }
    this.events.emit("identity:conflict", { pkiId: id });
    return "ignore";
  }
  // Somebody says that the member whose newest message this is does not answer.
  #receiveDead({ dead }) {
    const [claim] = dead;
    if (!claim || dead.length > 1) return "reject";
    const envelope = gossip.Envelope.encode(claim).finish();
    if (this.#lastAlive && equalBytes(envelope, this.#lastAlive)) {
      void this.announce();
      return "accept";
    }
    const pkiId = openEnvelope(envelope).message.alive_msg?.membership?.pki_id;
    const member = pkiId && this.#membership.get(toHex(pkiId));
    if (!member || !equalBytes(member.envelope, envelope)) return "ignore";
    if (member.status === "dead") return "accept";
    return this.#suspect(member) ? "accept" : "ignore";
  }
  #tell(before, after) {
    if (before && !after && before.status !== "dead") this.events.emit("member:lost", before);
    const same = before && after && before.status === after.status && sameDescription(before.metadata, after.metadata);
    if (!same && (before || after)) this.events.emit("members:changed", {});
  }
  // False when that was done a short time ago.
  #suspect(member) {
    const { clock } = this.#components;
    const signal = this.#stop?.signal;
    const last = this.#suspected.get(member.id) ?? Number.NEGATIVE_INFINITY;
    if (!signal || clock.now() - last < MIN_SUSPICION_INTERVAL_MS) return false;
    this.#suspected.set(member.id, clock.now());
    clock.setTimer(() => {
      const now = this.#membership.get(member.id);
      if (!signal.aborted && now?.time === member.time && now.status !== "dead")
        void this.#probe(now, signal);
    }, SUSPICION_MS);
    return true;
  }
  // Who was silent is asked; but after a sleep of this tab itself, everybody gets a new chance to speak first.
  #check(signal) {
    const { clock } = this.#components;
    const { expirationMs } = this.pace;
    const now = clock.now();
    const slept = now - this.#checkedAt > Math.max(expirationMs / 2, 2 * MAX_CHECK_MS);
    this.#checkedAt = now;
    for (const [id, at2] of this.#suspected)
      if (now - at2 > MIN_SUSPICION_INTERVAL_MS) this.#suspected.delete(id);
    if (slept) {
      for (const { id } of this.aliveMembers()) this.#membership.heard(id, now);
      return;
    }
    if (this.#membership.forget(now - EXPIRATION_FACTOR * expirationMs))
      this.events.emit("members:changed", {});
    for (const member of this.#membership.silent(now - expirationMs))
      void this.#probe(member, signal);
  }
  async #probe(member, signal) {
    if (this.#probing.has(member.id)) return;
    this.#probing.add(member.id);
    const { clock, log, probe } = this.#components;
    try {
      await probe(member, { signal });
      this.#membership.heard(member.id, clock.now());
    } catch (error) {
      if (signal.aborted || this.#membership.get(member.id)?.time !== member.time) return;
      log.info(`${member.endpoint} is dead`, { reason: messageOf(error) });
      this.#membership.died(member.id);
      this.events.emit("member:lost", member);
      this.events.emit("members:changed", {});
      this.#sayDead(member);
    } finally {
      this.#probing.delete(member.id);
    }
  }
  // The same bytes whoever says it, so that gossip carries it once.
  #sayDead({ mspId, envelope }) {
    const { pubsub, log } = this.#components;
    const topic = this.#topics.get(mspId);
    if (topic === void 0) return;
    pubsub.publish(topic, deadMessage(envelope)).catch((error) => {
      log.debug("a death was not passed on", { reason: messageOf(error) });
    });
  }
  async #speak(signal) {
    const { clock, random } = this.#components;
    while (!signal.aborted) {
      const due = () => this.#announcedAt + this.pace.aliveMs * (0.9 + 0.2 * jitter);
      const jitter = random();
      while (!signal.aborted && clock.now() < due())
        await clock.sleep(Math.min(due() - clock.now(), 1e4), { signal }).catch(() => {
        });
      if (!signal.aborted) await this.announce();
    }
  }
  async #watch(signal) {
    const { clock, log } = this.#components;
    for (; ; ) {
      const ms = Math.min(MAX_CHECK_MS, Math.max(MIN_CHECK_MS, this.pace.expirationMs / 10));
      await clock.sleep(ms, { signal }).catch(() => {
      });
      if (signal.aborted) return;
      try {
        this.#check(signal);
      } catch (error) {
        log.error("discovery", { reason: messageOf(error) });
      }
    }
  }
};
function deadMessage(alive) {
  const mem_res = { alive: [], dead: [gossip.Envelope.decode(alive)] };
  return noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, mem_res });
}
function sameDescription(a, b) {
  return a.hidden === b.hidden && a.peerId === b.peerId && a.leads.join() === b.leads.join() && a.neighbours.join() === b.neighbours.join();
}

// src/node/comm/protocols.ts
var CONN_PROTOCOL = "/tabric/conn/1.0.0";
var KEEP_ALIVE_MS = 3e5;
var SERVICE_PROTOCOL = "/tabric/service/2.0.0";
var PING_METHOD = "/gossip.Gossip/Ping";
function isDirect(connection) {
  if (connection.limits !== void 0 || connection.status !== "open") return false;
  const address = connection.remoteAddr.toString();
  return !address.includes("/p2p-circuit") || address.includes("/webrtc");
}
async function closeConnection(connection, reason) {
  try {
    await connection.close({ signal: AbortSignal.timeout(2e3) });
  } catch {
    connection.abort(reason);
  }
}

// src/node/gossip/services.ts
var MEMBERS_METHOD = "/tabric.Discovery/Members";
var IDENTITIES_METHOD = "/gossip.Gossip/Identities";
var OUTCOME_METHOD = "/tabric.Gossip/BlockOutcome";
var PROBE_METHOD = "/tabric.Discovery/Probe";
var STATE_METHOD = "/gossip.Gossip/StateRequest";

// src/node/gossip/discovery/member-probe.ts
function memberProbe({ bindings, client, relayPeerId, clock }, timeoutMs) {
  return async ({ metadata: { peerId } }, { signal }) => {
    const ask = async (whom, method, request) => {
      await withDeadline(
        clock,
        timeoutMs,
        "the probe",
        (bounded2) => unary(client(whom), method, request, { signal: bounded2 }),
        { signal }
      );
    };
    if (bindings.has(peerId)) {
      try {
        return await ask(peerId, PING_METHOD, EMPTY_BYTES);
      } catch {
        signal.throwIfAborted();
      }
    }
    await ask(relayPeerId, PROBE_METHOD, utf8(peerId));
  };
}

// src/node/gossip/discovery/members-exchange.ts
import { sha256 as sha25614 } from "@noble/hashes/sha2.js";

// src/node/gossip/identity/identity-store.ts
var MAX_IDENTITIES = 4e3;
var MAX_ASKED = 200;
var MAX_ANSWER_BYTES = 4 * 1024 * 1024;
var GATHER_MS2 = 20;
var IdentityStore = class {
  #components;
  #options;
  #identities = /* @__PURE__ */ new Map();
  /** By the neighbour that is going to be asked. */
  #gathering = /* @__PURE__ */ new Map();
  constructor(components, options) {
    this.#components = components;
    this.#options = options;
  }
  /** Serialized identity of a PKI-ID (hex). */
  get(id) {
    const identity = this.#identities.get(id);
    if (identity) this.#keep(id, identity);
    return identity;
  }
  /** Keeps an identity that has been found valid. */
  put(identity) {
    this.#keep(toHex(pkiIdOf(identity)), identity);
  }
  /** Keeps an identity if it is valid on a joined channel; throws MSPError otherwise. */
  async learn(identity) {
    if (this.#identities.has(toHex(pkiIdOf(identity)))) return;
    await validIdentity(this.#components.mspManagers(), identity);
    this.put(identity);
  }
  /**
   * The identity of `pkiId`, from `neighbour` if it is not here. Rejects with GossipError UNKNOWN_IDENTITY when the neighbour does not
   * give it; whoever signed may be honest.
   */
  async require(pkiId, neighbour) {
    const id = toHex(pkiId);
    const known = this.get(id);
    if (known) return known;
    if (neighbour !== void 0) await this.#ask(neighbour, id, pkiId).catch(() => {
    });
    const given = this.get(id);
    if (given) return given;
    throw new GossipError("UNKNOWN_IDENTITY", `no identity of ${id.slice(0, 16)} is known`);
  }
  /** Answers other stores; to be mounted under IDENTITIES_METHOD. */
  get service() {
    return identitiesService((id) => this.get(id));
  }
  #keep(id, identity) {
    this.#identities.delete(id);
    this.#identities.set(id, identity);
    const [oldest] = this.#identities.keys();
    if (this.#identities.size > MAX_IDENTITIES && oldest !== void 0)
      this.#identities.delete(oldest);
  }
  #ask(neighbour, id, pkiId) {
    const question2 = this.#gathering.get(neighbour) ?? this.#newQuestion(neighbour);
    if (question2.ids.size < MAX_ASKED) question2.ids.set(id, pkiId);
    return question2.answer;
  }
  #newQuestion(neighbour) {
    const ids = /* @__PURE__ */ new Map();
    const { clock } = this.#components;
    const answer3 = clock.sleep(GATHER_MS2).then(() => {
      this.#gathering.delete(neighbour);
      return this.#pull(neighbour, [...ids.values()]);
    });
    const question2 = { ids, answer: answer3 };
    this.#gathering.set(neighbour, question2);
    return question2;
  }
  async #pull(neighbour, digests) {
    const { client, clock } = this.#components;
    const data_req = { digests: [...digests], msg_type: gossip.PullMsgType.IDENTITY_MSG };
    const request = noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, data_req });
    const response = await withDeadline(
      clock,
      this.#options.responseTimeoutMs,
      "the answer with identities",
      (signal) => unary(client(neighbour), IDENTITIES_METHOD, request, { signal })
    );
    for (const identity of readIdentities(response)) await this.learn(identity);
  }
};
function identitiesService(identityOf) {
  return unaryHandler(async (request) => {
    const { data_req } = openEnvelope(request).message;
    const asked = (data_req?.digests ?? []).slice(0, MAX_ASKED);
    return identityUpdate(asked.flatMap((pkiId) => identityOf(toHex(pkiId)) ?? []));
  });
}
function identityUpdate(identities) {
  const data = identities.map(
    (cert) => gossip.Envelope.decode(
      noopSign({
        tag: gossip.GossipMessage.Tag.EMPTY,
        peer_identity: { pki_id: pkiIdOf(cert), cert }
      })
    )
  );
  const data_update = { data, msg_type: gossip.PullMsgType.IDENTITY_MSG };
  return noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, data_update });
}
function readIdentities(envelope) {
  const { data_update } = openEnvelope(envelope, MAX_ANSWER_BYTES).message;
  return (data_update?.data ?? []).slice(0, MAX_ASKED).flatMap((one) => {
    const { peer_identity } = openEnvelope(gossip.Envelope.encode(one).finish()).message;
    return peer_identity ? [peer_identity.cert] : [];
  });
}

// src/node/gossip/discovery/members-exchange.ts
var MAX_ANSWER_BYTES2 = 8 * 1024 * 1024;
var MAX_MEMBERS_TOLD = 2e3;
var MAX_OWN_STATES = 64;
var IDENTITIES_A_MESSAGE = 100;
var DIGEST_BYTES = 8;
function membersService({ known, take: take2 }) {
  return async function* (requests, { remote }) {
    const { request, own } = await readQuestion(requests);
    const told = known(remote);
    if (!told) throw new ServiceError(GrpcStatus.PERMISSION_DENIED, "no channel in common");
    take2(own, remote);
    const has = new Set(request.known.slice(0, 2 * MAX_MEMBERS_TOLD).map(toHex));
    const missing = (envelopes) => envelopes.filter((envelope) => !has.has(digestOf(envelope))).slice(0, MAX_MEMBERS_TOLD);
    const alive = missing(told.alive);
    const identities = alive.flatMap((envelope) => told.identityOf(envelope) ?? []);
    for (let i = 0; i < identities.length; i += IDENTITIES_A_MESSAGE)
      yield identityUpdate(identities.slice(i, i + IDENTITIES_A_MESSAGE));
    const { EMPTY, CHAN_OR_ORG } = gossip.GossipMessage.Tag;
    yield noopSign({ tag: EMPTY, mem_res: { alive: alive.map(decodeEnvelope), dead: [] } });
    for (const [channel, states] of told.states) {
      const elements = missing(states).map(decodeEnvelope);
      if (elements.length === 0) continue;
      yield noopSign({
        channel: utf8(channel),
        tag: CHAN_OR_ORG,
        state_snapshot: { elements }
      });
    }
  };
}
async function askForMembers(client, own, known, options) {
  const identities = [];
  const alive = [];
  const states = /* @__PURE__ */ new Map();
  for await (const response of client.call(MEMBERS_METHOD, question(own, known), options)) {
    const { message } = openEnvelope(response, MAX_ANSWER_BYTES2);
    if (message.data_update) identities.push(...readIdentities(response));
    if (message.mem_res) alive.push(...encodeAll(message.mem_res.alive));
    if (message.state_snapshot)
      states.set(fromUtf8(message.channel), encodeAll(message.state_snapshot.elements));
  }
  return { identities, alive, states };
}
function question({ alive, states }, known) {
  const digests = Array.from(known, (envelope) => sha25614(envelope).subarray(0, DIGEST_BYTES));
  const mem_req = {
    known: digests,
    ...alive && { self_information: decodeEnvelope(alive) }
  };
  return [noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, mem_req }), ...states];
}
async function readQuestion(requests) {
  let request;
  const states = [];
  for await (const bytes of requests) {
    if (request === void 0) request = openEnvelope(bytes).message.mem_req;
    else if (states.length < MAX_OWN_STATES) states.push(bytes);
  }
  if (!request) throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, "not a membership request");
  const self = request.self_information;
  const alive = self ? gossip.Envelope.encode(self).finish() : void 0;
  return { request, own: { alive, states } };
}
function digestOf(envelope) {
  return toHex(sha25614(envelope).subarray(0, DIGEST_BYTES));
}
function decodeEnvelope(bytes) {
  return gossip.Envelope.decode(bytes);
}
function encodeAll(list2) {
  return list2.slice(0, MAX_MEMBERS_TOLD).map((envelope) => gossip.Envelope.encode(envelope).finish());
}

// src/node/gossip/state/state-dispatch.ts
function dispatchByChannel(channelOf, handlerOf) {
  return async function* (requests, context) {
    const iterator = requests[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done)
      throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, "the call carried no request");
    let handler;
    try {
      handler = handlerOf(channelOf(first.value));
    } catch (cause) {
      throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, messageOf(cause), { cause });
    }
    if (!handler) throw new ServiceError(GrpcStatus.NOT_FOUND, "this channel is not here");
    yield* handler(startingWith(first.value, iterator), context);
  };
}
async function* startingWith(first, rest) {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

// src/node/gossip/topics.ts
var CHANNEL_KINDS = ["blocks", "leadership", "state-info"];
var TOPIC_KINDS = ["alive", ...CHANNEL_KINDS];
function topicName(topic) {
  const { networkId, mspId, kind } = topic;
  const names = topic.kind === "alive" ? [networkId, mspId] : [networkId, topic.channel, mspId];
  return `/tabric/${names.map(encodeURIComponent).join("/")}/${kind}`;
}

// src/node/gossip/gossip-node.ts
var EXCHANGE_MS = 3e4;
var GossipNode = class {
  events = new TypedEventTarget();
  components;
  identities;
  #settings;
  #discovery;
  #channels = /* @__PURE__ */ new Map();
  #stop;
  constructor(components, settings) {
    this.components = components;
    this.#settings = settings;
    const { clock, client, describeSelf, log } = components;
    const mspManagers = () => this.#joined().map(({ mspManager }) => mspManager);
    const { responseTimeoutMs } = settings.state;
    this.identities = new IdentityStore({ mspManagers, client, clock }, { responseTimeoutMs });
    this.#discovery = new Discovery(
      {
        ...components,
        describe: () => ({ ...describeSelf(), leads: this.#leads() }),
        mspManagers,
        identities: this.identities,
        probe: memberProbe(components, responseTimeoutMs),
        log: log.child("discovery")
      },
      settings
    );
    this.#connect();
  }
  /** Members of all channels besides this peer. */
  members() {
    return this.#discovery.members();
  }
  aliveMembers() {
    return this.#discovery.aliveMembers();
  }
  member(id) {
    return this.#discovery.member(id);
  }
  /** The rhythm of a network of this size. */
  get pace() {
    return this.#discovery.pace;
  }
  /** Members that a direct connection may be made to. */
  candidates() {
    return this.aliveMembers().map(({ endpoint, metadata }) => ({
      peerId: metadata.peerId,
      name: endpoint,
      webrtc: metadata.webrtc
    }));
  }
  /** What others may ask of this peer; to be mounted on the node's stream services. */
  services() {
    const exchange = membersService({
      known: (remote) => this.#known(remote),
      take: (own, remote) => void this.#take(own, remote.address)
    });
    const channelOf = (request) => fromUtf8(openEnvelope(request).message.channel);
    const stateOf2 = (channel) => this.#channels.get(channel)?.stateService;
    return /* @__PURE__ */ new Map([
      [IDENTITIES_METHOD, this.identities.service],
      [MEMBERS_METHOD, exchange],
      [STATE_METHOD, dispatchByChannel(channelOf, stateOf2)]
    ]);
  }
  /** Begins to speak when the first channel is joined: before, there is nobody to speak to. */
  start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { bindings } = this.components;
    for (const { identity } of bindings.all()) this.identities.put(identity);
    bindings.events.on("binding:added", ({ identity }) => this.identities.put(identity), {
      signal
    });
    bindings.events.on("binding:removed", ({ peerId }) => this.#discovery.connectionLost(peerId), {
      signal
    });
    void this.#compare(signal);
  }
  /** Says goodbye and stops; channels must have been stopped. */
  async stop() {
    this.#stop?.abort(new Error("gossip stops"));
    this.#stop = void 0;
    await this.#discovery.stop();
  }
  /** Called by a channel that starts. */
  async join(channel) {
    const isFirst = this.#channels.size === 0;
    this.#channels.set(channel.name, channel);
    if (isFirst) await this.#discovery.start(this.#aliveTopics());
    else this.configChanged();
    const signal = this.#stop?.signal;
    if (signal) void this.#exchange(this.components.relayPeerId, signal);
  }
  /** Called by a channel that stops. */
  leave(channel) {
    if (this.#channels.get(channel.name) !== channel) return;
    this.#channels.delete(channel.name);
    if (this.#channels.size > 0) this.configChanged();
  }
  /** Organisations of some channel have come or gone. */
  configChanged() {
    if (this.#stop) this.#discovery.setTopics(this.#aliveTopics());
  }
  /** The relay is connected again: meets the others again. */
  async reconnected() {
    const signal = this.#stop?.signal;
    if (!signal || this.#channels.size === 0) return;
    await this.#exchange(this.components.relayPeerId, signal);
    await this.#discovery.announce();
  }
  /** Something that the alive message says has changed: neighbours, leadership. */
  changed() {
    this.#discovery.changed();
  }
  heardFrom(id) {
    this.#discovery.heardFrom(id);
  }
  /** The tab was hidden or shown again. */
  setHidden(hidden) {
    this.#discovery.setHidden(hidden);
  }
  /** For `pagehide`: others drop this peer at once. */
  sayGoodbye() {
    this.#discovery.sayGoodbye().catch(() => {
    });
  }
  #connect() {
    const { events } = this.#discovery;
    events.on("members:changed", () => {
      this.events.emit("members:changed", {});
      for (const channel of this.#channels.values()) channel.membersChanged();
    });
    events.on("identity:conflict", (detail) => this.events.emit("identity:conflict", detail));
    events.on("member:lost", ({ id, metadata }) => {
      this.events.emit("member:lost", { peerId: metadata.peerId });
      const isGone = this.#discovery.member(id) === void 0;
      for (const channel of this.#channels.values()) channel.memberLost(id, isGone);
    });
  }
  #joined() {
    return [...this.#channels.values()];
  }
  #leads() {
    return this.#joined().flatMap(({ leadTag: leadTag2 }) => leadTag2 ?? []);
  }
  #aliveTopics() {
    const { networkId } = this.components;
    const mspIds = new Set(this.#joined().flatMap((channel) => channel.mspIds()));
    return new Map(
      [...mspIds].map((mspId) => [mspId, topicName({ networkId, mspId, kind: "alive" })])
    );
  }
  // What a member of this organisation may know: who shares a channel with it.
  #known({ mspId }) {
    const shared = this.#joined().filter((channel) => channel.mspIds().includes(mspId ?? ""));
    if (shared.length === 0) return void 0;
    const organisations = new Set(shared.flatMap((channel) => channel.mspIds()));
    const { lastAlive } = this.#discovery;
    const authors = /* @__PURE__ */ new Map();
    for (const { envelope, id, mspId: of } of this.aliveMembers())
      if (organisations.has(of)) authors.set(envelope, id);
    return {
      alive: [...lastAlive ? [lastAlive] : [], ...authors.keys()],
      identityOf: (envelope) => {
        const id = authors.get(envelope);
        return id === void 0 ? this.components.signer.serialize() : this.identities.get(id);
      },
      states: new Map(shared.map((channel) => [channel.name, channel.stateInfos()]))
    };
  }
  async #take({ alive, states }, from) {
    await this.#discovery.introduce(alive ? [alive] : [], from);
    for (const channel of this.#channels.values()) await channel.introduce(states, from);
  }
  async #compare(signal) {
    const { clock, random, bindings } = this.components;
    while (!signal.aborted) {
      await clock.sleep(EXCHANGE_MS * (0.75 + 0.5 * random()), { signal }).catch(() => {
      });
      const neighbours = bindings.all();
      const partner = neighbours[Math.floor(random() * neighbours.length)];
      if (!signal.aborted && partner && this.#channels.size > 0)
        await this.#exchange(partner.peerId, signal);
    }
  }
  async #exchange(peerId, signal) {
    const { client, clock, log } = this.components;
    const channels = this.#joined();
    const alive = this.#discovery.lastAlive;
    const states = channels.flatMap(({ ownStateInfo }) => ownStateInfo ?? []);
    const known = [
      ...alive ? [alive] : [],
      ...this.members().map(({ envelope }) => envelope),
      ...channels.flatMap((channel) => channel.stateInfos())
    ];
    try {
      const learnt = await withDeadline(
        clock,
        this.#settings.state.responseTimeoutMs,
        "the introduction",
        (bounded2) => askForMembers(client(peerId), { alive, states }, known, { signal: bounded2 }),
        { signal }
      );
      for (const identity of learnt.identities)
        await this.identities.learn(identity).catch(() => {
        });
      await this.#discovery.introduce(learnt.alive, peerId);
      for (const [name, envelopes] of learnt.states)
        await this.#channels.get(name)?.introduce(envelopes, peerId);
    } catch (error) {
      if (!signal.aborted) log.debug("not introduced", { reason: messageOf(error) });
    }
  }
};

// src/node/peer/peer-client.ts
var PeerClient = class {
  #client;
  #signal;
  /** @param options.signal ends all calls. */
  constructor(client, options) {
    this.#client = client;
    this.#signal = options.signal;
  }
  /** Asks a question. Rejects with what it threw, as a FabricError of the same code and data. */
  async ask(name, asked) {
    const request = utf8(JSON.stringify({ name, asked }));
    return read(await unary(this.#client, ASK_METHOD, request, this.#options()));
  }
  /** Sends a SignedProposal; the serialized ProposalResponse. */
  processProposal(signedProposal, options = this.#options()) {
    return unary(this.#client, PROCESS_PROPOSAL, signedProposal, options);
  }
  /** As `processProposal`, with whether that endorsement alone satisfies all policies that guard what was written. */
  async endorseJudged(signedProposal, options) {
    const answer3 = await unary(this.#client, ENDORSE_JUDGED_METHOD, signedProposal, options);
    return { response: answer3.subarray(1), enough: answer3[0] === 1 };
  }
  /** Rejects with FabricError ACCESS_DENIED unless the signature satisfies the policy of a resource. */
  async checkAcl(request, signed) {
    const { data, identity, signature } = signed;
    const requests = [utf8(JSON.stringify(request)), data, identity, signature];
    await this.#gather(CHECK_ACL_METHOD, requests);
  }
  /** Serialized block; undefined beyond the height. */
  block(channel, number) {
    return this.#maybe(BLOCK_METHOD, { channel, number });
  }
  /** A block with its length in front. */
  blockfileEntry(channel, number) {
    return this.#maybe(BLOCKFILE_ENTRY_METHOD, { channel, number });
  }
  /** Keeps a package to run as a chaincode of a channel, without starting it. */
  install(request, bytes) {
    return this.#gather(INSTALL_METHOD, [utf8(JSON.stringify(request)), bytes]);
  }
  /** Keeps the program that was built from an installed package. */
  async addProgram(packageId, program) {
    await this.#gather(ADD_PROGRAM_METHOD, [utf8(JSON.stringify(packageId)), program]);
  }
  /** Whether these endorsements over `payload` satisfy all policies that guard what was written. */
  async satisfiesPolicy(channel_id, proposal_response_payload, endorsements) {
    const action = { proposal_response_payload, endorsements };
    const request = common.Payload.encode({
      header: { channel_header: common.ChannelHeader.encode({ channel_id }).finish() },
      data: protos.ChaincodeEndorsedAction.encode(action).finish()
    }).finish();
    return read(await unary(this.#client, SATISFIES_METHOD, request, this.#options()));
  }
  async #gather(method, requests) {
    for await (const bytes of this.#client.call(method, requests, this.#options()))
      return read(bytes);
    throw new FabricError("NO_ANSWER", `${method} ended without an answer`);
  }
  async #maybe(method, request) {
    const requests = [utf8(JSON.stringify(request))];
    for await (const bytes of this.#client.call(method, requests, this.#options())) return bytes;
    return void 0;
  }
  #options() {
    return { signal: this.#signal };
  }
};
function read(bytes) {
  const reply3 = JSON.parse(fromUtf8(bytes));
  if (!("error" in reply3)) return reply3.value;
  const { name, code, message, data } = reply3.error;
  const error = new FabricError(code, message, { data });
  error.name = name;
  throw error;
}

// src/node/trace-stream.ts
var TRACE_WATCH = "/tabric.Trace/Watch";
var MAX_MESSAGE_BYTES2 = 4 * 1024 * 1024;
var MAX_GATHERED = 500;
async function watchTrace(client, onEvent, options) {
  for await (const bytes of client.call(TRACE_WATCH, [new Uint8Array()], options)) {
    for (const event of parseEvents(bytes)) onEvent(event);
  }
}
function parseEvents(bytes) {
  if (bytes.length > MAX_MESSAGE_BYTES2) return [];
  try {
    const events = JSON.parse(fromUtf8Strict(bytes));
    return Array.isArray(events) ? events.slice(0, MAX_GATHERED).filter(isTraceEvent) : [];
  } catch {
    return [];
  }
}
function isTraceEvent(value) {
  const event = value ?? {};
  return typeof event.at === "number" && typeof event.peer === "string" && TRACE_STAGES.some((stage) => stage === event.stage);
}

// src/node/chaincode/build-service.ts
import { sha256 as sha25615 } from "@noble/hashes/sha2.js";
var BUILD_METHOD = "/tabric.ChaincodeBuild/Build";
var BUILD_UNAVAILABLE = "CHAINCODE_BUILD_UNAVAILABLE";
var MAX_REPORT_BYTES = 1024 * 1024;
async function buildAtRelay(relay, packageId, bytes, options) {
  const responses = [];
  try {
    for await (const one of relay.call(BUILD_METHOD, [bytes], options))
      if (responses.push(one) > 2) break;
  } catch (error) {
    throw asFabricError(error);
  }
  const [report, program] = responses;
  if (!report || !program || responses.length > 2 || report.length > MAX_REPORT_BYTES)
    throw new FabricError("CHAINCODE_BUILD_FAILED", "the relay sent no program");
  const { log, ...told } = readReport(report);
  if (told.packageId !== packageId || told.sha256 !== toHex(sha25615(program)))
    throw new FabricError("CHAINCODE_BUILD_FAILED", "the relay sent another program than it said");
  return { ...told, log, program };
}
function readReport(bytes) {
  const { packageId, sha256: hash, log } = Object(JSON.parse(fromUtf8(bytes)));
  return { packageId: String(packageId), sha256: String(hash), log: String(log) };
}
function asFabricError(error) {
  const message = messageOf(error);
  if (!(error instanceof ServiceError))
    return new FabricError(BUILD_UNAVAILABLE, message, { cause: error });
  const [, code = BUILD_UNAVAILABLE, text2 = message] = /^([A-Z_]{3,60}): (.*)$/s.exec(message) ?? [];
  return new FabricError(code, text2, { cause: error });
}

// src/node/peer-node/chaincode-installer.ts
var ChaincodeInstaller = class {
  #components;
  constructor(components) {
    this.#components = components;
  }
  /**
   * Installs a package to run as a chaincode of a channel. Rejects with FabricError when the bytes are none, or what they lack cannot be made:
   * CHAINCODE_BUILD_FAILED with what npm or the compiler said, CHAINCODE_BUILD_UNAVAILABLE with what can be done without.
   */
  async install(channel, chaincode, bytes, options = {}) {
    const { peer } = this.#components;
    const { packageId, missing } = await peer.install({ channel, chaincode, ...options }, bytes);
    if (missing) await this.#build(packageId, bytes, missing);
  }
  /**
   * Tells of every chaincode of the channel that has a package here; one that a person installed by hand stays, one of the network is followed.
   * @param options.fetchMissing whether to fetch and install those that have none.
   */
  async installNetworkPackages({ name: channel, chaincodes }, options, listener) {
    const { peer, fetchFile: fetchFile2 } = this.#components;
    for (const { name: chaincode, packagePath, packageId } of chaincodes) {
      try {
        const known = await peer.ask("installedPackage", { channel, chaincode });
        const isCurrent = known && !(known.fromNetwork && known.packageId !== packageId);
        if (!isCurrent && packagePath !== void 0 && options.fetchMissing) {
          const bytes = await fetchFile2(packagePath);
          await this.install(channel, chaincode, bytes, { fromNetwork: true });
        } else if (!known) continue;
        listener.installed(chaincode);
      } catch (error) {
        listener.failed(chaincode, error);
      }
    }
  }
  async #build(packageId, bytes, missing) {
    const { peer, relay, signal } = this.#components;
    this.#say(packageId, "info", "the relay builds this package");
    try {
      const { log, program } = await buildAtRelay(relay(), packageId, bytes, { signal });
      this.#say(packageId, "info", log);
      await peer.addProgram(packageId, program);
    } catch (error) {
      this.#say(packageId, "error", messageOf(error));
      if (!(error instanceof FabricError) || error.code !== BUILD_UNAVAILABLE) throw error;
      const text2 = `${describeMissing(missing)}, and no relay that could make it is there (${messageOf(error)}): make the package with 'tabric chaincode package', which brings everything along`;
      throw new FabricError(BUILD_UNAVAILABLE, text2, { cause: error });
    }
  }
  #say(packageId, level, text2) {
    const { clock, log } = this.#components;
    log({ at: clock.now(), packageId, level, text: text2 });
  }
};

// src/node/peer-node/faults.ts
var Faults = class {
  #faults = /* @__PURE__ */ new Map();
  #changed;
  constructor(changed) {
    this.#changed = changed;
  }
  get all() {
    return [...this.#faults.values()];
  }
  raise(code, message) {
    this.#faults.set(code, { code, message });
    this.#changed();
  }
  /** Raises what was thrown under its own code, and gives that. */
  raiseError(thrown, otherwise) {
    const code = thrown instanceof FabricError ? thrown.code : otherwise;
    this.raise(code, messageOf(thrown));
    return code;
  }
  clear(code) {
    if (this.#faults.delete(code)) this.#changed();
  }
};

// src/node/peer-node/ledger-comparison.ts
var MAX_CLAIMS = 2e3;
var MAX_TRANSACTIONS = 5;
var LedgerComparison = class {
  #components;
  /** Claims about blocks that this peer does not have yet. */
  #waiting = /* @__PURE__ */ new Map();
  #agreeing = /* @__PURE__ */ new Set();
  #differing = /* @__PURE__ */ new Map();
  #difference;
  #finding = false;
  constructor(components) {
    this.#components = components;
  }
  /** A member has told of its newest block. */
  async heard(claim) {
    const { id, height, commitHash } = claim;
    if (commitHash === "" || height < 2) return;
    const own = await this.#components.own(height - 1);
    if (!own) {
      if (this.#waiting.size < MAX_CLAIMS) this.#waiting.set(id, claim);
      return;
    }
    this.#waiting.delete(id);
    if (own.commitHash === "") return;
    if (own.commitHash === commitHash) this.#agrees(id);
    else await this.#differs(claim);
  }
  /** This peer has one more block. */
  async committed() {
    for (const claim of [...this.#waiting.values()]) await this.heard(claim);
  }
  /** What those said who are members no more does not count. */
  retain(isMember) {
    for (const said of [this.#waiting, this.#agreeing])
      for (const id of [...said.keys()]) if (!isMember(id)) said.delete(id);
    const gone = [...this.#differing.keys()].filter((id) => !isMember(id));
    for (const id of gone) this.#differing.delete(id);
    if (gone.length > 0) this.#tell();
  }
  #agrees(id) {
    this.#agreeing.add(id);
    if (this.#differing.delete(id)) this.#tell();
  }
  async #differs({ id, name, height }) {
    this.#agreeing.delete(id);
    const isNews = !this.#differing.has(id);
    this.#differing.set(id, name);
    if (!isNews || this.#finding) return this.#tell();
    this.#finding = true;
    try {
      this.#difference = await this.#first(id, height - 1);
    } catch {
      this.#difference ??= { block: height - 1, transactions: [], peers: [], agreeing: 0 };
    } finally {
      this.#finding = false;
    }
    this.#tell();
  }
  /** The first block that differs, `last` at the latest; the hash of each covers those before it. */
  async #first(id, last) {
    const { own, ask } = this.#components;
    let [same, different] = [0, last];
    while (different - same > 1) {
      const middle = same + different >> 1;
      const [here3, there2] = await Promise.all([own(middle), ask(id, middle)]);
      if (here3?.commitHash === there2.commitHash) same = middle;
      else different = middle;
    }
    const [here2, there] = await Promise.all([own(different), ask(id, different)]);
    const transactions = (here2?.txIds ?? []).flatMap((txId, index) => {
      const [mine, theirs] = [here2, there].map((outcome) => outcome?.statuses[index] ?? "");
      return mine === theirs ? [] : [{ txId, here: mine ?? "", there: theirs ?? "" }];
    });
    return {
      block: different,
      transactions: transactions.slice(0, MAX_TRANSACTIONS),
      peers: [],
      agreeing: 0
    };
  }
  #tell() {
    if (this.#differing.size === 0) this.#difference = void 0;
    const difference = this.#difference && {
      ...this.#difference,
      peers: [...this.#differing.values()].sort(),
      agreeing: this.#agreeing.size
    };
    this.#components.changed(difference);
  }
};
async function ownOutcome(peer, channel, number) {
  const block = await peer.ask("block", { channel, number });
  if (!block) return void 0;
  return {
    commitHash: block.commitHash ?? "",
    txIds: block.transactions.map(({ txId }) => txId),
    statuses: block.transactions.map(({ status }) => status)
  };
}
function readOutcome(json) {
  const { commitHash, txIds, statuses } = Object(json);
  const texts3 = (list2) => Array.isArray(list2) ? list2.map((text2) => String(text2).slice(0, MAX_TEXT2)) : [];
  if (typeof commitHash !== "string") throw new Error("it is no outcome of a block");
  return { commitHash, txIds: texts3(txIds), statuses: texts3(statuses) };
}
var MAX_TEXT2 = 100;
function differenceText(channel, { block, peers: peers2, agreeing, transactions }) {
  const others = `${peers2.slice(0, 3).join(", ")}${peers2.length > 3 ? ` and ${peers2.length - 3} more` : ""}`;
  const codes = transactions.map(
    ({ txId, here: here2, there }) => `${txId.slice(0, 16)} is ${here2} here and ${there} there`
  );
  const which = codes.length > 0 ? `: transaction ${codes.join("; ")}` : "";
  return `the ledger of ${channel} differs from block ${block} on from that of ${others}, as they say${which}. ${agreeing + 1} of ${agreeing + 1 + peers2.length} compared peers have what this one has. Peers with different definitions of a chaincode judge differently: the side that is wrong must join again with a new ledger; rebuilding the databases does not mend it`;
}

// src/node/gossip/election/election.ts
var YIELD_FACTOR = 6;
var MIN_DECLARATION_INTERVAL_MS = 500;
var LeaderElection = class {
  #components;
  #settings;
  #id;
  #stop;
  #isLeader = false;
  #declaredAt = Number.NEGATIVE_INFINITY;
  // Whether a declaration cuts the present wait short; a follower hears them all the time.
  #electing = false;
  #leaderKnown = false;
  #leader;
  #proposals = /* @__PURE__ */ new Set();
  #interrupt;
  #cancelYield;
  constructor(components, settings) {
    this.#components = components;
    this.#settings = settings;
    this.#id = toHex(components.pkiId);
  }
  get isLeader() {
    return this.#isLeader;
  }
  /** Hex PKI-ID of the leader, when one is known. */
  get leader() {
    return this.#leader;
  }
  start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }
  stop() {
    if (!this.#stop) return;
    this.#stop.abort();
    this.#stop = void 0;
    this.#stopYielding();
    this.#resign();
    this.#interrupt?.();
  }
  /** Steps down for a while: this peer cannot reach the orderer. */
  yield() {
    if (!this.#isLeader || this.#cancelYield) return;
    this.#components.log.info("yielding leadership");
    const ms = YIELD_FACTOR * this.#settings.leaderAliveThresholdMs;
    this.#cancelYield = this.#components.clock.setTimer(() => this.#stopYielding(), ms);
    this.#resign();
    this.#leaderKnown = false;
    this.#interrupt?.();
  }
  /** The orderer can be reached again: this peer may lead at once. */
  ordererBack() {
    if (!this.#cancelYield) return;
    this.#stopYielding();
    this.#interrupt?.();
  }
  /** The leader is known to be dead or gone. */
  leaderLost(pkiId) {
    if (this.#leader !== pkiId || this.#isLeader) return;
    this.#leaderKnown = false;
    this.#setLeader(void 0);
    this.#interrupt?.();
  }
  handleMessage({ pkiId, isDeclaration }) {
    const id = toHex(pkiId);
    if (!this.#stop || id === this.#id) return;
    if (!isDeclaration) {
      this.#proposals.add(id);
      if (this.#isLeader) this.#declare(MIN_DECLARATION_INTERVAL_MS);
      return;
    }
    this.#leaderKnown = true;
    this.#stopYielding();
    const lower = compareBytes(pkiId, this.#components.pkiId) < 0;
    if (this.#isLeader && lower) this.#resign();
    if (!this.#isLeader) this.#setLeader(id);
    if (this.#electing) this.#interrupt?.();
  }
  async #run(signal) {
    await this.#waitForStableMembership(signal);
    while (!signal.aborted) {
      if (!this.#leaderKnown && !this.#cancelYield) await this.#elect(signal);
      if (signal.aborted) return;
      if (this.#isLeader) await this.#lead(signal);
      else await this.#follow(signal);
    }
  }
  async #waitForStableMembership(signal) {
    const { clock, memberCount } = this.#components;
    const end = clock.now() + this.#settings.startupGracePeriodMs;
    let size = memberCount();
    this.#electing = true;
    while (!signal.aborted && clock.now() < end) {
      await this.#wait(this.#settings.membershipSampleIntervalMs, signal);
      const now = memberCount();
      if (now === size || this.#leaderKnown) break;
      size = now;
    }
    this.#electing = false;
  }
  async #elect(signal) {
    const { gossip: gossip2 } = this.#components;
    gossip2(false);
    this.#electing = true;
    await this.#wait(this.#settings.leaderElectionDurationMs, signal);
    this.#electing = false;
    if (signal.aborted || this.#leaderKnown || this.#cancelYield) return;
    for (const other of this.#proposals) if (other < this.#id) return;
    this.#becomeLeader();
  }
  async #lead(signal) {
    this.#declare(0);
    await this.#wait(this.#settings.leaderAliveThresholdMs / 2, signal);
  }
  // Unless that was done within `sinceMs`.
  #declare(sinceMs) {
    const { clock, gossip: gossip2 } = this.#components;
    if (clock.now() - this.#declaredAt < sinceMs) return;
    this.#declaredAt = clock.now();
    gossip2(true);
  }
  async #follow(signal) {
    this.#proposals.clear();
    this.#leaderKnown = false;
    await this.#wait(this.#settings.leaderAliveThresholdMs, signal);
    if (!this.#leaderKnown && !this.#isLeader) this.#setLeader(void 0);
  }
  #becomeLeader() {
    this.#components.log.info("becoming the leader");
    this.#isLeader = true;
    this.#leaderKnown = true;
    this.#setLeader(this.#id);
    this.#components.leadershipChanged(true);
  }
  #resign() {
    if (!this.#isLeader) return;
    this.#components.log.info("no longer the leader");
    this.#isLeader = false;
    this.#setLeader(void 0);
    this.#components.leadershipChanged(false);
    this.#interrupt?.();
  }
  #setLeader(leader) {
    if (this.#leader === leader) return;
    this.#leader = leader;
    this.#components.leaderChanged(leader);
  }
  #stopYielding() {
    this.#cancelYield?.();
    this.#cancelYield = void 0;
  }
  // Sleeps until the time is over, somebody interrupts, or the election stops.
  #wait(ms, signal) {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve5) => {
      const done = () => {
        cancel();
        this.#interrupt = void 0;
        resolve5();
      };
      const cancel = this.#components.clock.setTimer(done, ms);
      this.#interrupt = done;
    });
  }
};

// src/node/gossip/election/leadership.ts
var Leadership = class {
  #components;
  #settings;
  #pkiId;
  #seen = /* @__PURE__ */ new Map();
  #election;
  #peerClock;
  #isStaticLeader = false;
  /** Throws GossipError SETTINGS when both static and dynamic leadership are asked for. */
  constructor(components, settings) {
    if (settings.orgLeader && settings.useLeaderElection) {
      throw new GossipError(
        "SETTINGS",
        "peer.gossip.orgLeader and useLeaderElection are both true: choose one"
      );
    }
    this.#components = components;
    this.#settings = settings;
    this.#pkiId = pkiIdOf(components.signer.serialize());
  }
  get isLeader() {
    return this.#isStaticLeader || (this.#election?.isLeader ?? false);
  }
  /** Hex PKI-ID of the organisation's leader, when one is known. */
  get leader() {
    return this.#isStaticLeader ? toHex(this.#pkiId) : this.#election?.leader;
  }
  start() {
    const { topic, pubsub, clock, leadershipChanged, leaderChanged } = this.#components;
    if (this.#peerClock) return;
    this.#peerClock = new PeerClock(clock.now());
    if (this.#settings.orgLeader) {
      this.#isStaticLeader = true;
      leaderChanged(toHex(this.#pkiId));
      leadershipChanged(true);
    } else if (this.#settings.useLeaderElection) {
      this.#election = this.#newElection();
      pubsub.subscribe(topic, (data) => this.#receive(data));
      this.#election.start();
    }
  }
  stop() {
    if (!this.#peerClock) return;
    this.#peerClock = void 0;
    this.#seen.clear();
    if (this.#isStaticLeader) {
      this.#isStaticLeader = false;
      this.#components.leadershipChanged(false);
    }
    if (this.#election) this.#components.pubsub.unsubscribe(this.#components.topic);
    this.#election?.stop();
    this.#election = void 0;
  }
  /** The orderer cannot be reached from here: another should lead. Does nothing for a static leader. */
  yield() {
    this.#election?.yield();
  }
  /** The orderer can be reached again. */
  ordererBack() {
    this.#election?.ordererBack();
  }
  /** A member is dead or gone. */
  memberLost(pkiId) {
    this.#seen.delete(pkiId);
    this.#election?.leaderLost(pkiId);
  }
  #newElection() {
    const { aliveMembers, leadershipChanged, leaderChanged, clock, log, signer } = this.#components;
    const memberCount = () => aliveMembers().filter(({ mspId }) => mspId === signer.mspId).length;
    return new LeaderElection(
      {
        pkiId: this.#pkiId,
        gossip: (isDeclaration) => void this.#send(isDeclaration),
        memberCount,
        leadershipChanged,
        leaderChanged,
        clock,
        log
      },
      this.#settings.election
    );
  }
  async #send(isDeclaration) {
    const { channel, signer, pubsub, topic, log } = this.#components;
    if (!this.#peerClock) return;
    const leadership_msg = {
      pki_id: this.#pkiId,
      timestamp: this.#peerClock.next(),
      is_declaration: isDeclaration
    };
    try {
      const message = { channel, tag: gossip.GossipMessage.Tag.CHAN_AND_ORG, leadership_msg };
      await pubsub.publish(topic, await signMessage(message, signer));
    } catch (error) {
      log.debug("leadership message not published", { reason: messageOf(error) });
    }
  }
  async #receive(data) {
    const { channel, member, mspManager, signer, identities } = this.#components;
    let received;
    try {
      received = openEnvelope(data);
    } catch {
      return "reject";
    }
    const { leadership_msg, tag } = received.message;
    if (!leadership_msg || tag !== gossip.GossipMessage.Tag.CHAN_AND_ORG) return "reject";
    if (!equalBytes(received.message.channel, channel)) return "reject";
    const { pki_id, is_declaration } = leadership_msg;
    const id = toHex(pki_id);
    const sender = member(id);
    const time = memberTime(leadership_msg.timestamp);
    const identity = identities.get(id);
    if (!sender || !identity || sender.status === "dead" || !this.#isNews(id, time))
      return "ignore";
    try {
      const author = { identity, pkiId: pki_id, mspId: signer.mspId };
      await verifySender([mspManager()], received, author);
    } catch (error) {
      this.#components.log.debug("leadership message refused", { id, reason: messageOf(error) });
      return "reject";
    }
    if (!this.#isNews(id, time)) return "ignore";
    this.#seen.set(id, time);
    this.#election?.handleMessage({ pkiId: pki_id, isDeclaration: is_declaration });
    return "accept";
  }
  #isNews(id, time) {
    const seen = this.#seen.get(id);
    return !seen || compareTimes(time, seen) > 0;
  }
};

// src/node/gossip/pubsub.ts
import { TopicValidatorResult } from "@libp2p/gossipsub";
import { sha256 as sha25616 } from "@noble/hashes/sha2.js";
var MAX_PUSH_BYTES = 1024 * 1024;
var PEER_MESH = Object.freeze({
  D: 3,
  Dlo: 2,
  Dhi: 12,
  Dout: 1,
  Dscore: 3,
  Dlazy: 1
});
var RELAY_MESH = Object.freeze({
  D: 256,
  Dlo: 128,
  Dhi: 2e3,
  Dout: 1,
  Dscore: 3,
  Dlazy: 6
});
var UNBOUND_SCORE = -60;
function gossipsubOptions(isBound, mesh = PEER_MESH) {
  return {
    ...mesh,
    globalSignaturePolicy: "StrictNoSign",
    msgIdFn: ({ topic, data }) => messageId(topic, data),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    floodPublish: false,
    doPX: false,
    // A peer that grafts us a moment before our side is bound is pruned; a minute of backoff would be too long.
    pruneBackoff: 5e3,
    // Saying so to every neighbour costs a message each; it is worth that for large blocks only.
    idontwantMinDataSize: 16 * 1024,
    maxInboundDataLength: MAX_PUSH_BYTES + 64 * 1024,
    maxOutboundBufferSize: 16 * 1024 * 1024,
    scoreParams: {
      // Every tab of a class, and every test, comes from one address.
      IPColocationFactorWeight: 0,
      appSpecificScore: (peerId) => isBound(peerId) ? 0 : UNBOUND_SCORE,
      appSpecificWeight: 1
    },
    // Never on connections that a circuit limits: the stream would stay there and die at 128 KiB.
    runOnLimitedConnection: false
  };
}
var NATIVE_HASH_FROM_BYTES = 2 * 1024;
function messageId(topic, data) {
  const hashed = concat(utf8(topic), Uint8Array.of(0), data);
  const subtle = globalThis.crypto?.subtle;
  if (!subtle || hashed.length < NATIVE_HASH_FROM_BYTES) return sha25616(hashed);
  return subtle.digest("SHA-256", hashed).then((digest) => new Uint8Array(digest));
}
var RESULTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject
};
var GossipsubPubsub = class {
  #components;
  constructor(components) {
    this.#components = components;
    components.bindings.events.on(
      "binding:added",
      ({ peerId }) => forgetScore(components.gossipsub, peerId)
    );
  }
  async publish(topic, data) {
    if (data.length > MAX_PUSH_BYTES) return 0;
    const { recipients } = await this.#components.gossipsub.publish(topic, data);
    return recipients.length;
  }
  subscribe(topic, receive) {
    const { gossipsub: gossipsub2, bindings, log } = this.#components;
    gossipsub2.topicValidators.set(topic, async (peer, message) => {
      const from = bindings.get(peer.toString());
      if (!from) return TopicValidatorResult.Ignore;
      try {
        const verdict = await receive(message.data, from);
        if (verdict === "reject") log.warn(`rejected a message on ${topic}`, { from: from.name });
        return RESULTS[verdict];
      } catch (error) {
        log.debug(`ignored a message on ${topic}`, { from: from.name, reason: messageOf(error) });
        return TopicValidatorResult.Ignore;
      }
    });
    gossipsub2.subscribe(topic);
  }
  unsubscribe(topic) {
    const { gossipsub: gossipsub2, log } = this.#components;
    gossipsub2.topicValidators.delete(topic);
    try {
      gossipsub2.unsubscribe(topic);
    } catch (error) {
      log.debug(`not unsubscribed from ${topic}`, { reason: messageOf(error) });
    }
  }
};
function forgetScore(gossipsub2, peerId) {
  const { score } = gossipsub2;
  if (score?.scoreCache instanceof Map) score.scoreCache.delete(peerId);
}

// src/node/gossip/state/state-service.ts
function stateService({
  channel,
  block,
  mayRead: mayRead2,
  batchSize
}) {
  return async function* (requests, { remote }) {
    if (!await mayRead2(remote))
      throw new ServiceError(
        GrpcStatus.PERMISSION_DENIED,
        "not a reader of the channel in this organisation"
      );
    for await (const request of requests) {
      const { start, end } = openRequest(request);
      if (end < start || end - start > batchSize) {
        throw new ServiceError(
          GrpcStatus.INVALID_ARGUMENT,
          `blocks ${start} to ${end} are not a range of at most ${batchSize}`
        );
      }
      for (let seqNum = start; seqNum <= end; seqNum++) {
        const data = await block(seqNum);
        if (!data) return;
        yield stateResponse(channel, seqNum, data);
      }
      return;
    }
  };
}
function openRequest(request) {
  try {
    const { state_request } = openEnvelope(request).message;
    if (!state_request) throw new Error("no state request");
    return {
      start: toNumber(state_request.start_seq_num),
      end: toNumber(state_request.end_seq_num)
    };
  } catch (cause) {
    throw new ServiceError(
      GrpcStatus.INVALID_ARGUMENT,
      `not a state request: ${messageOf(cause)}`,
      { cause }
    );
  }
}
function stateRequest(channel, start, end) {
  const state_request = { start_seq_num: start, end_seq_num: end };
  return noopSign({ channel, tag: gossip.GossipMessage.Tag.CHAN_OR_ORG, state_request });
}
function stateResponse(channel, seqNum, data) {
  const state_response = { payloads: [{ seq_num: seqNum, data }] };
  return noopSign({ channel, tag: gossip.GossipMessage.Tag.CHAN_OR_ORG, state_response });
}

// src/node/gossip/state/anti-entropy.ts
var GAP_PATIENCE_MS = 250;
var MAX_BATCH_FACTOR = 20;
var MAX_RESPONSE_BYTES = 100 * 1024 * 1024;
var AntiEntropy = class {
  #components;
  #options;
  #stop;
  #wake;
  #poked = false;
  #orderer = { at: Number.NEGATIVE_INFINITY, gave: true };
  constructor(components, options) {
    this.#components = components;
    this.#options = options;
  }
  start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }
  stop() {
    this.#stop?.abort(new Error("stopping"));
    this.#stop = void 0;
    this.#wake?.();
  }
  /** Something is missing, or somebody is higher: look soon, not at the next interval. */
  poke() {
    if (this.#poked) return;
    this.#poked = true;
    this.#components.clock.setTimer(() => this.#wake?.(), GAP_PATIENCE_MS);
  }
  async #run(signal) {
    const { clock, log } = this.#components;
    while (!signal.aborted) {
      await new Promise((resolve5) => {
        const cancel = clock.setTimer(resolve5, this.#options.checkIntervalMs);
        this.#wake = () => {
          cancel();
          resolve5();
        };
      });
      this.#wake = void 0;
      this.#poked = false;
      if (signal.aborted) return;
      try {
        await this.#fill(signal);
      } catch (error) {
        if (!signal.aborted) log.debug("anti-entropy", { reason: messageOf(error) });
      }
    }
  }
  // Fetches until nobody is known to have more, or nobody gives more.
  async #fill(signal) {
    const { buffer, maxHeight } = this.#components;
    while (!signal.aborted && !buffer.ready) {
      const [lowestHeld] = buffer.heldNumbers();
      const target = lowestHeld ?? maxHeight();
      const from = buffer.next;
      if (target <= from) return;
      const fetched = await this.#fromPeers(from, target, signal) || await this.#fromOrderer(from, target, signal);
      if (!fetched) return;
      await this.#drained(signal);
    }
  }
  // What was fetched is on its way to the ledger; asking on from there only makes sense afterwards.
  async #drained(signal) {
    const { clock, buffer } = this.#components;
    while (buffer.ready && !signal.aborted) await clock.sleep(20, { signal }).catch(() => {
    });
  }
  async #fromPeers(from, target, signal) {
    const { holders, random, log, buffer } = this.#components;
    const { batchSize, maxRetries } = this.#options;
    const able = holders().filter(({ height }) => height > from);
    for (let attempt = 0; attempt < maxRetries && able.length > 0; attempt++) {
      const [holder] = able.splice(Math.floor(random() * able.length), 1);
      if (!holder) break;
      const end = Math.min(target, holder.height, from + batchSize) - 1;
      try {
        await this.#request(holder, from, end, signal);
      } catch (error) {
        if (signal.aborted) return false;
        log.debug(`blocks ${from} to ${end} not got from ${holder.name}`, {
          reason: messageOf(error)
        });
      }
      if (buffer.next > from || buffer.has(from)) return true;
    }
    return false;
  }
  async #request(holder, start, end, signal) {
    const { clock, intake, channel } = this.#components;
    const { responseTimeoutMs } = this.#options;
    const request = stateRequest(channel, start, end);
    await withDeadline(
      clock,
      responseTimeoutMs * MAX_BATCH_FACTOR,
      "the state transfer",
      async (bounded2) => {
        const silence = new AbortController();
        const whole = AbortSignal.any([bounded2, silence.signal]);
        const give = () => silence.abort(
          new FabricError("TIMEOUT", `${holder.name} sent no block for ${responseTimeoutMs} ms`)
        );
        let cancel = clock.setTimer(give, responseTimeoutMs);
        try {
          let expected = start;
          for await (const response of holder.client.call(STATE_METHOD, [request], {
            signal: whole
          })) {
            cancel();
            const { seqNum, block } = openResponse2(response, expected++, end);
            await intake.fetched(
              { seqNum, block, source: "state-transfer", from: holder.name },
              { signal: bounded2 }
            );
            cancel = clock.setTimer(give, responseTimeoutMs);
          }
        } finally {
          cancel();
        }
      },
      { signal }
    );
  }
  async #fromOrderer(from, target, signal) {
    const { requester, intake, log, buffer, clock } = this.#components;
    if (!this.#orderer.gave && clock.now() - this.#orderer.at < this.#options.checkIntervalMs)
      return false;
    try {
      for await (const { seqNum, block } of requester.upToNewest(from, { signal })) {
        await intake.fetched({ seqNum, block, source: "catch-up", from: "orderer" }, { signal });
        if (seqNum + 1 >= target) break;
      }
    } catch (error) {
      if (!signal.aborted)
        log.debug(`blocks from ${from} not got from the orderer`, { reason: messageOf(error) });
    }
    const gave = buffer.next > from || buffer.has(from);
    this.#orderer = { at: clock.now(), gave };
    return gave;
  }
};
function openResponse2(response, expected, end) {
  const payload = openEnvelope(response, MAX_RESPONSE_BYTES).message.state_response?.payloads[0];
  const seqNum = toNumber(payload?.seq_num);
  if (!payload || seqNum !== expected || seqNum > end) {
    throw new FabricError("UNEXPECTED_BLOCK", `block ${seqNum} where ${expected} was due`);
  }
  return { seqNum, block: payload.data };
}

// src/node/gossip/state/block-intake.ts
var REMEMBERED = 32;
var BlockIntake = class {
  events = new TypedEventTarget();
  #components;
  #verified = /* @__PURE__ */ new Map();
  #verifying = /* @__PURE__ */ new Set();
  constructor(components) {
    this.#components = components;
  }
  /** A block pushed by a neighbour. Copies of verified ones are passed on for those behind us. */
  async pushed(payload) {
    const { buffer } = this.#components;
    const { seqNum, block } = payload;
    const known = this.#verified.get(seqNum);
    if (known) return equalBytes(known, await this.#components.sha256(block)) ? "accept" : "ignore";
    if (seqNum < buffer.next || this.#verifying.has(seqNum)) return "ignore";
    this.#verifying.add(seqNum);
    try {
      await this.#verify(payload);
    } catch {
      return seqNum > buffer.next ? "ignore" : "reject";
    } finally {
      this.#verifying.delete(seqNum);
    }
    if (buffer.push({ ...payload, at: this.#components.clock.now() }) === "added")
      this.#received(payload);
    if (seqNum > buffer.next) this.events.emit("gap:seen", { seqNum });
    return "accept";
  }
  /**
   * A block from a source that can be held back; resolves when it was verified and there was room. `verified` is called between the two, unless the
   * block is here already. Rejects when it is not good.
   */
  async fetched(payload, options, verified) {
    const { buffer, clock } = this.#components;
    if (payload.seqNum < buffer.next || buffer.has(payload.seqNum)) return;
    await this.#verify(payload);
    verified?.();
    const entry = { ...payload, at: clock.now() };
    if (await buffer.pushBlocking(entry, options) === "added") this.#received(payload);
  }
  async #verify({ seqNum, block }) {
    const hash = await this.#components.sha256(block);
    await this.#components.verifyBlock(seqNum, block);
    this.#verified.set(seqNum, hash);
    if (this.#verified.size > REMEMBERED) this.#verified.delete(Math.min(...this.#verified.keys()));
  }
  #received({ seqNum, source, from, block }) {
    const { channel, peer, clock, trace, buffer } = this.#components;
    const about = { at: clock.now(), peer, channel, block: seqNum, from };
    const stage = source === "deliver" || source === "catch-up" ? "deliver" : "gossip";
    trace.emit({ ...about, stage, data: { source, bytes: block.length } });
    if (!buffer.ready)
      trace.emit({ ...about, stage: "buffer", data: { held: true, next: buffer.next } });
    this.events.emit("block:received", { seqNum, source, from, bytes: block.length });
  }
};

// src/node/gossip/state/commit-loop.ts
var FIRST_PAUSE_MS = 500;
var MAX_PAUSE_MS = 3e4;
async function runCommitLoop(components, failed2, { signal }) {
  const { buffer, height, commit, clock, log } = components;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await buffer.waitReady({ signal });
    } catch {
      return;
    }
    const payload = buffer.pop();
    if (!payload) continue;
    traceRelease(components, payload.seqNum, payload.from, clock.now() - payload.at);
    try {
      await commit(payload.block, payload.seqNum);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      log.error(`block ${payload.seqNum} was not committed`, { reason: messageOf(error) });
      failed2(error);
      buffer.reset(height());
      await clock.sleep(Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++), { signal }).catch(() => {
      });
    }
  }
}
function traceRelease({ channel, peer, clock, trace }, block, from, ms) {
  trace.emit({ at: clock.now(), peer, stage: "buffer", channel, block, from, ms });
}

// src/node/gossip/state/payloads-buffer.ts
var MAX_HELD_BYTES = 128 * 1024 * 1024;
var PayloadsBuffer = class {
  #limit;
  #held = /* @__PURE__ */ new Map();
  #heldBytes = 0;
  #next;
  #changed = [];
  /**
   * @param next number of the block that the ledger needs.
   * @param limit numbers from `next` on that may be held (blockBufferSize).
   */
  constructor(next, limit) {
    this.#next = next;
    this.#limit = limit;
  }
  /** Number of the next block to come out. */
  get next() {
    return this.#next;
  }
  get size() {
    return this.#held.size;
  }
  /** Whether the next block is here. */
  get ready() {
    return this.#held.has(this.#next);
  }
  has(seqNum) {
    return this.#held.has(seqNum);
  }
  /** Numbers held back because an earlier one is missing, ascending. */
  heldNumbers() {
    return this.ready ? [] : [...this.#held.keys()].sort((a, b) => a - b);
  }
  push(payload) {
    const { seqNum, block } = payload;
    if (seqNum < this.#next) return "stale";
    if (this.#held.has(seqNum)) return "duplicate";
    if (!this.#fits(seqNum, block.length)) return "full";
    this.#held.set(seqNum, payload);
    this.#heldBytes += block.length;
    this.#tell();
    return "added";
  }
  /** Pushes, and waits for room as long as there is none: for sources that can be held back. */
  async pushBlocking(payload, options) {
    for (; ; ) {
      const result = this.push(payload);
      if (result !== "full") return result;
      await this.#change(options.signal);
    }
  }
  /** Takes the next block out; undefined while it is missing. */
  pop() {
    const payload = this.#held.get(this.#next);
    if (!payload) return void 0;
    this.#remove(payload);
    this.#next++;
    this.#tell();
    return payload;
  }
  /** Resolves when the next block is here. */
  async waitReady(options) {
    while (!this.ready) await this.#change(options.signal);
  }
  /** Moves to what the ledger needs now, up or down: blocks may have been committed, or refused, elsewhere. */
  reset(next) {
    this.#next = next;
    for (const payload of this.#held.values()) if (payload.seqNum < next) this.#remove(payload);
    this.#tell();
  }
  #fits(seqNum, bytes) {
    if (seqNum === this.#next) return true;
    return seqNum - this.#next < this.#limit && this.#heldBytes + bytes <= MAX_HELD_BYTES;
  }
  #remove(payload) {
    this.#held.delete(payload.seqNum);
    this.#heldBytes -= payload.block.length;
  }
  #tell() {
    const waiting = this.#changed;
    this.#changed = [];
    for (const wake of waiting) wake();
  }
  #change(signal) {
    return new Promise((resolve5, reject) => {
      if (signal.aborted) return reject(stopped(signal));
      const abort = () => reject(stopped(signal));
      signal.addEventListener("abort", abort, { once: true });
      this.#changed.push(() => {
        signal.removeEventListener("abort", abort);
        resolve5();
      });
    });
  }
};
function stopped(signal) {
  return new GossipError("STOPPED", "no longer waiting for blocks", { cause: signal.reason });
}

// src/node/gossip/state/gossip-state.ts
var GossipState = class {
  events = new TypedEventTarget();
  #components;
  #settings;
  #deliverOptions;
  #committed = 0;
  #parts;
  constructor(components, settings, deliver = {}) {
    this.#components = components;
    this.#settings = settings;
    this.#deliverOptions = deliver;
  }
  start() {
    if (this.#parts) return;
    const { ledger, pubsub, topic, giveUp, requester } = this.#components;
    const buffer = new PayloadsBuffer(this.height, this.#settings.blockBufferSize);
    const { verifyBlock: verifyBlock2 } = ledger;
    const intake = new BlockIntake({
      ...this.#components,
      buffer,
      verifyBlock: verifyBlock2.bind(ledger)
    });
    const antiEntropy = new AntiEntropy(
      { ...this.#components, channel: this.#components.channelBytes, buffer, intake },
      this.#settings
    );
    const stop2 = new AbortController();
    const { signal } = stop2;
    const deliver = new DeliverClient(
      {
        ...this.#components,
        requester,
        height: () => buffer.next,
        giveUp,
        receive: ({ seqNum, block }) => this.#delivered(seqNum, block, signal)
      },
      this.#deliverOptions
    );
    this.#parts = { buffer, intake, antiEntropy, deliver, stop: stop2 };
    intake.events.on("block:received", (detail) => this.events.emit("block:received", detail));
    intake.events.on("gap:seen", () => antiEntropy.poke());
    pubsub.subscribe(topic, (data, from) => this.#pushed(intake, data, from));
    antiEntropy.start();
    void runCommitLoop(
      {
        ...this.#components,
        buffer,
        height: () => this.height,
        commit: (block, seqNum) => this.#commit(block, seqNum)
      },
      (error) => this.events.emit("commit:failed", { error }),
      { signal }
    );
  }
  stop() {
    if (!this.#parts) return;
    const { antiEntropy, deliver, stop: stop2 } = this.#parts;
    this.#parts = void 0;
    deliver.stop();
    antiEntropy.stop();
    this.#components.pubsub.unsubscribe(this.#components.topic);
    stop2.abort(new Error("gossip stops"));
  }
  /** Number of the next block that the ledger needs. A ledger in another thread may tell its height later than the end of its commit. */
  get height() {
    return Math.max(this.#committed, this.#components.ledger.height());
  }
  /** Numbers of blocks held back because an earlier one is missing. */
  buffered() {
    return this.#parts?.buffer.heldNumbers() ?? [];
  }
  /** The orderer can be reached again: a leader pulls at once. */
  ordererBack() {
    this.#parts?.deliver.retryNow();
  }
  /** The leader pulls; others do not. */
  lead(isLeader) {
    if (isLeader) this.#parts?.deliver.start();
    else this.#parts?.deliver.stop();
  }
  /** Somebody says to be higher: find out soon whether blocks are missing. */
  checkSoon() {
    this.#parts?.antiEntropy.poke();
  }
  /**
   * Pulls from the orderer what it has at this moment, leader or not, and resolves when that is in the ledger. Rejects with DeliverError or
   * ServiceError when the orderer cannot be asked, and with the committer's error when a block is not committed.
   */
  async catchUp(onProgress, options) {
    const parts = this.#parts;
    if (!parts) return;
    const { requester } = this.#components;
    const first = this.height;
    const tip = await requester.newest(options);
    const total = tip + 1 - first;
    const reached = this.#reach(
      tip + 1,
      (height) => onProgress(Math.max(0, height - first), total),
      options
    );
    reached.catch(() => {
    });
    for await (const { seqNum, block } of requester.upToNewest(parts.buffer.next, options)) {
      await raceAbort(
        parts.intake.fetched({ seqNum, block, source: "catch-up", from: "orderer" }, options),
        options.signal
      );
    }
    await reached;
  }
  #reach(target, onHeight, { signal }) {
    return new Promise((resolve5, reject) => {
      const done = new AbortController();
      const finish2 = (settle) => {
        done.abort();
        settle();
      };
      if (this.height >= target) return resolve5();
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", () => finish2(() => reject(signal.reason)), {
        signal: done.signal
      });
      this.events.on(
        "height:changed",
        ({ height }) => {
          onHeight(height);
          if (height >= target) finish2(resolve5);
        },
        { signal: done.signal }
      );
      this.events.on("commit:failed", ({ error }) => finish2(() => reject(error)), {
        signal: done.signal
      });
    });
  }
  async #commit(block, seqNum) {
    await this.#components.ledger.commit(block);
    this.#committed = seqNum + 1;
    this.events.emit("height:changed", { height: this.height });
  }
  // As the leader: keep it, and pass it to the organisation.
  async #delivered(seqNum, block, signal) {
    const payload = { seqNum, block, source: "deliver", from: "orderer" };
    await this.#parts?.intake.fetched(payload, { signal }, () => this.#push(seqNum, block));
  }
  #push(seqNum, data) {
    const { isNeeded, channelBytes, channel, peer, pubsub, topic, clock, trace, log } = this.#components;
    if (data.length > MAX_PUSH_BYTES || !isNeeded(seqNum)) return;
    const data_msg = { payload: { seq_num: seqNum, data } };
    const envelope = noopSign({
      channel: channelBytes,
      tag: gossip.GossipMessage.Tag.CHAN_AND_ORG,
      data_msg
    });
    pubsub.publish(topic, envelope).then(
      (to) => trace.emit({
        at: clock.now(),
        peer,
        stage: "gossip",
        channel,
        block: seqNum,
        data: { sent: to }
      }),
      (error) => log.warn(`block ${seqNum} was not pushed`, { reason: messageOf(error) })
    );
  }
  async #pushed(intake, data, from) {
    let received;
    let seqNum;
    try {
      received = openEnvelope(data, MAX_PUSH_BYTES + 1024);
      seqNum = toNumber(received.message.data_msg?.payload?.seq_num);
    } catch {
      return "reject";
    }
    const { channel, tag, data_msg } = received.message;
    if (!data_msg?.payload || tag !== gossip.GossipMessage.Tag.CHAN_AND_ORG) return "reject";
    if (!equalBytes(channel, this.#components.channelBytes)) return "reject";
    return intake.pushed({ seqNum, block: data_msg.payload.data, source: "push", from: from.name });
  }
};

// src/node/gossip/channel/state-info.ts
import { sha256 as sha25617 } from "@noble/hashes/sha2.js";
var MAX_CHAINCODES = 200;
var MAX_HASH_BYTES = 64;
var MAX_STATES = 2e3;
var MAX_NAP_MS = 1e4;
var StateInfoChannel = class {
  events = new TypedEventTarget();
  #components;
  #states = /* @__PURE__ */ new Map();
  #id;
  #topics = /* @__PURE__ */ new Map();
  #peerClock;
  #stop;
  #published = { at: Number.NEGATIVE_INFINITY, text: "" };
  #own;
  #due = false;
  constructor(components) {
    this.#components = components;
    this.#id = toHex(pkiIdOf(components.signer.serialize()));
  }
  /** A member's newest state. */
  get(pkiId) {
    return this.#states.get(pkiId);
  }
  /** The greatest height that any member claims. */
  maxHeight() {
    let max = 0;
    for (const { height } of this.#states.values()) max = Math.max(max, height);
    return max;
  }
  /** PKI-IDs (hex) of those who are on the channel. */
  members() {
    return [...this.#states.keys()];
  }
  /** This peer's newest message, once there was one. */
  get own() {
    return this.#own;
  }
  /** Newest messages of all members, and this peer's. */
  snapshot() {
    return [
      ...this.#own ? [this.#own] : [],
      ...[...this.#states.values()].map((state) => state.envelope)
    ];
  }
  /** @param topics state-info topic by MSP id. */
  async start(topics) {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#peerClock = new PeerClock(this.#components.clock.now());
    const { signal } = this.#stop;
    this.setTopics(topics);
    await this.#publish(true);
    void this.#repeat(signal);
  }
  stop() {
    if (!this.#stop) return;
    this.#stop.abort();
    this.#stop = void 0;
    this.setTopics(/* @__PURE__ */ new Map());
    this.#states.clear();
  }
  /** Follows the organisations of the channel as they are now. */
  setTopics(topics) {
    const { pubsub } = this.#components;
    for (const [mspId, topic] of this.#topics) if (!topics.has(mspId)) pubsub.unsubscribe(topic);
    for (const [mspId, topic] of topics) {
      if (!this.#topics.has(mspId))
        pubsub.subscribe(topic, (data, from) => this.receive(data, mspId, from.peerId));
    }
    this.#topics = topics;
  }
  forget(pkiId) {
    this.#states.delete(pkiId);
  }
  /** Height or chaincodes changed: publishes now, or when the interval is over. */
  changed() {
    if (this.#due || !this.#stop) return;
    const { clock, pace } = this.#components;
    const wait = Math.max(0, this.#published.at + pace().stateChangeMs - clock.now());
    this.#due = true;
    clock.setTimer(() => {
      this.#due = false;
      void this.#publish(false);
    }, wait);
  }
  /** Takes in messages that somebody handed over, whichever organisation they are of; bad ones are skipped. */
  async introduce(envelopes, from) {
    const { identities, log } = this.#components;
    for (const envelope of envelopes) {
      try {
        const pkiId = openEnvelope(envelope).message.state_info?.pki_id ?? EMPTY_BYTES;
        const { mspid } = decodeSerializedIdentity(await identities.require(pkiId, from));
        if (this.#topics.has(mspid)) await this.receive(envelope, mspid, from);
      } catch (error) {
        log.debug("state-info skipped", { reason: messageOf(error) });
      }
    }
  }
  /** Judges a message and takes it in. @param from peer id of the neighbour that passed it on. */
  async receive(data, mspId, from) {
    const { channel, identities, mspManager, heardFrom, log } = this.#components;
    let received;
    try {
      received = openEnvelope(data);
    } catch {
      return "reject";
    }
    const { state_info, tag } = received.message;
    if (!state_info?.properties || tag !== gossip.GossipMessage.Tag.CHAN_OR_ORG) return "reject";
    const { pki_id, channel_MAC, properties } = state_info;
    if (!equalBytes(channel_MAC, channelMac(pki_id, channel))) return "reject";
    const id = toHex(pki_id);
    const time = memberTime(state_info.timestamp);
    if (id === this.#id || !this.#isNews(id, time)) return "ignore";
    let identity;
    try {
      identity = await identities.require(pki_id, from);
    } catch {
      return "ignore";
    }
    try {
      await verifySender([mspManager()], received, { identity, pkiId: pki_id, mspId });
    } catch (error) {
      log.debug("state-info refused", { id, reason: messageOf(error) });
      return "reject";
    }
    if (!this.#isNews(id, time)) return "ignore";
    heardFrom(id);
    this.#take(id, properties, time, data);
    return "accept";
  }
  #isNews(id, time) {
    const known = this.#states.get(id);
    return known ? compareTimes(time, known.time) > 0 : this.#states.size < MAX_STATES;
  }
  #take(id, properties, time, envelope) {
    if (properties.left_channel) this.#states.delete(id);
    else {
      const chaincodes = properties.chaincodes.slice(0, MAX_CHAINCODES).map(({ name, version }) => ({ name, version }));
      this.#states.set(id, {
        height: toNumber(properties.ledger_height),
        commitHash: toHex(properties.commit_hash.subarray(0, MAX_HASH_BYTES)),
        chaincodes,
        time,
        envelope
      });
    }
    this.events.emit("state:changed", { pkiId: id, height: this.#states.get(id)?.height ?? 0 });
  }
  async #repeat(signal) {
    const { clock, pace, random } = this.#components;
    while (!signal.aborted) {
      const jitter = 0.9 + 0.2 * random();
      const due = () => this.#published.at + pace().stateRepeatMs * jitter;
      while (!signal.aborted && clock.now() < due())
        await clock.sleep(Math.min(due() - clock.now(), MAX_NAP_MS), { signal }).catch(() => {
        });
      if (!signal.aborted) await this.#publish(true);
    }
  }
  async #publish(anyway) {
    const { signer, channel, height, commitHash, chaincodes, clock, pubsub, log } = this.#components;
    const topic = this.#topics.get(signer.mspId);
    const ledger_height = height();
    const properties = {
      ledger_height,
      left_channel: false,
      chaincodes: [...chaincodes()]
    };
    const text2 = JSON.stringify(properties);
    if (!this.#stop || !this.#peerClock || topic === void 0 || !anyway && text2 === this.#published.text)
      return;
    this.#published = { at: clock.now(), text: text2 };
    try {
      const pki_id = pkiIdOf(signer.serialize());
      const state_info = {
        timestamp: this.#peerClock.next(),
        pki_id,
        channel_MAC: channelMac(pki_id, channel),
        properties: { ...properties, commit_hash: commitHash(ledger_height) }
      };
      this.#own = await signMessage(
        { tag: gossip.GossipMessage.Tag.CHAN_OR_ORG, state_info },
        signer
      );
      await pubsub.publish(topic, this.#own);
    } catch (error) {
      log.debug("state-info not published", { reason: messageOf(error) });
    }
  }
};
function channelMac(pkiId, channel) {
  return sha25617(concat(pkiId, channel));
}

// src/node/gossip/channel/gossip-channel.ts
var GossipChannel = class {
  events = new TypedEventTarget();
  name;
  #components;
  #settings;
  #signer;
  #clock;
  #bytes;
  #stateInfo;
  #leadership;
  #state;
  #peer;
  #stop;
  /** Throws GossipError SETTINGS when the settings contradict each other. */
  constructor(components, settings, deliver = {}) {
    const { node, channel } = components;
    this.name = channel;
    this.#components = components;
    this.#settings = settings;
    this.#signer = node.components.signer;
    this.#clock = node.components.clock;
    this.#bytes = utf8(channel);
    const identity = this.#signer.serialize();
    const pkiId = pkiIdOf(identity);
    this.#peer = { name: nameOfIdentity(identity), id: toHex(pkiId), pkiId };
    this.#stateInfo = this.#newStateInfo();
    this.#leadership = this.#newLeadership();
    this.#state = this.#newState({ isStaticLeader: settings.orgLeader, ...deliver });
    this.#connect();
  }
  /** Members of the channel besides this peer: those that have told of a ledger. */
  members() {
    const { node, mspIds } = this.#components;
    const organisations = new Set(mspIds());
    return node.members().flatMap((member) => {
      const ledger = this.#stateInfo.get(member.id);
      if (!ledger || !organisations.has(member.mspId)) return [];
      return [{ member, ledger, isLeader: this.#leads(member) }];
    });
  }
  /** MSP ids of the channel's application organisations. */
  mspIds() {
    return this.#components.mspIds();
  }
  get mspManager() {
    return this.#components.mspManager();
  }
  get isLeader() {
    return this.#leadership.isLeader;
  }
  /** How the leader of this peer's organisation is named in alive messages; undefined unless that is this peer. */
  get leadTag() {
    return this.isLeader ? leadTag(this.#peer.pkiId, this.#bytes) : void 0;
  }
  /** The greatest height that is known of any ledger of the channel. */
  maxHeight() {
    return Math.max(this.#state.height, this.#stateInfo.maxHeight());
  }
  /** Numbers of blocks held back because an earlier one is missing. */
  buffered() {
    return this.#state.buffered();
  }
  /** State-info messages of all members of the channel. */
  stateInfos() {
    return this.#stateInfo.snapshot();
  }
  /** This peer's own, once there is one. */
  get ownStateInfo() {
    return this.#stateInfo.own;
  }
  /** Takes in state-info messages that `from` handed over. */
  introduce(envelopes, from) {
    return this.#stateInfo.introduce(envelopes, from);
  }
  /** State transfer to peers of this organisation. */
  get stateService() {
    const { ledger, mayRead: mayRead2 } = this.#components;
    const inOrganisation = async ({ mspId, identity }) => mspId === this.#signer.mspId && identity !== void 0 && mayRead2(identity);
    return stateService({
      channel: this.#bytes,
      block: (n) => ledger.block(n),
      mayRead: inOrganisation,
      batchSize: this.#settings.state.batchSize
    });
  }
  /** Starts; the ledger must hold the genesis block, and the node's gossip must have started. */
  async start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { node } = this.#components;
    this.#state.start();
    await this.#stateInfo.start(this.#topics("state-info"));
    await node.join(this);
    this.#leadership.start();
  }
  async stop() {
    if (!this.#stop) return;
    this.#stop.abort(new Error("gossip stops"));
    this.#stop = void 0;
    this.#leadership.stop();
    this.#components.node.leave(this);
    this.#stateInfo.stop();
    this.#state.stop();
  }
  /** See GossipState.catchUp. */
  catchUp(onProgress, options) {
    return this.#state.catchUp(onProgress, options);
  }
  /** The relay is connected again: fetches what was missed. */
  async reconnected() {
    const signal = this.#stop?.signal;
    if (!signal) return;
    this.#leadership.ordererBack();
    this.#state.ordererBack();
    await this.catchUp(() => {
    }, { signal }).catch((error) => {
      this.#components.log.debug("not caught up", { reason: messageOf(error) });
    });
  }
  /** The channel has a new configuration: other organisations may have come or gone. */
  configChanged() {
    if (this.#stop) this.#stateInfo.setTopics(this.#topics("state-info"));
  }
  /** Chaincodes were installed or removed. */
  chaincodesChanged() {
    this.#stateInfo.changed();
  }
  /** Somebody on the node's list of members came, went or changed. */
  membersChanged() {
    this.events.emit("members:changed", {});
  }
  /** A member of the node is dead, or gone for good. */
  memberLost(id, isGone) {
    this.#leadership.memberLost(id);
    if (isGone) this.#stateInfo.forget(id);
  }
  // Elections stay inside an organisation: of others there is only what a peer says of itself.
  #leads({ id, mspId, pkiId, metadata, status }) {
    if (mspId === this.#signer.mspId) return this.#leadership.leader === id;
    return status !== "dead" && metadata.leads.includes(leadTag(pkiId, this.#bytes));
  }
  #newStateInfo() {
    const { node, mspManager, chaincodes, log } = this.#components;
    return new StateInfoChannel({
      channel: this.#bytes,
      pubsub: node.components.pubsub,
      signer: this.#signer,
      mspManager,
      identities: node.identities,
      pace: () => node.pace,
      heardFrom: (id) => node.heardFrom(id),
      height: () => this.#state.height,
      commitHash: (height) => this.#components.commitHash(height),
      chaincodes,
      clock: this.#clock,
      random: node.components.random,
      log: log.child("state-info")
    });
  }
  #newLeadership() {
    const { node, mspManager, log } = this.#components;
    return new Leadership(
      {
        channel: this.#bytes,
        topic: this.#ownTopic("leadership"),
        pubsub: node.components.pubsub,
        signer: this.#signer,
        mspManager,
        identities: node.identities,
        member: (id) => node.member(id),
        aliveMembers: () => this.#organisation(),
        leadershipChanged: (isLeader) => this.#state.lead(isLeader),
        leaderChanged: (leader) => this.#leaderChanged(leader),
        clock: this.#clock,
        log: log.child("election")
      },
      this.#settings
    );
  }
  #newState(deliver) {
    const { node, channel, ledger, requester, sha256: sha25619, trace, log } = this.#components;
    return new GossipState(
      {
        channel,
        channelBytes: this.#bytes,
        peer: this.#peer.name,
        topic: this.#ownTopic("blocks"),
        pubsub: node.components.pubsub,
        ledger,
        requester,
        holders: () => this.#holders(),
        maxHeight: () => this.#stateInfo.maxHeight(),
        isNeeded: (seqNum) => this.#organisation().some(({ id }) => (this.#stateInfo.get(id)?.height ?? 0) <= seqNum),
        giveUp: () => this.#leadership.yield(),
        sha256: sha25619,
        clock: this.#clock,
        random: node.components.random,
        trace,
        log: log.child("state")
      },
      this.#settings.state,
      deliver
    );
  }
  #connect() {
    this.#stateInfo.events.on("state:changed", ({ pkiId, height }) => {
      if (height > this.#state.height) this.#state.checkSoon();
      this.events.emit("ledger:heard", { pkiId });
      this.events.emit("members:changed", {});
    });
    this.#state.events.on("block:received", (detail) => this.events.emit("block:received", detail));
    this.#state.events.on("commit:failed", (detail) => this.events.emit("commit:failed", detail));
    this.#state.events.on("height:changed", (detail) => {
      this.#stateInfo.changed();
      this.events.emit("height:changed", detail);
    });
  }
  #leaderChanged(id) {
    const isMe = id === this.#peer.id;
    const leader = isMe ? this.#peer.name : id && this.#components.node.member(id)?.endpoint;
    this.events.emit("leader:changed", { ...leader ? { leader } : {}, isMe });
    this.#components.node.changed();
    this.events.emit("members:changed", {});
  }
  // Members of this peer's organisation on the channel that are not dead.
  #organisation() {
    const { mspId } = this.#signer;
    return this.#components.node.aliveMembers().filter((member) => member.mspId === mspId);
  }
  #holders() {
    const { bindings, client } = this.#components.node.components;
    return this.#organisation().flatMap(({ id, endpoint, metadata }) => {
      const height = this.#stateInfo.get(id)?.height ?? 0;
      return bindings.has(metadata.peerId) ? { name: endpoint, height, client: client(metadata.peerId) } : [];
    });
  }
  #topics(kind) {
    const { channel, mspIds, node } = this.#components;
    const { networkId } = node.components;
    return new Map(
      mspIds().map((mspId) => [mspId, topicName({ networkId, channel, mspId, kind })])
    );
  }
  #ownTopic(kind) {
    const { channel, node } = this.#components;
    const { networkId } = node.components;
    return topicName({ networkId, channel, mspId: this.#signer.mspId, kind });
  }
};

// src/node/peer-node/node-channel.ts
var KEPT_HASHES = 100;
var OUTCOME_TIMEOUT_MS = 5e3;
var READERS2 = "/Channel/Application/Readers";
var NodeChannel = class _NodeChannel {
  events = new TypedEventTarget();
  name;
  #components;
  #gossip;
  #chaincodes = /* @__PURE__ */ new Map();
  #bundle;
  #height;
  /** Of the newest blocks that were committed here, by height. */
  #commitHashes = /* @__PURE__ */ new Map();
  #comparison;
  #started;
  constructor(components, settings, bundle, height) {
    this.name = components.description.name;
    this.#components = components;
    this.#bundle = bundle;
    this.#height = height;
    this.#comparison = this.#newComparison();
    this.#gossip = this.#newGossip(settings);
    this.#connect();
  }
  /** A channel whose ledger holds at least its genesis block. */
  static async open(components, settings, { config, height }) {
    const bundle = await createBundle(components.description.name, config);
    return new _NodeChannel(components, settings, bundle, height);
  }
  get bundle() {
    return this.#bundle;
  }
  get description() {
    return this.#components.description;
  }
  /** Blocks in the ledger. */
  get height() {
    return this.#height;
  }
  get isLeader() {
    return this.#gossip.isLeader;
  }
  /** The greatest height that is known of any ledger of the channel. */
  maxHeight() {
    return this.#gossip.maxHeight();
  }
  /** Everybody on the channel but this peer. */
  members() {
    return this.#gossip.members();
  }
  /** Numbers of blocks held back because an earlier one is missing. */
  buffered() {
    return this.#gossip.buffered();
  }
  /** Names of the chaincodes that this peer can run here. */
  chaincodes() {
    return [...this.#chaincodes.keys()];
  }
  async start() {
    this.#started ??= new AbortController();
    const newest = await ownOutcome(this.#components.client, this.name, this.#height - 1);
    if (newest) this.#commitHashes.set(this.#height, newest.commitHash);
    await this.#gossip.start();
  }
  /** @param reason what those get who wait for this channel. */
  async stop(reason = new Error("the channel stops")) {
    this.#started?.abort(reason);
    this.#started = void 0;
    await this.#gossip.stop();
  }
  /** Resolves when the ledger is as high as the orderer's chain was at this moment. */
  async catchUp(onProgress) {
    const signal = this.#started?.signal ?? AbortSignal.abort(new Error("the channel has stopped"));
    await this.#gossip.catchUp(onProgress, { signal });
  }
  /** The relay is connected again. */
  reconnected() {
    return this.#gossip.reconnected();
  }
  /** This peer can run a chaincode of the channel from now on. */
  installed(chaincode) {
    const { chaincodes } = this.#components.description;
    const version = chaincodes.find(({ name }) => name === chaincode)?.version ?? "";
    this.#chaincodes.set(chaincode, version);
    this.#gossip.chaincodesChanged();
    this.events.emit("chaincode:installed", { name: chaincode });
  }
  /** A block was committed by the host. */
  committed(block) {
    this.#height = Math.max(this.#height, block.height);
    this.#commitHashes.set(block.number + 1, block.commitHash);
    this.#commitHashes.delete(block.number + 1 - KEPT_HASHES);
    this.#comparison.committed().catch(() => {
    });
    this.events.emit("block:committed", block);
  }
  /** The host tells of another configuration. */
  async useConfig(config) {
    this.#bundle = await createBundle(this.name, config);
    this.#gossip.configChanged();
    this.#components.gossip.configChanged();
    this.events.emit("changed", {});
  }
  #newGossip(settings) {
    const { gossip: gossip2, host, client, orderer: orderer2, trace, log } = this.#components;
    const { signer, clock } = gossip2.components;
    const { name } = this;
    return new GossipChannel(
      {
        node: gossip2,
        channel: name,
        mspManager: () => this.#bundle.mspManager,
        mspIds: () => this.#bundle.application.orgs.map(({ mspId }) => mspId),
        ledger: {
          height: () => this.#height,
          block: (number) => client.block(name, number),
          verifyBlock: (number, block) => host.verifyBlock(name, number, block),
          commit: (block) => host.commit(name, block)
        },
        chaincodes: () => [...this.#chaincodes].map(([chaincode, version]) => ({ name: chaincode, version })),
        commitHash: (height) => fromHex(this.#commitHashes.get(height) ?? ""),
        requester: new BlocksRequester({ client: orderer2, signer, clock }, name),
        sha256: (bytes) => defaultBCCSP().sha256(bytes),
        mayRead: (identity) => mayRead(identity, this.#bundle),
        trace,
        log: log.child("gossip")
      },
      settings
    );
  }
  #newComparison() {
    const { client, reach } = this.#components;
    const { name } = this;
    return new LedgerComparison({
      own: (block) => ownOutcome(client, name, block),
      ask: async (id, number) => {
        const member = this.#gossip.members().find((one) => one.member.id === id)?.member;
        if (!member) throw new FabricError("PEER_GONE", "it is no member any more");
        const request = utf8(JSON.stringify({ channel: name, number }));
        const peer = reach(member.metadata.peerId);
        const answer3 = await withDeadline(
          this.#components.gossip.components.clock,
          OUTCOME_TIMEOUT_MS,
          "the outcome of a block",
          (signal) => unary(peer, OUTCOME_METHOD, request, { signal })
        );
        return readOutcome(JSON.parse(fromUtf8(answer3)));
      },
      changed: (difference) => this.events.emit("ledger:compared", { difference })
    });
  }
  #compare(pkiId) {
    const found = this.#gossip.members().find(({ member }) => member.id === pkiId);
    if (!found?.ledger) return;
    const { height, commitHash } = found.ledger;
    const claim = { id: pkiId, name: found.member.endpoint, height, commitHash };
    this.#comparison.heard(claim).catch((error) => {
      this.#components.log.debug("not compared", { reason: messageOf(error) });
    });
  }
  /** What this peer made of a block, for members of the channel. Throws ServiceError PERMISSION_DENIED, NOT_FOUND. */
  async outcome(number, { identity }) {
    if (!identity || !await mayRead(identity, this.#bundle).catch(() => false))
      throw new ServiceError(GrpcStatus.PERMISSION_DENIED, `not a reader of ${this.name}`);
    const found = await ownOutcome(this.#components.client, this.name, number);
    if (found) return found;
    throw new ServiceError(GrpcStatus.NOT_FOUND, `there is no block ${number} here`);
  }
  #connect() {
    const { events } = this.#gossip;
    const changed = () => this.events.emit("changed", {});
    events.on("members:changed", () => {
      const ids = new Set(this.#gossip.members().map(({ member }) => member.id));
      this.#comparison.retain((id) => ids.has(id));
      changed();
    });
    events.on("ledger:heard", ({ pkiId }) => this.#compare(pkiId));
    events.on("block:received", changed);
    events.on("leader:changed", (detail) => this.events.emit("leader:changed", detail));
    events.on("commit:failed", (detail) => this.events.emit("commit:failed", detail));
  }
};
async function mayRead(identity, bundle) {
  const policy = bundle.policyManager.getPolicy(READERS2);
  return policy.evaluateIdentities([await bundle.mspManager.deserializeIdentity(identity)]);
}

// src/node/peer-node/peer-node.ts
var LOG_TRIES = 10;
var LOG_WAIT_MS = 10;
var LEDGERS_DIFFER = "LEDGERS_DIFFER";
var DEFAULT_PEER_NODE_OPTIONS = Object.freeze({ installPackages: true });
var PeerNode = class {
  events = new TypedEventTarget();
  faults = new Faults(() => this.events.emit("changed", {}));
  /** Asks this node's own peer. */
  peer;
  #components;
  #options;
  #channels = /* @__PURE__ */ new Map();
  #stop = new AbortController();
  #signer;
  #installer;
  #commitFaults = /* @__PURE__ */ new Set();
  #running;
  /** What chaincode of this peer wrote to its console. */
  logs = new ChaincodeLogs();
  #state;
  #stopping;
  #lost;
  constructor(components, options = {}) {
    const { host, mspId, peer } = components;
    this.#components = components;
    this.#options = { ...DEFAULT_PEER_NODE_OPTIONS, ...options };
    this.#signer = signing(mspId, peer);
    const { signal } = this.#stop;
    this.peer = new PeerClient(host.services.for(this.#self()), { signal });
    this.#installer = new ChaincodeInstaller({
      ...components,
      peer: this.peer,
      relay: () => this.#require().transport.relay,
      log: (line) => this.#logged(line),
      signal
    });
  }
  /** Name of the peer, e.g. `peer0.org1.example.com`. */
  get name() {
    return this.#components.peer.name;
  }
  get mspId() {
    return this.#components.mspId;
  }
  /** Serialized identity of the peer. */
  get identity() {
    return this.#signer.serialize();
  }
  get network() {
    return this.#components.network;
  }
  get trace() {
    return this.#components.trace;
  }
  get clock() {
    return this.#components.clock;
  }
  /** Absent before `start`. */
  get transport() {
    return this.#running?.transport;
  }
  /** False when everything is in memory. */
  get stored() {
    return this.#state?.stored ?? true;
  }
  /** Channels that this peer has joined, in the order of the network. */
  channels() {
    return [...this.#channels.values()];
  }
  channel(name) {
    return this.#channels.get(name);
  }
  /** The client of this node's user. Throws when the ledgers are lost: its commits would not be seen here. */
  get gateway() {
    if (this.#lost) throw this.#lost;
    return this.#require().gateway;
  }
  /** Opens ledgers and the network's node; what is stored can be read from here on. */
  async start() {
    const { createTransport, host } = this.#components;
    this.#listen();
    const mspManagers = () => this.channels().map(({ bundle }) => bundle.mspManager);
    const [state, transport] = await Promise.all([host.start(), createTransport(mspManagers)]);
    this.#state = state;
    const gossip2 = this.#newGossip(transport);
    const service = this.#newGatewayService(transport);
    this.#running = { transport, gossip: gossip2, service, gateway: this.#newGateway(service) };
    transport.mount(this.#services(gossip2));
    if (!state.stored) {
      const text2 = "nothing is stored here: ledger and identity end with this peer";
      this.faults.raise("STORAGE_REFUSED", text2);
    }
    for (const one of state.channels) {
      const description = this.network.channels.find(({ name }) => name === one.name);
      if (description)
        this.#add(await NodeChannel.open(this.#about(description), this.network.gossip, one));
    }
    this.#follow(transport, gossip2);
  }
  /**
   * Connects, joins the network's channels and catches up. Rejects with FabricError RELAY_UNREACHABLE, and with what the orderer or the
   * ledger says.
   */
  async join(onProgress = () => {
  }) {
    const { transport, gossip: gossip2 } = this.#require();
    const { signal } = this.#stop;
    onProgress({ step: "connect" });
    await transport.start(() => gossip2.candidates());
    await transport.relayReady(signal).catch((cause) => {
      const { detail } = transport.connections.status;
      const text2 = `the relay could not be reached: ${detail ?? messageOf(cause)}`;
      throw new FabricError("RELAY_UNREACHABLE", text2, { cause });
    });
    gossip2.start();
    for (const description of this.network.channels) {
      if (this.#channels.has(description.name)) continue;
      onProgress({ step: "genesis" });
      await this.#joinChannel(description, transport);
    }
    onProgress({ step: "catch-up" });
    await Promise.all(
      this.channels().map(async (channel) => {
        await channel.start();
        await Promise.all([
          channel.catchUp((done, total) => onProgress({ step: "catch-up", done, total })),
          this.#installPackages(channel)
        ]);
      })
    );
    void this.#watchOrderer();
    this.#require().service.load().catch(() => {
    });
  }
  /**
   * Installs a package, to run as a chaincode of a channel at this peer. Rejects when the bytes are none, and when what they lack cannot be
   * made (ChaincodeInstaller.install).
   */
  async install(channel, chaincode, bytes) {
    await this.#installer.install(channel, chaincode, bytes);
    this.#channels.get(channel)?.installed(chaincode);
  }
  /** What chaincode of this peer wrote about a transaction that it failed, its stack above all; undefined when nothing comes soon. */
  async chaincodeErrorOf(txId) {
    const found = () => this.logs.lines({ txId }).filter(({ level }) => level === "error").map(({ text: text2 }) => text2).join("\n") || void 0;
    for (let i = 0; i < LOG_TRIES && found() === void 0 && !this.#stop.signal.aborted; i++)
      await this.#components.clock.sleep(LOG_WAIT_MS);
    return found();
  }
  /** For the last moment of a page: others drop this peer at once. */
  sayGoodbye() {
    this.#running?.gossip.sayGoodbye();
  }
  /** Says goodbye and stops everything. */
  stop() {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }
  async #end() {
    this.#running?.service.stop();
    for (const channel of this.#channels.values()) await channel.stop();
    await this.#running?.gossip.stop();
    this.#stop.abort(new FabricError("STOPPED", "the peer stops"));
    await this.#running?.transport.stop();
    await this.#components.host.stop();
  }
  #self() {
    return { address: this.name, identity: this.identity, mspId: this.mspId };
  }
  // What others may ask of this peer.
  #services(gossip2) {
    const { host } = this.#components;
    return new Map([
      ...gossip2.services(),
      [PROCESS_PROPOSAL, proxied(host.services, PROCESS_PROPOSAL)],
      [OUTCOME_METHOD, unaryHandler((request, { remote }) => this.#outcome(request, remote))]
    ]);
  }
  // What this peer made of a block of a channel, for those who compare their ledgers with its.
  async #outcome(request, remote) {
    const { channel, number } = Object(JSON.parse(fromUtf8(request)));
    const found = this.#channels.get(String(channel));
    if (!found || !Number.isSafeInteger(number) || number < 0)
      throw new ServiceError(GrpcStatus.NOT_FOUND, "there is no such block here");
    return utf8(JSON.stringify(await found.outcome(number, remote)));
  }
  #newGossip(transport) {
    const { network, clock, random, log } = this.#components;
    return new GossipNode(
      {
        networkId: network.networkId,
        signer: this.#signer,
        pubsub: transport.pubsub,
        bindings: transport.bindings,
        client: (peerId) => transport.client(peerId),
        relayPeerId: network.relay.peerId,
        describeSelf: () => ({
          peerId: transport.peerId,
          webrtc: transport.webrtc,
          neighbours: transport.connections.neighbours().filter((peerId) => peerId !== network.relay.peerId).map(neighbourTag)
        }),
        clock,
        random,
        log: log.child("gossip")
      },
      network.gossip
    );
  }
  #newGatewayService(transport) {
    const { mspId, clock, trace } = this.#components;
    return new LazyGateway(async () => {
      const { gatewayComponents } = await import("./gateway-components-4QQL6UJ3.js");
      return gatewayComponents({
        self: { name: this.name, mspId },
        peer: this.peer,
        channel: (name) => this.#channels.get(name),
        transport,
        onCommitted: (listener) => this.events.on("block:committed", listener),
        clock,
        trace
      });
    });
  }
  #newGateway(service) {
    const { mspId, client, clock, randomBytes: randomBytes2, trace } = this.#components;
    return connect({
      identity: signing(mspId, client),
      client: ownClient(service.services, this.name),
      clock,
      randomBytes: randomBytes2,
      trace,
      name: this.name
    });
  }
  #about(description) {
    const { host, trace, log } = this.#components;
    const { gossip: gossip2, transport } = this.#require();
    return {
      description,
      gossip: gossip2,
      host,
      client: this.peer,
      reach: (peerId) => transport.reach(peerId),
      orderer: transport.relay,
      trace,
      log
    };
  }
  async #joinChannel(description, transport) {
    const { host, clock } = this.#components;
    const requester = new BlocksRequester(
      { client: transport.relay, signer: this.#signer, clock },
      description.name
    );
    const genesis = await requester.fetch(0, { signal: this.#stop.signal });
    const state = await host.join(description, genesis);
    this.#add(await NodeChannel.open(this.#about(description), this.network.gossip, state));
    await transport.recheck();
  }
  #add(channel) {
    const { name } = channel;
    this.#channels.set(name, channel);
    const { signal } = this.#stop;
    const changed = () => this.events.emit("changed", {});
    channel.events.on("changed", changed, { signal });
    channel.events.on("block:committed", (block) => this.#committed(block), { signal });
    channel.events.on(
      "leader:changed",
      (detail) => this.events.emit("leader:changed", { channel: name, ...detail }),
      { signal }
    );
    channel.events.on(
      "chaincode:installed",
      (detail) => this.events.emit("chaincode:installed", { channel: name, ...detail }),
      { signal }
    );
    channel.events.on(
      "ledger:compared",
      ({ difference }) => {
        if (difference) this.faults.raise(LEDGERS_DIFFER, differenceText(name, difference));
        else this.faults.clear(LEDGERS_DIFFER);
        this.events.emit("ledger:compared", { channel: name, difference });
      },
      { signal }
    );
    channel.events.on(
      "commit:failed",
      ({ error }) => void this.#commitFaults.add(this.faults.raiseError(error, "COMMIT_FAILED")),
      { signal }
    );
    this.events.emit("channel:joined", { channel });
    changed();
  }
  #committed(block) {
    this.#clearCommitFaults();
    this.events.emit("block:committed", block);
  }
  #logged(line) {
    this.logs.add(line);
    this.events.emit("chaincode:log", line);
  }
  #clearCommitFaults() {
    for (const code of this.#commitFaults) this.faults.clear(code);
    this.#commitFaults.clear();
  }
  // What the host tells.
  #listen() {
    const { events } = this.#components.host;
    const options = { signal: this.#stop.signal };
    events.on("trace", (event) => this.trace.emit(event), options);
    events.on("chaincode:log", (line) => this.#logged(line), options);
    events.on(
      "block:committed",
      (block) => this.#channels.get(block.channel)?.committed(block),
      options
    );
    events.on(
      "config:changed",
      ({ channel, config }) => {
        this.#useConfig(channel, config).catch((error) => {
          this.faults.raiseError(error, "CONFIG_REJECTED");
        });
      },
      options
    );
    events.on("crashed", ({ message }) => this.faults.raise("WORKER_CRASHED", message), options);
    events.on("store:lost", (why) => void this.#storeLost(why), options);
  }
  async #useConfig(channel, config) {
    await this.#channels.get(channel)?.useConfig(config);
    await this.transport?.recheck();
  }
  // Others must not count on this peer any more.
  async #storeLost(why) {
    this.#lost = new FabricError(why.code, why.message);
    this.#clearCommitFaults();
    this.faults.raise(why.code, why.message);
    this.events.emit("store:lost", why);
    this.#running?.service.stop(this.#lost);
    for (const channel of this.#channels.values()) await channel.stop(this.#lost);
    await this.#running?.gossip.stop();
  }
  // What the network and the place tell.
  #follow(transport, gossip2) {
    const { place } = this.#components;
    const { connections } = transport;
    const options = { signal: this.#stop.signal };
    const changed = () => this.events.emit("changed", {});
    connections.events.on("status:changed", changed, options);
    connections.events.on(
      "links:changed",
      () => {
        gossip2.changed();
        changed();
      },
      options
    );
    connections.events.on("relay:connected", () => void this.#reconnected(), options);
    gossip2.events.on(
      "identity:conflict",
      () => this.faults.raise("IDENTITY_CONFLICT", "another tab speaks with this peer\u2019s identity"),
      options
    );
    gossip2.events.on("member:lost", ({ peerId }) => transport.drop(peerId), options);
    place.events.on(
      "hidden:changed",
      ({ hidden }) => {
        gossip2.setHidden(hidden);
        if (!hidden) connections.retryNow();
      },
      options
    );
    place.events.on("resumed", () => connections.retryNow(), options);
    place.events.on("closing", () => gossip2.sayGoodbye(), options);
    gossip2.setHidden(place.hidden);
  }
  async #reconnected() {
    const { transport, gossip: gossip2 } = this.#require();
    try {
      await transport.relayReady(this.#stop.signal);
      await Promise.all([
        gossip2.reconnected(),
        ...this.channels().map((channel) => channel.reconnected()),
        this.#watchOrderer()
      ]);
    } catch (error) {
      this.#components.log.debug("not reconnected", { reason: messageOf(error) });
    }
  }
  // The orderer's stages of a transaction are known only to it; ended by the relay's end, begun again with its return.
  async #watchOrderer() {
    const { log } = this.#components;
    const { signal } = this.#stop;
    try {
      await watchTrace(this.#require().transport.relay, (event) => this.trace.emit(event), {
        signal
      });
    } catch (error) {
      if (!signal.aborted) log.debug("no trace of the orderer", { reason: messageOf(error) });
    }
  }
  async #installPackages(channel) {
    const options = { fetchMissing: this.#options.installPackages };
    await this.#installer.installNetworkPackages(channel.description, options, {
      installed: (chaincode) => channel.installed(chaincode),
      failed: (chaincode, error) => this.faults.raise("CHAINCODE_NOT_INSTALLED", `${chaincode}: ${messageOf(error)}`)
    });
  }
  #require() {
    if (this.#running) return this.#running;
    throw new FabricError("NOT_STARTED", "the peer has not started yet");
  }
};
function signing(mspId, { certificate, key }) {
  return createSigningIdentity(mspId, certificate, key);
}

// src/node/headless/libp2p-node.ts
import { privateKeyFromProtobuf } from "@libp2p/crypto/keys";

// src/node/comm/libp2p-node.ts
import { RELAY_V2_HOP_CODEC } from "@libp2p/circuit-relay-v2";
import { gossipsub } from "@libp2p/gossipsub";
import { FaultTolerance } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

// src/node/comm/gathered-writes.ts
import { Uint8ArrayList } from "uint8arraylist";
var MAX_GATHERED_BYTES = 64 * 1024;
function gatheredWrites(encrypter, defer = queueMicrotask) {
  return (components) => {
    const inner = encrypter(components);
    const wrap2 = (secure) => {
      return async (raw, options) => gathered2(raw, await secure(joined(raw), options), defer);
    };
    inner.secureInbound = wrap2(inner.secureInbound.bind(inner));
    inner.secureOutbound = wrap2(inner.secureOutbound.bind(inner));
    return inner;
  };
}
function joined(raw) {
  const send = raw.send.bind(raw);
  raw.send = (data) => send(data.subarray());
  return raw;
}
function gathered2(raw, secured, defer) {
  const { connection } = secured;
  const send = connection.send.bind(connection);
  let waiting = new Uint8ArrayList();
  const flush = () => {
    if (waiting.byteLength === 0) return;
    const list2 = waiting;
    waiting = new Uint8ArrayList();
    if (connection.status !== "open" || raw.status !== "open") return;
    try {
      send(list2);
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
    }
  };
  connection.send = (data) => {
    if (waiting.byteLength === 0) defer(flush);
    waiting.append(data);
    if (waiting.byteLength >= MAX_GATHERED_BYTES) flush();
    return !connection.writableNeedsDrain;
  };
  const close = raw.close.bind(raw);
  raw.close = (options) => {
    flush();
    return close(options);
  };
  return secured;
}

// src/node/comm/known-protocols.ts
import { serviceCapabilities } from "@libp2p/interface";
var GOSSIP_PROTOCOL = "/meshsub/1.2.0";
var KnownProtocols = class {
  [serviceCapabilities] = ["@libp2p/identify"];
  #components;
  #protocolsOf;
  #opened = (event) => void this.#tell(event.detail);
  constructor(components, protocolsOf2) {
    this.#components = components;
    this.#protocolsOf = protocolsOf2;
  }
  start() {
    this.#components.events.addEventListener("connection:open", this.#opened);
  }
  stop() {
    this.#components.events.removeEventListener("connection:open", this.#opened);
  }
  async #tell(connection) {
    if (!isDirect(connection)) return;
    const { events, peerStore } = this.#components;
    const peerId = connection.remotePeer;
    const protocols = [...this.#protocolsOf(connection)];
    try {
      await peerStore.merge(peerId, { protocols });
    } catch (error) {
      connection.log.error("protocols not stored", error);
      return;
    }
    const detail = { peerId, protocols, connection, listenAddrs: [] };
    events.safeDispatchEvent("peer:identify", { detail });
  }
};
function knownProtocols(protocolsOf2 = () => [GOSSIP_PROTOCOL]) {
  return (components) => new KnownProtocols(components, protocolsOf2);
}

// src/node/comm/libp2p-node.ts
var DIAL_TIMEOUT_MS = 2e4;
async function createPeerLibp2p({
  isBound,
  traffic,
  privateKey,
  transports = [],
  listen = []
}) {
  const node = await createLibp2p({
    metrics: () => traffic,
    privateKey,
    addresses: { listen: [...listen] },
    transports: [webSockets(), ...transports],
    // Without the relay there is nothing to listen on yet; that is no reason to fail.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [gatheredWrites(noise())],
    streamMuxers: [yamux({ keepAliveInterval: KEEP_ALIVE_MS })],
    // In browsers libp2p refuses private and insecure addresses: a laptop's relay is both.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: {
      maxConnections: 40,
      addressDialTimeout: DIAL_TIMEOUT_MS,
      dialTimeout: DIAL_TIMEOUT_MS + 1e4
    },
    // It opens a stream on every connection every few seconds. Connectivity asks a relay that fell silent; WebRTC has probes of its own.
    connectionMonitor: { enabled: false },
    services: {
      protocols: knownProtocols(protocolsOf),
      pubsub: gossipsub(gossipsubOptions(isBound))
    }
  });
  traffic.watchGossip(node.services.pubsub);
  return node;
}
function protocolsOf({ remoteAddr }) {
  const isRelay = !remoteAddr.toString().includes("/webrtc");
  return isRelay ? [GOSSIP_PROTOCOL, RELAY_V2_HOP_CODEC] : [GOSSIP_PROTOCOL];
}
function relayMultiaddr(page, peerId) {
  const secure = page.protocol === "https:";
  const host = page.hostname.replace(/^\[|\]$/g, "");
  const family = host.includes(":") ? "ip6" : /^\d+(\.\d+){3}$/.test(host) ? "ip4" : "dns";
  return `/${family}/${host}/tcp/${page.port || (secure ? 443 : 80)}${secure ? "/tls" : ""}/ws/p2p/${peerId}`;
}
function connectivityNode(node, {
  traffic,
  client
}) {
  return {
    peerId: node.peerId.toString(),
    connections: () => node.getConnections().map((connection) => {
      const webrtc = connection.remoteAddr.toString().includes("/webrtc");
      return {
        peerId: connection.remotePeer.toString(),
        kind: !isDirect(connection) ? "circuit" : webrtc ? "webrtc" : "websocket",
        heardAt: traffic.lastHeard(connection),
        close: () => connection.close({ signal: AbortSignal.timeout(1e3) }).catch((error) => connection.abort(error))
      };
    }),
    dial: async (address, options) => {
      await node.dial(multiaddr(address), options);
    },
    hasReservation: () => node.getMultiaddrs().some((address) => address.toString().includes("/p2p-circuit")),
    ping: async (peerId, options) => {
      await unary(client(peerId), PING_METHOD, EMPTY_BYTES, options);
    },
    onChange: (listener) => {
      const names = ["connection:open", "connection:close", "self:peer:update"];
      for (const name of names) node.addEventListener(name, listener);
      return () => {
        for (const name of names) node.removeEventListener(name, listener);
      };
    }
  };
}

// src/node/comm/bindings.ts
var Bindings = class {
  events = new TypedEventTarget();
  #clock;
  #byPeerId = /* @__PURE__ */ new Map();
  /** By hex PKI-ID. Two connections may prove the same identity: the newest. */
  #byPkiId = /* @__PURE__ */ new Map();
  constructor(components) {
    this.#clock = components.clock;
  }
  /** The binding of a peer, unless its certificate has expired meanwhile. */
  get(peerId) {
    const binding = this.#byPeerId.get(peerId);
    if (binding && binding.expiresAt <= this.#clock.now()) {
      this.remove(peerId);
      return void 0;
    }
    return binding;
  }
  /** The binding of the peer with this PKI-ID in hex. */
  byPkiId(pkiId) {
    const binding = this.#byPkiId.get(pkiId);
    return binding && this.get(binding.peerId);
  }
  has(peerId) {
    return this.get(peerId) !== void 0;
  }
  all() {
    return [...this.#byPeerId.keys()].flatMap((peerId) => this.get(peerId) ?? []);
  }
  set(binding) {
    this.remove(binding.peerId);
    this.#byPeerId.set(binding.peerId, binding);
    this.#byPkiId.set(toHex(binding.pkiId), binding);
    this.events.emit("binding:added", binding);
  }
  remove(peerId) {
    const binding = this.#byPeerId.get(peerId);
    if (!binding) return;
    this.#byPeerId.delete(peerId);
    const pkiId = toHex(binding.pkiId);
    if (this.#byPkiId.get(pkiId) === binding) {
      const other = [...this.#byPeerId.values()].find((one) => toHex(one.pkiId) === pkiId);
      if (other) this.#byPkiId.set(pkiId, other);
      else this.#byPkiId.delete(pkiId);
    }
    this.events.emit("binding:removed", binding);
  }
  /** The binding of a peer whose handshake may still be under way. Rejects with UNBOUND_PEER after `timeoutMs`, or with the signal's reason. */
  async waitFor(peerId, options) {
    const known = this.get(peerId);
    if (known) return known;
    const done = new AbortController();
    const added = new Promise((resolve5) => {
      this.events.on("binding:added", (binding) => binding.peerId === peerId && resolve5(binding), {
        signal: done.signal
      });
    });
    try {
      return await withDeadline(
        this.#clock,
        options.timeoutMs,
        "the handshake",
        (signal) => raceAbort(added, signal),
        options
      );
    } catch (cause) {
      options.signal.throwIfAborted();
      throw new FabricError(
        "UNBOUND_PEER",
        `${peerId} has not proven an identity of this network`,
        { cause }
      );
    } finally {
      done.abort();
    }
  }
};

// src/node/comm/connectivity-types.ts
var DEFAULT_CONNECTIVITY_OPTIONS = Object.freeze({
  webrtc: true,
  tickMs: 500,
  targetPeers: 3,
  maxDials: 2,
  relayDialTimeoutMs: 1e4,
  peerDialTimeoutMs: 25e3,
  yieldMs: 3e3,
  relayBackoff: Object.freeze({ firstMs: 500, maxMs: 1e4 }),
  peerBackoff: Object.freeze({ firstMs: 2e3, maxMs: 12e4 }),
  relaySilenceMs: 1e4,
  relayPingTimeoutMs: 5e3,
  reservationTimeoutMs: 15e3
});

// src/node/comm/connectivity.ts
var OFFLINE_AFTER_FAILURES = 3;
var RELAY_ONLY_AFTER_FAILURES = 2;
var Connectivity = class {
  events = new TypedEventTarget();
  #components;
  #options;
  #peers = /* @__PURE__ */ new Map();
  #relay;
  #stop;
  #status = { state: "starting", directPeers: 0, relayConnected: false };
  #links = "";
  #everConnected = false;
  #relayConnectedAt = 0;
  #answeredAt = 0;
  #pinging = false;
  #failedPings = 0;
  #peerFailure;
  #relayFailure;
  #failedDials = 0;
  #kick;
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_CONNECTIVITY_OPTIONS, ...options };
    this.#relay = newAttempts(0);
  }
  get status() {
    return this.#status;
  }
  /** Starts the loop; the first dial of the relay is under way when this returns. */
  start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const unlisten = this.#components.node.onChange(() => this.#refresh());
    signal.addEventListener("abort", unlisten);
    void this.#run(signal);
  }
  stop() {
    this.#stop?.abort(new Error("stopping"));
    this.#stop = void 0;
  }
  /** Tries again at once: the page became visible, or the browser says that it is online. */
  retryNow() {
    this.#relay.notBefore = 0;
    this.#answeredAt = 0;
    for (const attempts of this.#peers.values()) attempts.notBefore = 0;
    this.#kick?.();
  }
  /** How a peer is reached now. */
  link(peerId) {
    const { node, relay } = this.#components;
    if (peerId === node.peerId) return "self";
    const kinds = node.connections().flatMap((c) => c.peerId === peerId ? c.kind : []);
    if (kinds.includes("webrtc")) return "webrtc";
    if (peerId === relay.peerId) return kinds.includes("websocket") ? "relay" : "none";
    return this.#relayConnected() ? "relay" : "none";
  }
  /** Peer ids of direct neighbours, the relay included. */
  neighbours() {
    return [
      ...new Set(
        this.#components.node.connections().flatMap((c) => c.kind === "circuit" ? [] : c.peerId)
      )
    ];
  }
  async #run(signal) {
    const { clock, log } = this.#components;
    while (!signal.aborted) {
      try {
        this.#tick(signal);
      } catch (error) {
        log.error("connectivity", { reason: messageOf(error) });
      }
      await new Promise((resolve5) => {
        const cancel = clock.setTimer(resolve5, this.#options.tickMs);
        this.#kick = () => {
          cancel();
          resolve5();
        };
      });
    }
  }
  #tick(signal) {
    this.#holdRelay(signal);
    if (this.#relayConnected()) {
      this.#checkReservation();
      this.#checkRelay(signal);
      if (this.#options.webrtc) this.#dialPeers(signal);
    }
    this.#refresh();
  }
  #relayConnected() {
    const { node, relay } = this.#components;
    return node.connections().some((c) => c.peerId === relay.peerId && c.kind !== "circuit");
  }
  #holdRelay(signal) {
    const { node, relay, clock } = this.#components;
    if (this.#relayConnected() || this.#relay.busy || clock.now() < this.#relay.notBefore) return;
    void this.#dial(
      this.#relay,
      relay.address,
      this.#options.relayDialTimeoutMs,
      this.#options.relayBackoff,
      signal
    ).then((failure) => {
      this.#relayFailure = failure && `the relay does not answer: ${failure}`;
      if (failure === void 0 && node.connections().length > 0) this.#kick?.();
      this.#refresh();
    });
  }
  // A reservation that was lost comes back only with a new connection.
  #checkReservation() {
    const { node, clock, log } = this.#components;
    const { webrtc, reservationTimeoutMs } = this.#options;
    if (!webrtc || node.hasReservation()) this.#relayConnectedAt = clock.now();
    else if (clock.now() - this.#relayConnectedAt > reservationTimeoutMs) {
      log.warn("no circuit reservation at the relay; connecting again");
      this.#relayConnectedAt = clock.now();
      this.#closeRelay();
    }
  }
  // A socket whose other end has vanished looks open for minutes.
  #checkRelay(signal) {
    const { node, relay, clock, log } = this.#components;
    const { relaySilenceMs, relayPingTimeoutMs } = this.#options;
    const silentSince = Math.max(this.#answeredAt, this.#relayHeardAt());
    if (this.#pinging || clock.now() - silentSince < relaySilenceMs) return;
    this.#pinging = true;
    withDeadline(
      clock,
      relayPingTimeoutMs,
      "the ping",
      (bounded2) => node.ping(relay.peerId, { signal: bounded2 }),
      { signal }
    ).then(
      () => this.#relayAnswered(),
      (error) => {
        if (signal.aborted || this.#relayHeardAt() > silentSince) return this.#relayAnswered();
        if (++this.#failedPings < 2) return;
        log.warn("the relay does not answer; connecting again", { reason: messageOf(error) });
        this.#relayAnswered();
        this.#closeRelay();
      }
    ).finally(() => this.#pinging = false);
  }
  #relayHeardAt() {
    const { node, relay } = this.#components;
    return Math.max(
      0,
      ...node.connections().map((c) => c.peerId === relay.peerId ? c.heardAt ?? 0 : 0)
    );
  }
  #relayAnswered() {
    this.#answeredAt = this.#components.clock.now();
    this.#failedPings = 0;
  }
  #closeRelay() {
    const { node, relay } = this.#components;
    for (const connection of node.connections()) {
      if (connection.peerId === relay.peerId) void connection.close();
    }
  }
  #dialPeers(signal) {
    const { node, candidates, clock, random, relay } = this.#components;
    const { targetPeers, maxDials, yieldMs, peerDialTimeoutMs, peerBackoff } = this.#options;
    const known = candidates().filter(
      (candidate) => candidate.webrtc && candidate.peerId !== node.peerId
    );
    this.#forgetGone(known);
    const connected = this.#directPeers();
    const busy = [...this.#peers.values()].filter((attempts) => attempts.busy).length;
    let room = Math.min(targetPeers - connected.size - busy, maxDials - busy);
    const shuffled = known.map((candidate) => ({ candidate, at: random() })).sort((a, b) => a.at - b.at);
    for (const { candidate } of shuffled) {
      if (connected.has(candidate.peerId)) continue;
      const attempts = this.#attemptsOf(candidate.peerId);
      const waits = node.peerId > candidate.peerId && clock.now() - attempts.firstSeen < yieldMs;
      if (room <= 0 || attempts.busy || waits || clock.now() < attempts.notBefore) continue;
      room--;
      const address = `${relay.address}/p2p-circuit/webrtc/p2p/${candidate.peerId}`;
      void this.#dial(attempts, address, peerDialTimeoutMs, peerBackoff, signal).then((failure) => {
        this.#failedDials = failure === void 0 ? 0 : this.#failedDials + 1;
        this.#peerFailure = failure && `no direct connection to ${candidate.name}: ${failure}`;
        this.#refresh();
      });
    }
  }
  #forgetGone(known) {
    const ids = new Set(known.map((candidate) => candidate.peerId));
    for (const [peerId, attempts] of this.#peers)
      if (!attempts.busy && !ids.has(peerId)) this.#peers.delete(peerId);
  }
  #attemptsOf(peerId) {
    const attempts = this.#peers.get(peerId) ?? newAttempts(this.#components.clock.now());
    this.#peers.set(peerId, attempts);
    return attempts;
  }
  #directPeers() {
    const { node, relay } = this.#components;
    return new Set(
      node.connections().flatMap((c) => c.kind === "circuit" || c.peerId === relay.peerId ? [] : c.peerId)
    );
  }
  // Resolves to what went wrong, or undefined.
  async #dial(attempts, address, timeoutMs, backoff, signal) {
    const { clock, node, log } = this.#components;
    attempts.busy = true;
    try {
      await withDeadline(
        clock,
        timeoutMs,
        "the dial",
        (bounded2) => node.dial(address, { signal: bounded2 }),
        { signal }
      );
      attempts.failures = 0;
      return void 0;
    } catch (error) {
      attempts.failures++;
      attempts.notBefore = clock.now() + Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempts.failures - 1));
      if (!signal.aborted)
        log.debug("dial failed", {
          address,
          failures: attempts.failures,
          reason: messageOf(error)
        });
      return messageOf(error);
    } finally {
      attempts.busy = false;
    }
  }
  #refresh() {
    if (!this.#stop) return;
    const before = this.#status;
    const status = this.#assess();
    this.#status = status;
    if (status.relayConnected && !before.relayConnected) this.#relayUp();
    if (status.state !== before.state || status.detail !== before.detail || status.directPeers !== before.directPeers || status.relayConnected !== before.relayConnected) {
      this.events.emit("status:changed", status);
    }
    const links = this.neighbours().sort().join();
    if (links !== this.#links) {
      this.#links = links;
      this.events.emit("links:changed", {});
    }
  }
  #relayUp() {
    const { clock, relay } = this.#components;
    this.#everConnected = true;
    this.#relayConnectedAt = clock.now();
    this.#relayAnswered();
    this.#relayFailure = void 0;
    this.events.emit("relay:connected", { peerId: relay.peerId });
  }
  #assess() {
    const relayConnected = this.#relayConnected();
    const directPeers = this.#directPeers().size;
    const base = { directPeers, relayConnected };
    const lost = this.#relayFailure;
    if (relayConnected) {
      if (!this.#options.webrtc)
        return { ...base, state: "relay-only", detail: "this browser offers no WebRTC" };
      const failing = directPeers === 0 && this.#failedDials >= RELAY_ONLY_AFTER_FAILURES;
      return {
        ...base,
        state: failing ? "relay-only" : "online",
        ...failing && this.#peerFailure ? { detail: this.#peerFailure } : {}
      };
    }
    const detail = lost ? { detail: lost } : {};
    if (directPeers === 0 && this.#relay.failures >= OFFLINE_AFTER_FAILURES)
      return { ...base, state: "offline", ...detail };
    return { ...base, state: this.#everConnected ? "reconnecting" : "connecting", ...detail };
  }
};
function newAttempts(now) {
  return { firstSeen: now, failures: 0, notBefore: 0, busy: false };
}

// src/node/comm/forwarding.ts
var FORWARD_METHOD = "/tabric.Relay/Forward";
function forwardedClient(relay, peerId) {
  return {
    call: (method, requests, options) => relay.call(FORWARD_METHOD, withHeader(utf8(`${peerId} ${method}`), requests), options)
  };
}
async function* withHeader(header2, requests) {
  yield header2;
  yield* requests;
}

// src/common/runtime/periodic-task.ts
var PeriodicTask = class {
  #options;
  #stop;
  constructor(options) {
    this.#options = options;
  }
  start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#repeat(this.#stop.signal);
  }
  stop() {
    this.#stop?.abort(new Error("stopping"));
    this.#stop = void 0;
  }
  async #repeat(signal) {
    const { name, everyMs, clock, log, run: run3 } = this.#options;
    while (!signal.aborted) {
      try {
        await clock.sleep(everyMs, { signal });
        await run3(signal);
      } catch (error) {
        if (!signal.aborted) log.error(name, { reason: messageOf(error) });
      }
    }
  }
};

// src/node/comm/gossip-streams.ts
var DEFAULT_GOSSIP_STREAMS_OPTIONS = Object.freeze({
  everyMs: 5e3,
  checks: 3
});
var GOSSIP_PROTOCOL2 = /^\/(meshsub|floodsub)\//;
var GossipStreams = class {
  #components;
  #options;
  /** Times in a row that a peer was without one which it had before. */
  #missing = /* @__PURE__ */ new Map();
  #task;
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_GOSSIP_STREAMS_OPTIONS, ...options };
    const { clock, log } = components;
    const { everyMs } = this.#options;
    this.#task = new PeriodicTask({
      name: "gossip streams",
      everyMs,
      clock,
      log,
      run: () => this.#check()
    });
  }
  start() {
    this.#task.start();
  }
  stop() {
    this.#task.stop();
  }
  #check() {
    const { node, isBound, log } = this.#components;
    const byPeer = /* @__PURE__ */ new Map();
    for (const connection of node.getConnections().filter(isDirect)) {
      const peerId = connection.remotePeer.toString();
      if (isBound(peerId)) byPeer.set(peerId, [...byPeer.get(peerId) ?? [], connection]);
    }
    const missing = /* @__PURE__ */ new Map();
    for (const [peerId, connections] of byPeer) {
      const before = this.#missing.get(peerId);
      if (connections.some(hasGossip)) missing.set(peerId, 0);
      if (before === void 0 || missing.has(peerId)) continue;
      const times = before + 1;
      missing.set(peerId, times);
      if (times < this.#options.checks) continue;
      missing.delete(peerId);
      log.info("a connection without gossip is closed", { peerId });
      for (const connection of connections)
        void closeConnection(connection, new Error("its gossip stream has died"));
    }
    this.#missing = missing;
  }
};
function hasGossip({ streams }) {
  return streams.some(
    ({ protocol, direction, status }) => direction === "outbound" && status === "open" && GOSSIP_PROTOCOL2.test(protocol)
  );
}

// src/node/comm/handshake.ts
import { sha256 as sha25618 } from "@noble/hashes/sha2.js";

// src/node/comm/frames.ts
import { Uint8ArrayList as Uint8ArrayList2 } from "uint8arraylist";
var HEADER_BYTES = 4;
var FrameError = class extends FabricError {
  name = "FrameError";
};
var FrameDecoder = class {
  #maxBodyBytes;
  #pending = new Uint8ArrayList2();
  constructor(maxBodyBytes) {
    this.#maxBodyBytes = maxBodyBytes;
  }
  /** The frames that are complete with these bytes. Throws FrameError FRAME_SIZE when one is empty or above the bound. */
  push(bytes) {
    this.#pending.append(bytes);
    const frames = [];
    while (this.#pending.length >= HEADER_BYTES) {
      const length = this.#pending.getUint32(0);
      if (length < 1 || length > this.#maxBodyBytes + 1) {
        throw new FrameError(
          "FRAME_SIZE",
          `a frame of ${length} bytes, at most ${this.#maxBodyBytes + 1} are allowed`
        );
      }
      if (this.#pending.length < HEADER_BYTES + length) break;
      const type = this.#pending.get(HEADER_BYTES);
      const body = this.#pending.slice(HEADER_BYTES + 1, HEADER_BYTES + length);
      this.#pending.consume(HEADER_BYTES + length);
      frames.push({ type, body });
    }
    return frames;
  }
};
function encodeFrame(type, ...parts) {
  const header2 = new Uint8Array(HEADER_BYTES + 1);
  const length = parts.reduce((sum, part) => sum + part.length, 1);
  new DataView(header2.buffer).setUint32(0, length);
  header2[HEADER_BYTES] = type;
  return new Uint8ArrayList2(header2, ...parts);
}
var GATHER_MICROTASKS = 24;
var MAX_GATHERED_BYTES2 = 16 * 1024;
var FrameStream = class {
  #stream;
  #decoder;
  #sink;
  #waiting = new Uint8ArrayList2();
  constructor(stream, maxBodyBytes, sink) {
    this.#stream = stream;
    this.#sink = sink;
    this.#decoder = new FrameDecoder(maxBodyBytes);
    stream.addEventListener("message", ({ data }) => this.#receive(data));
    const end = () => {
      if (stream.status !== "aborted" && stream.status !== "reset") this.#sink.end();
    };
    if (stream.readableEnded) queueMicrotask(end);
    else stream.addEventListener("end", end, { once: true });
    if (stream.status === "open" || stream.status === "closing") {
      stream.addEventListener("close", ({ error }) => this.#sink.closed(error), { once: true });
    } else {
      queueMicrotask(
        () => this.#sink.closed(
          new FrameError("STREAM_CLOSED", "the stream was closed before it was used")
        )
      );
    }
  }
  /** Whether frames can go both ways. */
  get open() {
    return this.#stream.status === "open" && !this.#stream.readableEnded;
  }
  /** From now on, another sink. */
  attach(sink) {
    this.#sink = sink;
  }
  /** Sends a frame; resolves when the transport can take more, rejects when the stream closes first. */
  async send(type, ...parts) {
    if (this.#waiting.length === 0) void this.#flushSoon();
    this.#waiting.append(encodeFrame(type, ...parts));
    if (this.#waiting.length < MAX_GATHERED_BYTES2 && !this.#stream.writableNeedsDrain) return;
    this.#flush();
    while (this.#stream.writableNeedsDrain) await this.#drained();
  }
  /** Closes this side's half once everything sent is on its way. */
  async close(options) {
    this.#tryFlush();
    await this.#stream.close(options);
  }
  /** Drops everything and tells the other side at once. */
  abort(error) {
    this.#waiting = new Uint8ArrayList2();
    this.#stream.abort(error);
  }
  async #flushSoon() {
    for (let i = 0; i < GATHER_MICROTASKS; i++) await void 0;
    this.#tryFlush();
  }
  #flush() {
    if (this.#waiting.length === 0) return;
    const list2 = this.#waiting;
    this.#waiting = new Uint8ArrayList2();
    this.#stream.send(list2);
  }
  // A stream that cannot be written to any more closes, and its sink learns it from there.
  #tryFlush() {
    try {
      this.#flush();
    } catch (error) {
      this.#stream.abort(error instanceof Error ? error : new FrameError("SEND", String(error)));
    }
  }
  #receive(data) {
    try {
      for (const frame of this.#decoder.push(data)) this.#sink.frame(frame);
    } catch (error) {
      this.abort(error instanceof Error ? error : new FrameError("FRAME", String(error)));
    }
  }
  // Stream.onDrain() of libp2p 3.3 keeps its first promise permanently, so from the second time on it does not wait.
  #drained() {
    const stream = this.#stream;
    return new Promise((resolve5, reject) => {
      const done = () => {
        stream.removeEventListener("drain", drained);
        stream.removeEventListener("close", closed);
      };
      const drained = () => {
        done();
        queueMicrotask(() => queueMicrotask(resolve5));
      };
      const closed = () => {
        done();
        reject(new FrameError("STREAM_CLOSED", "the stream closed while it was written to"));
      };
      stream.addEventListener("drain", drained);
      stream.addEventListener("close", closed);
    });
  }
};

// src/node/comm/handshake.ts
var FRAME = Object.freeze({ CONN: 1, ACK: 2, REFUSE: 3 });
var MAX_FRAME_BYTES = 16 * 1024;
var DEFAULT_HANDSHAKE_OPTIONS = Object.freeze({
  timeoutMs: 5e3,
  attempts: 4,
  closeUnboundAfterMs: 2e4
});
var Handshake = class {
  events = new TypedEventTarget();
  #components;
  #options;
  /** Ends the wait for the handshake of each connection. */
  #waits = /* @__PURE__ */ new Map();
  #stop;
  constructor(components, options = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_HANDSHAKE_OPTIONS, ...options };
  }
  async start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { node } = this.#components;
    await node.handle(
      CONN_PROTOCOL,
      (stream, connection) => this.#answer(stream, connection, signal)
    );
    const opened = (event) => this.#opened(event.detail, signal);
    const closed = (event) => this.#closed(event.detail);
    node.addEventListener("connection:open", opened);
    node.addEventListener("connection:close", closed);
    signal.addEventListener("abort", () => {
      node.removeEventListener("connection:open", opened);
      node.removeEventListener("connection:close", closed);
    });
    for (const connection of node.getConnections()) this.#opened(connection, signal);
  }
  async stop() {
    if (!this.#stop) return;
    this.#stop.abort();
    this.#stop = void 0;
    for (const end of this.#waits.values()) end();
    this.#waits.clear();
    await this.#components.node.unhandle(CONN_PROTOCOL);
  }
  /** Checks all bound identities again, after the channel's configuration changed; drops those that fail. */
  async recheck() {
    const { bindings, checkIdentity, node } = this.#components;
    for (const { peerId, identity } of bindings.all()) {
      try {
        await checkIdentity(identity, peerId);
      } catch (error) {
        this.#fail(peerId, true, `no longer a member: ${messageOf(error)}`);
        bindings.remove(peerId);
        for (const connection of node.getConnections()) {
          if (connection.remotePeer.toString() === peerId)
            void closeConnection(connection, new GossipError("NOT_A_MEMBER", messageOf(error)));
        }
      }
    }
  }
  #opened(connection, signal) {
    if (!isDirect(connection)) return;
    const { bindings, clock } = this.#components;
    const peerId = connection.remotePeer.toString();
    if (connection.direction === "outbound") void this.#dial(connection, signal);
    if (this.#options.closeUnboundAfterMs === 0) return;
    const end = clock.setTimer(() => {
      this.#waits.delete(connection);
      if (signal.aborted || connection.status !== "open" || bindings.has(peerId)) return;
      this.#fail(peerId, false, "no handshake");
      void closeConnection(
        connection,
        new GossipError("UNBOUND_PEER", `${peerId} did not prove an identity`)
      );
    }, this.#options.closeUnboundAfterMs);
    this.#waits.set(connection, end);
  }
  #closed(connection) {
    this.#waits.get(connection)?.();
    this.#waits.delete(connection);
    const peer = connection.remotePeer;
    const { node, bindings } = this.#components;
    const left = node.getConnections().some((connection2) => connection2.remotePeer.equals(peer) && isDirect(connection2));
    if (!left) bindings.remove(peer.toString());
  }
  async #dial(connection, signal) {
    const { clock, bindings } = this.#components;
    const peerId = connection.remotePeer.toString();
    for (let attempt = 0; attempt < this.#options.attempts; attempt++) {
      try {
        if (attempt > 0) await clock.sleep(500 * 2 ** attempt, { signal });
        if (!isDirect(connection)) return;
        bindings.set(await this.#propose(connection, signal));
        return;
      } catch (error) {
        if (signal.aborted) return;
        const refused = error instanceof GossipError;
        this.#fail(peerId, refused, messageOf(error));
        if (refused) return closeConnection(connection, error);
      }
    }
  }
  #propose(connection, signal) {
    return this.#bounded(signal, async (bounded2) => {
      const stream = await connection.newStream(CONN_PROTOCOL, { signal: bounded2 });
      const io = new HandshakeStream(stream);
      try {
        await io.send(FRAME.CONN, await this.#conn(connection.remotePeer));
        const binding = await this.#verifyOrRefuse(
          io,
          await io.read(bounded2),
          connection.remotePeer
        );
        await io.send(FRAME.ACK);
        await io.close(bounded2);
        return binding;
      } catch (error) {
        stream.abort(error);
        throw error;
      }
    });
  }
  async #answer(stream, connection, signal) {
    const peerId = connection.remotePeer.toString();
    try {
      const binding = await this.#bounded(signal, async (bounded2) => {
        const io = new HandshakeStream(stream);
        const proven = await this.#verifyOrRefuse(
          io,
          await io.read(bounded2),
          connection.remotePeer
        );
        await io.send(FRAME.CONN, await this.#conn(connection.remotePeer));
        expectType(await io.read(bounded2), FRAME.ACK);
        await io.close(bounded2);
        return proven;
      });
      if (isDirect(connection)) this.#components.bindings.set(binding);
    } catch (error) {
      stream.abort(error);
      if (!signal.aborted) this.#fail(peerId, error instanceof GossipError, messageOf(error));
    }
  }
  #bounded(signal, work) {
    return withDeadline(this.#components.clock, this.#options.timeoutMs, "the handshake", work, {
      signal
    });
  }
  async #conn(remote) {
    const { signer, node } = this.#components;
    const identity = signer.serialize();
    const conn = {
      pki_id: pkiIdOf(identity),
      identity,
      tls_cert_hash: bindingHash(node.peerId, remote),
      probe: false
    };
    return signMessage({ tag: gossip.GossipMessage.Tag.EMPTY, conn }, signer);
  }
  async #verifyOrRefuse(io, frame, remote) {
    expectType(frame, FRAME.CONN);
    try {
      return await this.#verify(frame.body, remote);
    } catch (error) {
      await io.send(FRAME.REFUSE, utf8(messageOf(error).slice(0, 500)));
      await withDeadline(
        this.#components.clock,
        1e3,
        "closing",
        (bounded2) => io.close(bounded2)
      ).catch(() => {
      });
      throw error instanceof GossipError ? error : new GossipError("NOT_A_MEMBER", messageOf(error), { cause: error });
    }
  }
  async #verify(envelope, remote) {
    const { node, checkIdentity } = this.#components;
    const { message, payload, signature } = openEnvelope(envelope, MAX_FRAME_BYTES);
    const { conn } = message;
    if (!conn) throw new GossipError("NO_CONN", "the first message is not a ConnEstablish");
    if (!equalBytes(conn.tls_cert_hash, bindingHash(remote, node.peerId))) {
      throw new GossipError("WRONG_PEER", "the ConnEstablish is for another connection");
    }
    const pkiId = pkiIdOf(conn.identity);
    if (!equalBytes(pkiId, conn.pki_id))
      throw new GossipError("PKI_ID_MISMATCH", "the PKI-ID is not that of the identity");
    const peerId = remote.toString();
    const identity = await checkIdentity(conn.identity, peerId);
    if (!await identity.verify(payload, signature))
      throw new GossipError("BAD_SIGNATURE", "the signature of the ConnEstablish is wrong");
    const { mspId, serialized, expiresAt } = identity;
    return {
      peerId,
      mspId,
      identity: serialized,
      pkiId,
      name: nameOfIdentity(serialized),
      expiresAt
    };
  }
  #fail(peerId, refused, reason) {
    this.#components.log.warn(`handshake with ${peerId} ${refused ? "refused" : "failed"}`, {
      reason
    });
    this.events.emit("handshake:failed", { peerId, refused, reason });
  }
};
function bindingHash(own, remote) {
  return sha25618(concat(own.toMultihash().bytes, remote.toMultihash().bytes));
}
function expectType(frame, type) {
  if (frame.type === type) return;
  if (frame.type === FRAME.REFUSE)
    throw new GossipError("REFUSED", `refused by the other side: ${fromUtf8(frame.body)}`);
  throw new GossipError("UNEXPECTED_FRAME", `frame ${frame.type} where ${type} was due`);
}
var HandshakeStream = class {
  #frames;
  #waiting = [];
  #ended;
  #wake;
  constructor(stream) {
    const over = (error) => {
      this.#ended ??= error;
      this.#wake?.();
    };
    this.#frames = new FrameStream(stream, MAX_FRAME_BYTES, {
      frame: (frame) => {
        if (this.#waiting.push(frame) > 2)
          throw new GossipError("UNEXPECTED_FRAME", "too many frames in a handshake");
        this.#wake?.();
      },
      end: () => over(new Error("the other side hung up")),
      closed: (error) => over(error ?? new Error("the other side hung up"))
    });
  }
  send(type, body = EMPTY_BYTES) {
    return this.#frames.send(type, body);
  }
  async read(signal) {
    for (; ; ) {
      signal.throwIfAborted();
      const frame = this.#waiting.shift();
      if (frame) return frame;
      if (this.#ended) throw this.#ended;
      await new Promise((resolve5) => this.#wake = resolve5);
    }
  }
  close(signal) {
    return this.#frames.close({ signal });
  }
};

// src/common/wire/status.ts
var MAX_STATUS_BYTES = 16 * 1024;
var MAX_TEXT3 = 1e3;
var DETAIL_TYPE = "type.googleapis.com/gateway.ErrorDetail";
var CODES = new Set(Object.values(GrpcStatus));
function encodeStatus({ status, message, details }) {
  const encode2 = (some) => google.rpc.Status.encode({
    code: status,
    message: message.slice(0, MAX_TEXT3),
    details: some.map((detail) => ({ type_url: DETAIL_TYPE, value: encodeDetail(detail) }))
  }).finish();
  let kept = details.slice(0, MAX_STATUS_BYTES / DETAIL_TYPE.length);
  for (; ; ) {
    const bytes = encode2(kept);
    if (bytes.length <= MAX_STATUS_BYTES) return bytes;
    kept = kept.slice(0, Math.floor(kept.length / 2));
  }
}
function decodeStatus(bytes) {
  try {
    const { code, message, details } = google.rpc.Status.decode(bytes);
    return new ServiceError(isStatus(code) ? code : GrpcStatus.UNKNOWN, message, {
      details: details.filter(({ type_url }) => type_url === DETAIL_TYPE).map(decodeDetail)
    });
  } catch (cause) {
    return new ServiceError(GrpcStatus.UNKNOWN, "a status that cannot be read", { cause });
  }
}
function isStatus(code) {
  return CODES.has(code);
}
function encodeDetail({ address, mspId, message }) {
  return gateway.ErrorDetail.encode({
    address: address.slice(0, MAX_TEXT3),
    msp_id: mspId.slice(0, MAX_TEXT3),
    message: message.slice(0, MAX_TEXT3)
  }).finish();
}
function decodeDetail({ value }) {
  const { address, msp_id: mspId, message } = gateway.ErrorDetail.decode(value);
  return { address, mspId, message };
}

// src/node/comm/call-stream.ts
var FRAME2 = Object.freeze({
  METHOD: 1,
  CHUNK: 2,
  LAST: 3,
  CREDIT: 4,
  END: 5,
  STATUS: 6
});
var FRAME_COST_BYTES = 32;
var MAX_METHOD_BYTES = 4096;
var DEFAULT_CALL_STREAM_OPTIONS = Object.freeze({
  maxMessageBytes: 100 * 1024 * 1024,
  windowBytes: 1024 * 1024,
  chunkBytes: 64 * 1024,
  closeTimeoutMs: 1e4,
  // 35 kB/s.
  assemblyTimeoutMs: 3e4
});
var MAX_STRANGE_BYTES = 256 * 1024;
var OVER = new ServiceError(GrpcStatus.OK, "the call is over");
var IDLE = Object.freeze({
  frame: () => {
    throw new FrameError("NO_CALL", "a frame outside of a call");
  },
  end: () => {
  },
  closed: () => {
  }
});
function callFrames(stream, { chunkBytes }) {
  return new FrameStream(stream, Math.max(chunkBytes, MAX_STATUS_BYTES), IDLE);
}
var CallStream = class {
  #frames;
  #options;
  #closed = new AbortController();
  // Receiving.
  #chunks = [];
  #assembledBytes = 0;
  #assembledCost = 0;
  #finished = [];
  #outstanding = 0;
  #withheld = 0;
  #ended = false;
  #skipping;
  #unnamed;
  #wakeReader;
  #account;
  #strange;
  #charged = 0;
  // Sending.
  #credit;
  #wakeWriter;
  #sending = Promise.resolve();
  #endSent = false;
  #statusRead = false;
  #method = Promise.withResolvers();
  constructor(frames, role, options = DEFAULT_CALL_STREAM_OPTIONS) {
    this.#options = options;
    this.#credit = options.windowBytes;
    this.#unnamed = role !== "caller";
    this.#strange = role !== "caller";
    this.#skipping = role === "server-after-unfinished";
    this.#method.promise.catch(() => {
    });
    this.#frames = frames;
    frames.attach({
      frame: (frame) => this.#receive(frame),
      end: () => this.#finish(
        new ServiceError(GrpcStatus.UNAVAILABLE, "the call was cut off without a status")
      ),
      closed: (error) => this.#finish(resetError(error))
    });
  }
  /** Aborted when the stream is gone or the final status came; the reason is a ServiceError. */
  get closed() {
    return this.#closed.signal;
  }
  /** Caller: the call is over and its stream can carry another one. */
  get reusable() {
    return this.#endSent && this.#statusRead && this.#frames.open;
  }
  /** Server: the caller has sent all its requests. */
  get requestsEnded() {
    return this.#ended;
  }
  /** Server: from now on it is known who calls, and what it sends is charged to `account`. Throws FrameError when that has no room. */
  admit(account) {
    this.#account = account;
    this.#strange = false;
    this.#charge(
      this.#assembledBytes + this.#finished.reduce((sum, { bytes }) => sum + bytes.length, 0)
    );
    if (this.#finished.length === 0) this.#returnCredit();
  }
  /** The method that the caller named first. */
  method() {
    return this.#method.promise;
  }
  sendMethod(name) {
    return this.#enqueue(() => this.#frames.send(FRAME2.METHOD, utf8(name)));
  }
  /** Sends one message; resolves when the last chunk was handed to the transport. One at a time, in order of calls. */
  send(message) {
    const { maxMessageBytes } = this.#options;
    if (message.length > maxMessageBytes) {
      const text2 = `a message of ${message.length} bytes, at most ${maxMessageBytes} are allowed`;
      return Promise.reject(new ServiceError(GrpcStatus.RESOURCE_EXHAUSTED, text2));
    }
    return this.#enqueue(() => this.#sendChunks(message));
  }
  /** Tells the server that there are no more requests. */
  sendEnd() {
    return this.#enqueue(() => {
      this.#endSent = true;
      return this.#frames.send(FRAME2.END);
    });
  }
  /** Ends the call, well unless there is an error; the stream may carry another one. */
  async sendStatus(error) {
    const status = error ? encodeStatus(error) : EMPTY_BYTES;
    await this.#enqueue(() => this.#frames.send(FRAME2.STATUS, status));
    this.#finish(error ?? OVER);
  }
  /** Messages of the other side until it ends; throws a ServiceError when the call fails. One reader. */
  async *messages() {
    for (; ; ) {
      const next = this.#finished.shift();
      if (next) {
        this.#withheld += next.cost;
        this.#release(next.bytes.length);
        if (this.#finished.length === 0) this.#returnCredit();
        yield next.bytes;
      } else if (this.#ended) return;
      else if (this.closed.aborted) throw this.closed.reason;
      else await new Promise((resolve5) => this.#wakeReader = resolve5);
    }
  }
  /** Cancels the call: both sides drop what they hold. */
  abort(error) {
    this.#finish(error);
    this.#frames.abort(error);
  }
  /** Closes this side's half; resets the stream when that takes too long. */
  async close() {
    try {
      await this.#frames.close({ signal: AbortSignal.timeout(this.#options.closeTimeoutMs) });
    } catch (error) {
      this.#frames.abort(error instanceof Error ? error : new FrameError("CLOSE", String(error)));
    }
  }
  // Writers take turns, so that chunks of two messages never mix.
  #enqueue(write2) {
    const turn = this.#sending.then(() => {
      this.closed.throwIfAborted();
      return write2();
    });
    this.#sending = turn.catch(() => {
    });
    return turn;
  }
  async #sendChunks(message) {
    const { chunkBytes } = this.#options;
    let offset = 0;
    do {
      const chunk = message.subarray(offset, offset + chunkBytes);
      offset += chunk.length;
      const cost = chunk.length + FRAME_COST_BYTES;
      while (this.#credit < cost) {
        this.closed.throwIfAborted();
        await new Promise((resolve5) => this.#wakeWriter = resolve5);
      }
      this.closed.throwIfAborted();
      this.#credit -= cost;
      await this.#frames.send(offset < message.length ? FRAME2.CHUNK : FRAME2.LAST, chunk);
    } while (offset < message.length);
  }
  // Throwing resets the stream.
  #receive({ type, body }) {
    if (this.#skipping) this.#skip(type, body);
    else if (type === FRAME2.CHUNK || type === FRAME2.LAST)
      this.#receiveChunk(body, type === FRAME2.LAST);
    else if (type === FRAME2.CREDIT) this.#receiveCredit(body);
    else if (type === FRAME2.METHOD) this.#receiveMethod(body);
    else if (type === FRAME2.END) this.#receiveEnd();
    else if (type === FRAME2.STATUS) this.#receiveStatus(body);
    else throw new FrameError("FRAME_TYPE", `frame of unknown type ${type}`);
  }
  #skip(type, body) {
    if (type === FRAME2.END) {
      this.#skipping = false;
      this.#outstanding = 0;
    } else if (type === FRAME2.CHUNK || type === FRAME2.LAST) this.#takeCredit(body);
    else if (type !== FRAME2.CREDIT)
      throw new FrameError("FRAME_TYPE", `frame of type ${type} after the status`);
  }
  #receiveMethod(body) {
    if (!this.#unnamed) throw new FrameError("FRAME_TYPE", "a second method in one call");
    this.#unnamed = false;
    if (body.length > MAX_METHOD_BYTES) {
      throw new FrameError("FRAME_SIZE", "the name of the method is too long");
    }
    this.#method.resolve(fromUtf8(body));
  }
  #receiveEnd() {
    this.#ended = true;
    this.#wakeReader?.();
  }
  #receiveChunk(body, last) {
    const cost = this.#takeCredit(body);
    if (this.#ended) throw new FrameError("AFTER_END", "a message after the end");
    this.#assembledBytes += body.length;
    if (this.#assembledBytes > this.#options.maxMessageBytes) {
      throw new FrameError(
        "MESSAGE_SIZE",
        `a message above ${this.#options.maxMessageBytes} bytes`
      );
    }
    this.#charge(body.length);
    this.#chunks.push(body);
    this.#assembledCost += cost;
    if (!last && this.#chunks.length === 1) this.#watchAssembly(this.#chunks);
    if (last) {
      const only = this.#chunks.length === 1 ? this.#chunks[0] : void 0;
      this.#finished.push({ bytes: only ?? concat(...this.#chunks), cost: this.#assembledCost });
      this.#chunks = [];
      this.#assembledBytes = 0;
      this.#assembledCost = 0;
      this.#wakeReader?.();
    } else if (this.#finished.length === 0) {
      this.#withheld += this.#assembledCost;
      this.#assembledCost = 0;
      this.#returnCredit();
    }
  }
  #takeCredit(body) {
    const cost = body.length + FRAME_COST_BYTES;
    this.#outstanding += cost;
    if (this.#outstanding > this.#options.windowBytes)
      throw new FrameError("NO_CREDIT", "more bytes than credit was given for");
    if (this.#strange && this.#outstanding > MAX_STRANGE_BYTES)
      throw new FrameError("STRANGER", "too many bytes before an identity was proven");
    return cost;
  }
  #charge(bytes) {
    if (!this.#account || bytes === 0) return;
    if (!this.#account.take(bytes))
      throw new FrameError("NO_ROOM", "too many bytes of unread requests");
    this.#charged += bytes;
  }
  #release(bytes) {
    if (!this.#account) return;
    const given = Math.min(bytes, this.#charged);
    this.#charged -= given;
    this.#account.give(given);
  }
  // `chunks` are those of one message.
  #watchAssembly(chunks) {
    const { assemblyTimeoutMs, windowBytes } = this.#options;
    const before = this.#assembledBytes;
    const check = () => {
      if (this.#chunks !== chunks || this.closed.aborted) return;
      const isHeldBack = this.#finished.length > 0;
      if (isHeldBack || this.#assembledBytes - before >= windowBytes) this.#watchAssembly(chunks);
      else this.abort(new ServiceError(GrpcStatus.DEADLINE_EXCEEDED, "a message came too slowly"));
    };
    AbortSignal.timeout(assemblyTimeoutMs).addEventListener("abort", check, { once: true });
  }
  #returnCredit() {
    this.#withheld += this.#assembledCost;
    this.#assembledCost = 0;
    if (this.#strange || this.#withheld < this.#options.windowBytes / 4 || this.closed.aborted)
      return;
    const credit = new Uint8Array(4);
    new DataView(credit.buffer).setUint32(0, this.#withheld);
    this.#outstanding -= this.#withheld;
    this.#withheld = 0;
    this.#frames.send(FRAME2.CREDIT, credit).catch(() => {
    });
  }
  #receiveCredit(body) {
    if (this.#unnamed) return;
    if (body.length !== 4) throw new FrameError("FRAME_SIZE", "credit is four bytes");
    this.#credit += new DataView(body.buffer, body.byteOffset).getUint32(0);
    if (this.#credit > this.#options.windowBytes)
      throw new FrameError("NO_CREDIT", "more credit than was used");
    this.#wakeWriter?.();
  }
  #receiveStatus(body) {
    if (body.length > MAX_STATUS_BYTES)
      throw new FrameError("FRAME_SIZE", "the status is too long");
    const status = decodeStatus(body);
    this.#statusRead = true;
    if (status.status === GrpcStatus.OK) {
      this.#ended = true;
      this.#finish(OVER);
      return;
    }
    this.#finish(status);
  }
  #finish(reason) {
    if (this.closed.aborted) return;
    this.#closed.abort(reason);
    this.#release(this.#charged);
    this.#method.reject(reason);
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
};
function resetError(cause) {
  if (cause instanceof FrameError)
    return new ServiceError(GrpcStatus.INTERNAL, cause.message, { cause });
  return new ServiceError(GrpcStatus.CANCELLED, "the stream was reset", { cause });
}

// src/node/comm/idle-streams.ts
var MAX_IDLE = 4;
var CLOSE_TIMEOUT_MS = 1e4;
var idle = /* @__PURE__ */ new WeakMap();
function takeIdle(connection) {
  const streams = idle.get(connection);
  const last = [...streams ?? []].at(-1);
  if (last) streams?.delete(last);
  return last;
}
function keepIdle(connection, frames) {
  const streams = idle.get(connection) ?? /* @__PURE__ */ new Set();
  idle.set(connection, streams);
  const close = () => {
    streams.delete(frames);
    frames.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch(() => frames.abort(new FrameError("CLOSE", "the stream did not close in time")));
  };
  if (streams.size >= MAX_IDLE) {
    close();
    return;
  }
  streams.add(frames);
  frames.attach({
    frame: () => {
      streams.delete(frames);
      throw new FrameError("NO_CALL", "a frame outside of a call");
    },
    end: close,
    closed: () => streams.delete(frames)
  });
}

// src/node/comm/receive-budget.ts
var DEFAULT_RECEIVE_BUDGET = Object.freeze({
  maxPerPeerBytes: 32 * 1024 * 1024,
  maxInAllBytes: 64 * 1024 * 1024
});
var ReceiveBudget = class {
  #options;
  #held = /* @__PURE__ */ new Map();
  #heldInAll = 0;
  #refused = 0;
  constructor(options = DEFAULT_RECEIVE_BUDGET) {
    this.#options = options;
  }
  get heldBytes() {
    return this.#heldInAll;
  }
  /** How often there was no room. */
  get refused() {
    return this.#refused;
  }
  account(peerId) {
    return {
      take: (bytes) => this.#take(peerId, bytes),
      give: (bytes) => this.#change(peerId, -bytes)
    };
  }
  #take(peerId, bytes) {
    const { maxPerPeerBytes, maxInAllBytes } = this.#options;
    const ofPeer = (this.#held.get(peerId) ?? 0) + bytes;
    if (ofPeer > maxPerPeerBytes || this.#heldInAll + bytes > maxInAllBytes) {
      this.#refused++;
      return false;
    }
    this.#change(peerId, bytes);
    return true;
  }
  #change(peerId, bytes) {
    const ofPeer = (this.#held.get(peerId) ?? 0) + bytes;
    if (ofPeer > 0) this.#held.set(peerId, ofPeer);
    else this.#held.delete(peerId);
    this.#heldInAll += bytes;
  }
};

// src/node/comm/stream-services.ts
var DEFAULT_STREAM_SERVICES_OPTIONS = Object.freeze({
  ...DEFAULT_CALL_STREAM_OPTIONS,
  maxCallsPerConnection: 128,
  maxCallsOfStranger: 8,
  bindingTimeoutMs: 5e3
});
var OWN_METHODS = /* @__PURE__ */ new Map([[PING_METHOD, unaryHandler(async () => EMPTY_BYTES)]]);
var StreamServices = class {
  #components;
  #options;
  #budget;
  /** Calls of peers that are not bound yet, by peer id. */
  #strange = /* @__PURE__ */ new Map();
  #stop;
  constructor(components, options = {}) {
    this.#components = components;
    this.#budget = components.budget ?? new ReceiveBudget();
    this.#options = { ...DEFAULT_STREAM_SERVICES_OPTIONS, ...options };
  }
  async start() {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    await this.#components.node.handle(
      SERVICE_PROTOCOL,
      (stream, connection) => this.#accept(stream, connection, signal),
      {
        maxInboundStreams: this.#options.maxCallsPerConnection,
        maxOutboundStreams: this.#options.maxCallsPerConnection
      }
    );
  }
  async stop() {
    if (!this.#stop) return;
    this.#stop.abort(new ServiceError(GrpcStatus.UNAVAILABLE, "the node is stopping"));
    this.#stop = void 0;
    await this.#components.node.unhandle(SERVICE_PROTOCOL);
  }
  // One call after the other, until the caller closes the stream.
  async #accept(stream, connection, stopping) {
    const peerId = connection.remotePeer.toString();
    const strange = this.#strange.get(peerId) ?? 0;
    if (strange >= this.#options.maxCallsOfStranger) {
      stream.abort(new ServiceError(GrpcStatus.UNAUTHENTICATED, "too many calls of a stranger"));
      return;
    }
    const frames = callFrames(stream, this.#options);
    let call = new CallStream(frames, "server", this.#options);
    while (await this.#answer(call, peerId, stopping)) {
      const role = call.requestsEnded ? "server" : "server-after-unfinished";
      call = new CallStream(frames, role, this.#options);
      if (!frames.open) break;
    }
    await call.close();
  }
  // Whether the stream can carry on after this call.
  async #answer(call, peerId, stopping) {
    const signal = AbortSignal.any([stopping, call.closed]);
    let method = "";
    try {
      await this.#authenticate(peerId, signal);
      call.admit(this.#budget.account(peerId));
      method = await raceAbort(call.method(), signal);
      const binding = await this.#authenticate(peerId, signal);
      await this.#serve(call, method, contextOf(binding, signal));
      await call.sendStatus();
      return true;
    } catch (error) {
      if (call.closed.aborted) return false;
      const failure = serviceErrorOf(error);
      this.#components.log.debug(`call ${method} of ${peerId} failed`, {
        status: failure.status,
        reason: failure.message
      });
      return call.sendStatus(failure).then(
        () => !stopping.aborted,
        (cause) => {
          call.abort(cause);
          return false;
        }
      );
    }
  }
  async #authenticate(peerId, signal) {
    const known = this.#components.bindings.get(peerId);
    if (known) return known;
    this.#strange.set(peerId, (this.#strange.get(peerId) ?? 0) + 1);
    try {
      return await this.#components.bindings.waitFor(peerId, {
        timeoutMs: this.#options.bindingTimeoutMs,
        signal
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new ServiceError(GrpcStatus.UNAUTHENTICATED, messageOf(cause), { cause });
    } finally {
      const left = (this.#strange.get(peerId) ?? 0) - 1;
      if (left > 0) this.#strange.set(peerId, left);
      else this.#strange.delete(peerId);
    }
  }
  async #serve(call, method, context) {
    const handler = this.#components.services.get(method) ?? OWN_METHODS.get(method);
    if (!handler) throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `there is no method ${method}`);
    const responses = handler(call.messages(), context)[Symbol.asyncIterator]();
    try {
      for (; ; ) {
        const { done, value } = await raceAbort(responses.next(), context.signal);
        if (done) return;
        await call.send(value);
      }
    } catch (error) {
      void responses.return?.()?.catch(() => {
      });
      throw error;
    }
  }
};
function contextOf({ peerId, identity, mspId }, signal) {
  return { remote: { address: peerId, identity, mspId }, signal };
}

// src/node/comm/service-client.ts
var DEFAULT_SERVICE_CLIENT_OPTIONS = Object.freeze({
  ...DEFAULT_STREAM_SERVICES_OPTIONS,
  maxConcurrentCalls: 64
});
var StreamServiceClient = class {
  peerId;
  #components;
  #options;
  #open = 0;
  #waiting = [];
  constructor(components, peerId, options = {}) {
    this.#components = components;
    this.peerId = peerId;
    this.#options = { ...DEFAULT_SERVICE_CLIENT_OPTIONS, ...options };
  }
  async *call(method, requests, { signal }) {
    await this.#takeTurn(signal);
    let call;
    const abort = () => call?.abort(cancelled(signal));
    let release = () => {
    };
    try {
      const connection = this.#connection();
      await this.#authenticated(signal);
      const frames = takeIdle(connection) ?? await this.#newStream(connection, signal);
      call = new CallStream(frames, "caller", this.#options);
      release = () => keepIdle(connection, frames);
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
      void pump(call, method, requests);
      yield* call.messages();
    } finally {
      signal.removeEventListener("abort", abort);
      if (call && !call.closed.aborted)
        call.abort(new ServiceError(GrpcStatus.CANCELLED, "the caller stopped reading"));
      else if (call?.reusable) release();
      else void call?.close();
      this.#endTurn();
    }
  }
  async #authenticated(signal) {
    try {
      await this.#components.bindings.waitFor(this.peerId, {
        timeoutMs: this.#options.bindingTimeoutMs,
        signal
      });
    } catch (cause) {
      if (signal.aborted) throw cancelled(signal);
      throw new ServiceError(GrpcStatus.UNAUTHENTICATED, messageOf(cause), { cause });
    }
  }
  async #newStream(connection, signal) {
    try {
      const maxOutboundStreams = this.#options.maxConcurrentCalls * 2;
      const stream = await raceAbort(
        connection.newStream(SERVICE_PROTOCOL, { signal, maxOutboundStreams }),
        signal
      );
      return callFrames(stream, this.#options);
    } catch (cause) {
      if (signal.aborted) throw cancelled(signal);
      throw new ServiceError(
        GrpcStatus.UNAVAILABLE,
        `no stream to ${this.peerId}: ${messageOf(cause)}`,
        { cause }
      );
    }
  }
  #connection() {
    const connection = this.#components.node.getConnections().findLast((c) => c.remotePeer.toString() === this.peerId && isDirect(c));
    if (!connection)
      throw new ServiceError(GrpcStatus.UNAVAILABLE, `no direct connection to ${this.peerId}`);
    return connection;
  }
  async #takeTurn(signal) {
    while (this.#open >= this.#options.maxConcurrentCalls) {
      const { promise, resolve: resolve5 } = Promise.withResolvers();
      this.#waiting.push(resolve5);
      await raceAbort(promise, signal).catch(() => {
        const index = this.#waiting.indexOf(resolve5);
        if (index < 0) this.#waiting.shift()?.();
        else this.#waiting.splice(index, 1);
        throw cancelled(signal);
      });
    }
    if (signal.aborted) throw cancelled(signal);
    this.#open++;
  }
  #endTurn() {
    this.#open--;
    this.#waiting.shift()?.();
  }
};
async function pump(call, method, requests) {
  try {
    await call.sendMethod(method);
    for await (const request of requests) await call.send(request);
    await call.sendEnd();
  } catch (error) {
    if (call.closed.aborted) return;
    call.abort(
      error instanceof ServiceError ? error : new ServiceError(GrpcStatus.CANCELLED, messageOf(error), { cause: error })
    );
  }
}
function cancelled(signal) {
  const { reason } = signal;
  return reason instanceof ServiceError ? reason : new ServiceError(GrpcStatus.CANCELLED, messageOf(reason), { cause: reason });
}

// src/node/comm/traffic.ts
var NOTHING = Object.freeze({
  update: () => {
  },
  increment: () => {
  },
  decrement: () => {
  },
  reset: () => {
  },
  observe: () => {
  },
  timer: () => () => {
  }
});
var register = () => NOTHING;
var TrafficMetrics = class {
  registerMetric = register;
  registerMetricGroup = register;
  registerCounter = register;
  registerCounterGroup = register;
  registerHistogram = register;
  registerHistogramGroup = register;
  registerSummary = register;
  registerSummaryGroup = register;
  #now;
  #counts = /* @__PURE__ */ new Map();
  // By the timeline, the only thing that a Connection shares with the socket below it.
  #heard = /* @__PURE__ */ new WeakMap();
  constructor(now) {
    this.#now = now;
  }
  traceFunction(_name, traced) {
    return traced;
  }
  createTrace() {
  }
  /** For libp2p. */
  trackMultiaddrConnection(raw) {
    const transport = transportOf(raw.remoteAddr.toString());
    if (transport !== "webrtc") this.#tap(raw, this.#both("connection", transport));
  }
  /** For libp2p. */
  trackProtocolStream(stream) {
    this.#tap(stream, this.#both("stream", stream.protocol));
    if ("channel" in stream) this.#tap(stream, this.#both("connection", "webrtc"));
  }
  /** Counts what gossipsub sends and receives, where this version of it can be watched. */
  watchGossip(gossipsub2) {
    const sent = (of) => this.#counter("gossip", of, "out");
    const received = (of) => this.#counter("gossip", of, "in");
    watch(gossipsub2, "sendRpc", ([, rpc], done) => {
      if (done === true) countRpc(rpc, sent, 1);
    });
    watch(gossipsub2, "sendRpcInBatch", ([to, rpc]) => {
      if (to instanceof Set) countRpc(rpc, sent, to.size);
    });
    watch(gossipsub2, "handleReceivedRpc", ([, rpc]) => countRpc(rpc, received, 1));
  }
  /** When something last came on this connection, on the clock given; undefined when nothing was seen yet. */
  lastHeard(connection) {
    const times = [connection, ...connection.streams].flatMap(
      ({ timeline }) => this.#heard.get(timeline) ?? []
    );
    return times.length > 0 ? Math.max(...times) : void 0;
  }
  counts() {
    return Array.from(this.#counts.values(), ({ total }) => total);
  }
  /** All counts as `level.what.direction.messages` and `….bytes`. */
  snapshot() {
    const entries = this.counts().flatMap(({ level, of, direction, messages, bytes }) => [
      [`${level}.${of}.${direction}.messages`, messages],
      [`${level}.${of}.${direction}.bytes`, bytes]
    ]);
    return Object.fromEntries(entries);
  }
  #both(level, of) {
    return { out: this.#counter(level, of, "out"), in: this.#counter(level, of, "in") };
  }
  #counter(level, of, direction) {
    const key = `${level} ${of} ${direction}`;
    const known = this.#counts.get(key);
    if (known) return known.add;
    const total = { level, of, direction, messages: 0, bytes: 0 };
    const add = (bytes) => {
      total.messages++;
      total.bytes += bytes;
    };
    this.#counts.set(key, { total, add });
    return add;
  }
  #tap(stream, count2) {
    const { timeline } = stream;
    watch(stream, "send", ([data]) => count2.out(lengthOf2(data)));
    watch(stream, "onData", ([data]) => {
      count2.in(lengthOf2(data));
      this.#heard.set(timeline, this.#now());
    });
  }
};
function transportOf(address) {
  if (address.includes("/webrtc")) return "webrtc";
  return address.includes("/p2p-circuit") ? "circuit" : "websocket";
}
function watch(target, method, after) {
  const call = Reflect.get(target, method);
  if (typeof call !== "function") return;
  Reflect.set(target, method, (...args) => {
    const result = Reflect.apply(call, target, args);
    after(args, result);
    return result;
  });
}
function lengthOf2(data) {
  const { byteLength } = data ?? {};
  return typeof byteLength === "number" ? byteLength : 0;
}
var CONTROL_KINDS = ["ihave", "iwant", "graft", "prune", "idontwant"];
function countRpc(rpc, countOf, times) {
  const count2 = (of, bytes) => {
    for (let i = 0; i < times; i++) countOf(of)(bytes);
  };
  const { messages, control } = rpc ?? {};
  for (const message of listOf(messages)) {
    const kind = TOPIC_KINDS.find((known) => String(message.topic).endsWith(`/${known}`));
    count2(kind ?? "other", lengthOf2(message.data));
  }
  if (!control) return;
  for (const kind of CONTROL_KINDS) {
    for (const part of listOf(control[kind])) {
      const ids = Array.isArray(part.messageIDs) ? part.messageIDs : [];
      count2(
        kind,
        ids.reduce((sum, id) => sum + lengthOf2(id), 0)
      );
    }
  }
}
function listOf(value) {
  return Array.isArray(value) ? value : [];
}

// src/node/comm/libp2p-transport.ts
var NEW_CONNECTION_MS = 500;
var RELAY_TIMEOUT_MS = 3e4;
var Libp2pTransport = class _Libp2pTransport {
  bindings;
  connections;
  pubsub;
  relay;
  webrtc;
  #node;
  #traffic;
  #handshake;
  #relayPeerId;
  #clock;
  #services;
  #gossipStreams;
  #mounted = /* @__PURE__ */ new Map();
  #clients = /* @__PURE__ */ new Map();
  #candidates = () => [];
  constructor(node, { bindings, traffic }, components, options) {
    const { relay, signer, clock, random, log, mspManagers } = components;
    this.#node = node;
    this.#traffic = traffic;
    this.bindings = bindings;
    this.webrtc = options.webrtc;
    this.#relayPeerId = relay.peerId;
    this.#clock = clock;
    const pinned = /* @__PURE__ */ new Map([[relay.peerId, { mspId: relay.mspId }]]);
    const checkIdentity = identityCheck({ mspManagers, pinned });
    const shaking = { node, bindings, signer, checkIdentity, clock };
    this.#handshake = new Handshake({ ...shaking, log: log.child("handshake") });
    this.#services = new StreamServices({
      node,
      bindings,
      services: this.#mounted,
      log: log.child("services")
    });
    const isBound = (peerId) => bindings.has(peerId);
    this.#gossipStreams = new GossipStreams({ node, isBound, clock, log: log.child("gossip") });
    this.pubsub = new GossipsubPubsub({
      gossipsub: node.services.pubsub,
      bindings,
      log: log.child("gossip")
    });
    this.relay = this.client(relay.peerId);
    this.connections = new Connectivity(
      {
        node: connectivityNode(node, { traffic, client: (peerId) => this.client(peerId) }),
        relay,
        candidates: () => this.#candidates(),
        clock,
        random,
        log: log.child("connectivity")
      },
      options
    );
  }
  /** @param options.webrtc false where there is no RTCPeerConnection. */
  static async create(components, options) {
    const bindings = new Bindings(components);
    const traffic = new TrafficMetrics(() => components.clock.now());
    const isBound = (peerId) => bindings.has(peerId);
    const node = await components.createNode({ isBound, traffic });
    return new _Libp2pTransport(node, { bindings, traffic }, components, options);
  }
  get peerId() {
    return this.#node.peerId.toString();
  }
  async start(candidates) {
    this.#candidates = candidates;
    await this.#handshake.start();
    await this.#services.start();
    this.connections.start();
    this.#gossipStreams.start();
  }
  mount(services) {
    const taken = [...services.keys()].find((method) => this.#mounted.has(method));
    if (taken !== void 0)
      throw new FabricError("METHOD_TAKEN", `the service ${taken} is offered already`);
    for (const [method, handler] of services) this.#mounted.set(method, handler);
    return () => {
      for (const [method, handler] of services)
        if (this.#mounted.get(method) === handler) this.#mounted.delete(method);
    };
  }
  async relayReady(signal) {
    await this.bindings.waitFor(this.#relayPeerId, { timeoutMs: RELAY_TIMEOUT_MS, signal });
  }
  recheck() {
    return this.#handshake.recheck();
  }
  reach(peerId) {
    return this.bindings.has(peerId) ? this.client(peerId) : forwardedClient(this.relay, peerId);
  }
  client(peerId) {
    const { bindings } = this;
    const node = this.#node;
    const known = this.#clients.get(peerId) ?? new StreamServiceClient({ node, bindings }, peerId);
    this.#clients.set(peerId, known);
    return known;
  }
  drop(peerId) {
    for (const connection of this.#node.getConnections()) {
      if (connection.remotePeer.toString() !== peerId) continue;
      if (this.#clock.now() - connection.timeline.open < NEW_CONNECTION_MS) continue;
      connection.abort(new FabricError("PEER_GONE", `${peerId} is gone`));
    }
  }
  metrics() {
    return { connections: this.#node.getConnections().length, ...this.#traffic.snapshot() };
  }
  async stop() {
    this.connections.stop();
    this.#gossipStreams.stop();
    await this.#handshake.stop();
    await this.#services.stop();
    await this.#node.stop();
  }
};

// src/node/headless/libp2p-node.ts
function createHeadlessTransport(components, { relay, relayPeerId: peerId, relayMspId: mspId, libp2pKey }) {
  const privateKey = privateKeyFromProtobuf(libp2pKey);
  return Libp2pTransport.create(
    {
      ...components,
      createNode: (about) => createPeerLibp2p({ ...about, privateKey }),
      relay: { address: relayMultiaddr(relay, peerId), peerId, mspId }
    },
    { webrtc: false }
  );
}

// src/node/headless/start-headless-peer.ts
async function startHeadlessPeer(options) {
  const { network, signal, onJoined } = options;
  if (network.channels.length === 0)
    throw new FabricError("NO_CHANNEL", "the network has no channel");
  const node = newNode(options);
  const abort = () => void node.stop();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await node.start();
    for (const { name, height } of node.channels()) onJoined(name, height);
    node.events.on("channel:joined", ({ channel }) => onJoined(channel.name, channel.height), {
      signal
    });
    await node.join();
    await installPackages(node, options);
    signal.throwIfAborted();
  } catch (error) {
    await node.stop();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
  return {
    name: node.name,
    events: eventsOf(node),
    node,
    height: () => heightOf2(node),
    stop: () => node.stop()
  };
}
async function installPackages(node, { network, packages }) {
  for (const { chaincode, bytes } of packages) {
    for (const channel of network.channels) {
      if (channel.chaincodes.some(({ name }) => name === chaincode))
        await node.install(channel.name, chaincode, bytes);
    }
  }
}
function newNode(options) {
  const { identity, network, relay, clock, random, log } = options;
  return new PeerNode(
    {
      network,
      mspId: identity.mspId,
      peer: identity.peer,
      client: identity.client,
      createTransport: (mspManagers) => newTransport(options, mspManagers),
      host: newHost(options),
      place: alwaysThere(),
      fetchFile: (path) => fetchFile(relay, path),
      clock,
      random: () => fraction(random(4)),
      randomBytes: random,
      trace: new TraceBus(),
      log
    },
    // Only what the operator names is ever run.
    { installPackages: false }
  );
}
function newTransport({ identity, network, relay, clock, random, log }, mspManagers) {
  const { mspId, peer, libp2pKey } = identity;
  return createHeadlessTransport(
    {
      signer: createSigningIdentity(mspId, peer.certificate, peer.key),
      mspManagers,
      clock,
      random: () => fraction(random(4)),
      log
    },
    {
      relay,
      relayPeerId: network.relay.peerId,
      relayMspId: network.ordererMspId,
      libp2pKey
    }
  );
}
function newHost(options) {
  const { identity, network, signatureStage, clock, random, log } = options;
  const { mspId, peer } = identity;
  let packages;
  return new LocalPeerHost({
    name: peer.name,
    identity: createSigningIdentity(mspId, peer.certificate, peer.key),
    channels: network.channels,
    openStorage: async () => {
      const storage = await openStorage(options);
      packages = storage.packages;
      return storage;
    },
    launcher: lazyLauncher(options, () => packages),
    clock,
    random,
    // The node passes on what the host traces, so that one bus for both would never be silent.
    trace: new TraceBus(),
    log,
    signatureStage
  });
}
async function openStorage({
  stores,
  stored,
  identity,
  clock,
  random
}) {
  const storage = await openPeerStorage(
    { stores, clock, random },
    { ledgers: LEDGER_STORES, stored },
    { private: { mspId: identity.mspId } }
  );
  return { ...storage, packages: await InstalledPackages.open(storage.packages) };
}
function lazyLauncher({ launcher }, packages) {
  const made = launcher({ get: async (packageId) => packages()?.get(packageId) });
  return {
    launch: (ccid, options) => made.launch(ccid, options),
    kill: (ccid) => made.kill(ccid)
  };
}
function eventsOf(node) {
  const events = new TypedEventTarget();
  node.events.on(
    "block:committed",
    ({ channel, number, txIds, height }) => events.emit("committed", { channel, block: number, transactions: txIds.length, height })
  );
  node.events.on(
    "leader:changed",
    ({ channel, isMe }) => events.emit("leader", { channel, isLeader: isMe })
  );
  node.events.on("store:lost", (why) => events.emit("error", { ...why, fatal: true }));
  const known = /* @__PURE__ */ new Set();
  node.events.on("changed", () => {
    for (const { code, message } of node.faults.all) {
      if (!known.has(code)) events.emit("error", { code, message, fatal: false });
      known.add(code);
    }
  });
  return events;
}
function heightOf2(node) {
  return node.channels()[0]?.height ?? 0;
}
function alwaysThere() {
  return { events: new TypedEventTarget(), hidden: false };
}
function fraction(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
}

// src/node/headless/stderr-log.ts
var stderrSink = (level, name, text2, data) => {
  const more = data === void 0 ? "" : ` ${JSON.stringify(data, plain3)}`;
  process.stderr.write(
    `${(/* @__PURE__ */ new Date()).toISOString()} ${level.toUpperCase()} [${name}] ${text2}${more}
`
  );
};
function plain3(_key, value) {
  if (value instanceof Error)
    return { code: "code" in value ? value.code : value.name, message: value.message };
  return typeof value === "bigint" ? String(value) : value;
}
var unread = () => {
};
function surviveStrayErrors(log) {
  const report = (error) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "UNEXPECTED";
    log.error(`unexpected error: ${messageOf(error)}`, {
      code,
      stack: error instanceof Error ? error.stack : ""
    });
  };
  const outputs = [process.stdout, process.stderr];
  for (const output of outputs) output.on("error", unread);
  process.on("unhandledRejection", report);
  process.on("uncaughtException", report);
  return () => {
    process.off("unhandledRejection", report);
    process.off("uncaughtException", report);
    for (const output of outputs) output.off("error", unread);
  };
}

// src/node/join-link.ts
var MAX_LINK_CHARACTERS = 8192;
function parseInvitation(text2) {
  if (text2.length > MAX_LINK_CHARACTERS) return void 0;
  const query = /#?\/join\?(\S+)$/.exec(text2.trim())?.[1];
  const params = new URLSearchParams(query ?? "");
  const [org, secret] = [params.get("org"), params.get("secret")];
  return org && secret ? { org, secret } : void 0;
}
function parseJoinLink(text2) {
  const invitation = parseInvitation(text2);
  const url = URL.parse(text2.trim());
  if (!invitation || !url || !/^https?:$/.test(url.protocol)) return void 0;
  return { relay: new URL(url.origin), invitation };
}

// cmd/chaincode-runtime.ts
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile as readFile4 } from "node:fs/promises";
import { fileURLToPath as fileURLToPath3 } from "node:url";
import { promisify } from "node:util";
var here = (path) => fileURLToPath3(new URL(path, import.meta.url));
var PACKED = here("./chaincode-runtime.js");
var BUILT = here("../public/chaincode-runtime.js");
var SCRIPT = here("../scripts/build-chaincode-runtime.ts");
function chaincodeRuntime() {
  let read2;
  return () => {
    read2 ??= load();
    return read2;
  };
}
async function load() {
  try {
    if (existsSync(PACKED)) return await readFile4(PACKED, "utf8");
    await promisify(execFile)(process.execPath, [SCRIPT]);
    return await readFile4(BUILT, "utf8");
  } catch (cause) {
    const text2 = `the chaincode runtime cannot be made: ${messageOf(cause)}`;
    throw new FabricError("RUNTIME_UNAVAILABLE", text2, { cause });
  }
}

// cmd/peer-output.ts
function peerReporter(json, count2) {
  if (json) return (event) => print(JSON.stringify(event));
  let first;
  return (event) => {
    if (event.event === "committed" && count2 > 1) {
      first ??= event.name;
      if (event.name !== first) return;
    }
    print(textOf6(event));
  };
}
function textOf6(event) {
  switch (event.event) {
    case "waiting":
      return `waiting for the relay: ${event.message}`;
    case "enrolled":
      return `${event.name}: has its certificate${event.folder === void 0 ? ", in memory" : `, in ${event.folder}`}`;
    case "joined":
      return `${event.name}: has joined ${event.channel}`;
    case "ready":
      return `${event.name}: at the tip, ${event.height} block(s)`;
    case "committed":
      return `${event.name}: block ${event.block} with ${event.transactions} transaction(s)`;
    case "leader":
      return `${event.name}: ${event.isLeader ? "leads its organisation" : "leads no more"}`;
    case "stopped":
      return `${event.name}: stopped`;
    case "error":
      return `${event.name}: ${event.code}: ${event.message}`;
    default:
      return JSON.stringify(event);
  }
}

// cmd/peer-start.ts
var MAX_VERIFY_THREADS = 4;
var MAX_PEERS = 200;
function peerStartCommand({ signal, finish: finish2 }) {
  return new Command16("start").description(
    "runs peers without a browser until Ctrl-C: they commit, gossip and may lead like any tab, and endorse with the chaincodes that you name"
  ).option(
    "--join <link>",
    "join link, as the relay prints it; not needed again with the same --data",
    joinLink
  ).option(
    "--data <folder>",
    "keep identities and ledgers here, one folder a peer; in memory otherwise"
  ).option("--memory", "keep nothing, which is so without --data", false).option(
    "--name <name>",
    "name of the peer\u2019s folder; in the network the CA names it",
    folderName
  ).option("--count <number>", "so many peers in this process", peers, 1).option(
    "--chaincode <name[=file]>",
    "let the peers run a chaincode: of this package, or of the one that the network names (again for more)",
    addChaincode,
    []
  ).option("--chaincode-memory <MB>", "heap of each chaincode process", megabytes, 256).addOption(
    new Option3("--log-level <level>", "what to log on stderr").choices(LOG_LEVELS).default("warn")
  ).option("--json", "a line of JSON for each event", false).addHelpText("after", HELP).action(async (flags) => finish2(await run2(flags, signal)));
}
var HELP = `
Examples:
  $ tabric peer start --join 'http://192.168.1.5:7050/#/join?org=Org1MSP&secret=\u2026' --data peers
  $ tabric peer start --data peers --chaincode basic=basic.tar.gz
  $ tabric peer start --join '\u2026' --count 20 --json`;
async function run2(flags, signal) {
  const options = await optionsOf(flags);
  const log = createLogger("tabric", flags.logLevel, stderrSink);
  const forgetErrors = surviveStrayErrors(log);
  const ended = Promise.withResolvers();
  const dead = /* @__PURE__ */ new Set();
  const print2 = peerReporter(flags.json, options.count);
  const peers2 = new HeadlessPeers(
    {
      startPeer: startHeadlessPeer,
      runtime: chaincodeRuntime(),
      clock: systemClock,
      random: systemRandomBytes,
      log,
      report: (event) => {
        print2(event);
        if (event.event !== "error" || !event.fatal) return;
        dead.add(event.name);
        if (dead.size === options.count) ended.resolve(2);
      }
    },
    options
  );
  signal.addEventListener("abort", () => ended.resolve(0), { once: true });
  try {
    await peers2.start(signal);
    return await ended.promise;
  } finally {
    await peers2.stop();
    forgetErrors();
  }
}
async function optionsOf(flags) {
  const { join: join15, data, name, count: count2, memory } = flags;
  if (memory && data !== void 0) throw badFlag("--memory and --data exclude each other");
  if (name !== void 0 && data === void 0) throw badFlag("--name names a folder of --data");
  if (!join15 && data === void 0) throw badFlag("say which network to join: --join LINK");
  return {
    ...join15 && { relay: join15.relay, invitation: join15.invitation },
    ...data !== void 0 && { data },
    ...name !== void 0 && { name },
    count: count2,
    chaincodes: await Promise.all(flags.chaincode.map(readPackage)),
    chaincodeMemoryMb: flags.chaincodeMemory,
    verifyThreads: Math.max(1, Math.min(MAX_VERIFY_THREADS, availableParallelism2()))
  };
}
async function readPackage({ name, file }) {
  if (file === void 0) return { name };
  try {
    const bytes = new Uint8Array(await readFile5(file));
    await readChaincodePackage(bytes);
    return { name, bytes };
  } catch (cause) {
    throw badFlag(`--chaincode ${name}=${file}: ${messageOf(cause)}`, cause);
  }
}
function badFlag(text2, cause) {
  return new FabricError("BAD_FLAG", text2, { cause });
}
function joinLink(text2) {
  const link = parseJoinLink(text2);
  if (link) return link;
  throw new InvalidArgumentError3(
    "It must be a whole link, http://\u2026/#/join?org=\u2026&secret=\u2026; put it in quotes, since & means something to shells."
  );
}
function folderName(text2) {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text2)) return text2;
  throw new InvalidArgumentError3("It must be letters, digits, dots and dashes, at most 64.");
}
var peers = wholeBetween(1, MAX_PEERS);
var megabytes = wholeBetween(32, 4096);
function wholeBetween(min, max) {
  return (text2) => {
    const value = Number(text2);
    if (/^\d+$/.test(text2) && value >= min && value <= max) return value;
    throw new InvalidArgumentError3(`It must be a whole number from ${min} to ${max}.`);
  };
}
function addChaincode(text2, before) {
  const mark = text2.indexOf("=");
  const name = mark < 0 ? text2 : text2.slice(0, mark);
  if (!/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/.test(name) || mark === text2.length - 1) {
    throw new InvalidArgumentError3("It must be NAME or NAME=FILE, e.g. basic=basic.tar.gz.");
  }
  if (before.some((one) => one.name === name)) {
    throw new InvalidArgumentError3(`${name} is named twice.`);
  }
  return [...before, mark < 0 ? { name } : { name, file: text2.slice(mark + 1) }];
}

// cmd/peer-command.ts
function peerCommand(context) {
  return new Command17("peer").description("peers without a browser").addCommand(peerStartCommand(context));
}

// cmd/run-tabric.ts
var STOPPED = 130;
async function runTabric(args, signal) {
  let exitCode = 0;
  const finish2 = (code) => {
    exitCode = code;
  };
  const program = new Command18("tabric").description("Hyperledger Fabric in browser tabs: tools").addCommand(ledgerCommand({ signal, finish: finish2 })).addCommand(peerCommand({ signal, finish: finish2 })).addCommand(chaincodeCommand({ signal, finish: finish2 }));
  setUpAll(program);
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return signal.aborted ? stopped2() : failed(error);
  }
}
function setUpAll(command) {
  command.exitOverride().configureHelp({ helpWidth: 110 });
  for (const one of command.commands) setUpAll(one);
}
function failed(error) {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isKnown = error instanceof FabricError || !(error instanceof Error);
  warn(isKnown ? messageOf(error) : error.stack ?? error.message);
  return 2;
}
function stopped2() {
  warn("stopped");
  return STOPPED;
}

// cmd/tabric.ts
var controller = new AbortController();
var stop = () => {
  if (controller.signal.aborted) process.exit(STOPPED);
  controller.abort();
};
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.exitCode = await runTabric(process.argv.slice(2), controller.signal);
