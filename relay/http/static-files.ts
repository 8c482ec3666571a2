// SPDX-License-Identifier: Apache-2.0
// Serves the built page. The list of files is read once at start, and only what is in it is ever opened: no path of a request
// reaches the file system. Hashed assets are cached for good, everything else is asked for again (ETag).
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { HttpReply, HttpRequest, HttpRoute } from './http-server.ts';
import { documentHeaders } from './security-headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.gz': 'application/gzip',
};
const COMPRESSIBLE = /^(text\/|application\/(json|manifest)|image\/svg)/;
const MIN_COMPRESSED_BYTES = 1024;
/** Vite's folder of files whose names hold a hash of their content. */
const HASHED = /^assets\/.*-[\w-]{8,}\.\w+$/;

const compressors = {
  br: (data: Uint8Array) =>
    promisify(brotliCompress)(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } }),
  gzip: (data: Uint8Array) => promisify(gzip)(data),
};
type Encoding = keyof typeof compressors | 'identity';

interface StaticFile {
  readonly path: string;
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
  /** Compressed forms, made when first asked for. */
  readonly encoded: Map<Encoding, Promise<Uint8Array>>;
}

/** A route over the files of `folder`; paths without a file and without an extension give `index.html`. */
export async function staticFiles(folder: string): Promise<HttpRoute> {
  const files = new Map<string, StaticFile>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const name = join(entry.parentPath, entry.name);
    const path = relative(folder, name).split(sep).join('/');
    files.set(`/${path}`, await load(name, path));
  }
  return (request) => serve(files, request);
}

async function load(name: string, path: string): Promise<StaticFile> {
  const bytes = await readFile(name);
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  const type = TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  return { path, type, bytes, etag: hash, encoded: new Map() };
}

async function serve(
  files: ReadonlyMap<string, StaticFile>,
  request: HttpRequest,
): Promise<HttpReply | undefined> {
  const isPage = extname(request.path) === '';
  const file = files.get(request.path) ?? (isPage ? files.get('/index.html') : undefined);
  if (!file) return undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { allow: 'GET, HEAD' }, body: 'method not allowed\n' };
  }
  const encoding = encodingFor(file, request.headers['accept-encoding']);
  const etag = `"${file.etag}-${encoding}"`;
  const headers = {
    'content-type': file.type,
    'cache-control': HASHED.test(file.path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag,
    vary: 'accept-encoding',
    ...(file.type.startsWith('text/html') ? documentHeaders(file.path) : {}),
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
  };
  if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag)) {
    return { status: 304, headers };
  }
  return { status: 200, headers, body: await encode(file, encoding) };
}

function encodingFor(file: StaticFile, accepted: string | string[] | undefined): Encoding {
  if (!COMPRESSIBLE.test(file.type) || file.bytes.length < MIN_COMPRESSED_BYTES) return 'identity';
  const offers = String(accepted ?? '')
    .split(',')
    .map((offer) => offer.trim())
    .filter((offer) => !/;\s*q=0(\.0*)?$/.test(offer))
    .map((offer) => offer.split(';')[0]);
  return offers.includes('br') ? 'br' : offers.includes('gzip') ? 'gzip' : 'identity';
}

function encode(file: StaticFile, encoding: Encoding): Promise<Uint8Array> {
  if (encoding === 'identity') return Promise.resolve(file.bytes);
  const known = file.encoded.get(encoding);
  if (known) return known;
  const made = compressors[encoding](file.bytes);
  file.encoded.set(encoding, made);
  return made;
}
