// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packChaincode } from '../../../relay/network/chaincode-packages.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { packageIdOf, readChaincodePackage } from './package.ts';
import { tarGz } from './tar/tar-writer.ts';
import { BASIC_SAMPLE } from './testing/fixtures.ts';

const testdata = (name: string): Uint8Array =>
  readFileSync(new URL(`./testdata/${name}`, import.meta.url));
const METADATA = '{"path":"","type":"node","label":"basic_1.0"}';

function packageOf(files: Record<string, string>, metadata = METADATA): Uint8Array {
  const code = Object.entries(files).map(([name, text]) => ({ name, bytes: utf8(text) }));
  return tarGz([
    { name: 'metadata.json', bytes: utf8(metadata) },
    { name: 'code.tar.gz', bytes: tarGz(code) },
  ]);
}

const MINIMAL = { 'src/package.json': '{"main":"index.js"}', 'src/index.js': '// café' };

describe('reading a chaincode package', () => {
  it('gives the package id that the peer CLI gives', () => {
    const id = new TextDecoder().decode(testdata('ccaas.id')).trim();
    expect(packageIdOf('basic_1', testdata('ccaas.tar.gz'))).toBe(id);
  });

  it('reads the sample as the relay packs it', async () => {
    const samples = new URL('../../../public/samples', import.meta.url).pathname;
    const sample = { name: 'basic', version: '1.0', package: 'asset-transfer-basic' };
    const packed = await packChaincode(samples, sample);
    const read = await readChaincodePackage(packed.bytes);
    expect(read).toMatchObject({ packageId: packed.packageId, label: 'basic_1.0' });
    expect(read.files).toEqual(BASIC_SAMPLE);
  });

  it('keeps META-INF apart and leaves out files that are not text', async () => {
    const code = [
      ...Object.entries(MINIMAL).map(([name, text]) => ({ name, bytes: utf8(text) })),
      { name: 'src/logo.png', bytes: Uint8Array.of(0x89, 0xff) },
      { name: 'META-INF/statedb/couchdb/indexes/a.json', bytes: utf8('{}') },
    ];
    const bytes = tarGz([
      { name: 'metadata.json', bytes: utf8(METADATA) },
      { name: 'code.tar.gz', bytes: tarGz(code) },
    ]);
    const { files, metaInf } = await readChaincodePackage(bytes);
    expect(Object.keys(files)).toEqual(['package.json', 'index.js']);
    expect([...metaInf.keys()]).toEqual(['statedb/couchdb/indexes/a.json']);
  });

  it('reads the long names of pax archives', async () => {
    const path = `src/${'long/'.repeat(30)}name.js`;
    const record = `${path.length + 10} path=${path}\n`;
    const header = tarBytes('pax', record, 'x');
    const files = tarBytes('short', 'x', '0');
    const rest = Object.entries(MINIMAL).map(([name, text]) => tarBytes(name, text, '0'));
    const code = gzipSync(Buffer.concat([header, files, ...rest, Buffer.alloc(1024)]));
    const bytes = tarGz([
      { name: 'metadata.json', bytes: utf8(METADATA) },
      { name: 'code.tar.gz', bytes: code },
    ]);
    const read = await readChaincodePackage(bytes);
    expect(read.files[path.slice('src/'.length)]).toBe('x');
  });
});

// One entry of a ustar archive.
function tarBytes(name: string, content: string, type: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${Buffer.byteLength(content).toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\0', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = (512 - (Buffer.byteLength(content) % 512)) % 512;
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(padding)]);
}

describe('refusing a chaincode package', () => {
  const archive = (...entries: Buffer[]): Uint8Array =>
    gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));

  it.each([
    ['is not gzip', utf8('hello'), /not gzip/],
    [
      'is cut off',
      tarGz([{ name: 'metadata.json', bytes: utf8(METADATA) }]).subarray(0, 300),
      /gzip/,
    ],
    ['is not tar', gzipSync(Buffer.alloc(2048, 'x')), /not tar/],
    ['is empty', archive(), /no metadata\.json/],
    ['has no code', tarGz([{ name: 'metadata.json', bytes: utf8(METADATA) }]), /no code\.tar\.gz/],
    [
      'has malformed metadata',
      packageOf(MINIMAL, '{'),
      /metadata\.json of the package is malformed/,
    ],
    ['has null metadata', packageOf(MINIMAL, 'null'), /invalid label 'undefined'/],
    [
      'has a bad label',
      packageOf(MINIMAL, '{"type":"node","label":"a/b"}'),
      /invalid label 'a\/b'/,
    ],
    ['is Go', packageOf(MINIMAL, '{"type":"golang","label":"a"}'), /type 'golang' cannot run/],
    ['is a service', testdata('ccaas.tar.gz'), /type 'ccaas' cannot run/],
    ['climbs out', archive(tarBytes('../evil', 'x', '0')), /unsafe path/],
    ['is absolute', archive(tarBytes('/etc/passwd', 'x', '0')), /unsafe path/],
    ['holds a link', archive(tarBytes('link', '', '2')), /link or device/],
    ['names a file twice', archive(tarBytes('a', 'x', '0'), tarBytes('a', 'y', '0')), /twice/],
    ['promises more than it has', archive(tarBytes('a', 'x'.repeat(9), '0')).slice(0, 40), /gzip/],
    ['unpacks to too much', gzipSync(Buffer.alloc(65 * 1024 * 1024)), /more than 67108864 bytes/],
    [
      'has too many entries',
      archive(...Array.from({ length: 10_001 }, (_, i) => tarBytes(`f${i}`, '', '0'))),
      /more than 10000 entries/,
    ],
    ['is too large', new Uint8Array(17 * 1024 * 1024), /larger than/],
    ['has no package.json', packageOf({ 'src/a.js': '' }), /no src\/package\.json/],
    ['lacks its entry', packageOf({ 'src/package.json': '{"main":"a.js"}' }), /a\.js, the 'main'/],
  ])('that %s', async (_name, bytes, text) => {
    await expect(readChaincodePackage(bytes)).rejects.toThrow(text);
  });

  it('whatever the bytes are, without anything but an error', async () => {
    const good = packageOf(MINIMAL);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, value) => {
        const bytes = Uint8Array.from(good).with(at, value);
        const outcome = await readChaincodePackage(bytes).catch((error) => error.code);
        if (typeof outcome === 'string')
          expect(outcome).toMatch(/^(INVALID_PACKAGE|UNSUPPORTED_CHAINCODE)$/);
      }),
      { numRuns: 100 },
    );
  });
});
