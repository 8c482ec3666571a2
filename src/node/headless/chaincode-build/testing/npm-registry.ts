// SPDX-License-Identifier: Apache-2.0
// A registry of npm packages on this machine: packuments and tarballs, as npm asks for them.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { utf8 } from '../../../../common/runtime/bytes.ts';
import { tarGz } from '../../../chaincode/tar/tar-writer.ts';

export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  /** Before its file is sent. */
  readonly delayMs?: number;
}

/** Serves what was published, and remembers what was asked for. */
export class NpmRegistry {
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #packages = new Map<
    string,
    { manifest: object; tarball: Uint8Array; delayMs: number }[]
  >();

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      this.requests.push(path);
      const [name = '', file] = path.slice(1).split('/-/');
      const versions = this.#packages.get(name);
      const found = versions?.find(({ manifest }) => file === fileOf(manifest));
      if (!versions || (file !== undefined && !found)) return response.writeHead(404).end('{}');
      if (found) return setTimeout(() => response.end(found.tarball), found.delayMs);
      const manifests = versions.map(({ manifest }) => manifest as { version: string });
      response.setHeader('content-type', 'application/json');
      return response.end(
        JSON.stringify({
          name,
          'dist-tags': { latest: manifests.at(-1)?.version },
          versions: Object.fromEntries(manifests.map((one) => [one.version, one])),
        }),
      );
    });
  }

  static async start(): Promise<NpmRegistry> {
    const registry = new NpmRegistry();
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', () => resolve()));
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  publish({
    name,
    version,
    files,
    dependencies = {},
    scripts = {},
    delayMs = 0,
  }: PublishedPackage): void {
    const description = { name, version, main: 'index.js', dependencies, scripts };
    const all = { 'package.json': JSON.stringify(description), ...files };
    const tarball = tarGz(
      Object.entries(all).map(([path, text]) => ({ name: `package/${path}`, bytes: utf8(text) })),
    );
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const dist = { tarball: `${this.url}${name}/-/${fileOf(description)}`, integrity };
    const before = this.#packages.get(name) ?? [];
    const hasInstallScript = Object.keys(scripts).length > 0;
    const manifest = { ...description, dist, hasInstallScript };
    this.#packages.set(name, [...before, { manifest, tarball, delayMs }]);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function fileOf(manifest: object): string {
  const { name, version } = manifest as { name: string; version: string };
  return `${name.replace(/^.*\//, '')}-${version}.tgz`;
}
