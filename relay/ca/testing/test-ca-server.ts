// SPDX-License-Identifier: Apache-2.0
// For tests: two CAs behind their REST interface on a local port, with a clock that stands still, and a client's side of its calls.
import { sign as nodeSign } from 'node:crypto';
import {
  createBCCSP,
  createCertificateRequest,
  type KeyPair,
} from '../../../src/common/crypto/index.ts';
import { FakeClock, systemRandomBytes } from '../../../src/common/runtime/clock.ts';
import { silentLogger } from '../../../src/common/runtime/log.ts';
import { MemoryKVStore } from '../../../src/ledger/memory/memory-kv-store.ts';
import { HttpServer } from '../../http/http-server.ts';
import { Administrators } from '../administrators.ts';
import { Affiliations } from '../affiliations.ts';
import { caApi } from '../ca-api.ts';
import { CertificateRecords } from '../certificate-records.ts';
import { FabricCA } from '../fabric-ca.ts';
import { FailureLimit } from '../failure-limit.ts';
import { IdentityRegistry } from '../identity-registry.ts';
import { Invitations } from '../invitations.ts';
import { certificateIssuer, createCa } from '../issuer.ts';

const bccsp = createBCCSP();
const base64 = (text: string): string => Buffer.from(text).toString('base64');

export interface Reply {
  readonly status: number;
  readonly success: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: replies differ by endpoint, and a wrong one fails the test
  readonly result: any;
  readonly errors: readonly { code: number; message: string }[];
}

/** The certificate in the reply to an enrolment, PEM. */
export function pemOf(reply: Reply): string {
  return Buffer.from(reply.result.Cert, 'base64').toString();
}

/** The header of Fabric CA's basic authorization. */
export function basic(id: string, secret: string): { authorization: string } {
  return { authorization: `Basic ${base64(`${id}:${secret}`)}` };
}

/** `ca-org1` and `ca-org2` with the registrar admin:adminpw; three failures a minute shut an address out. */
export class TestCaServer {
  readonly clock = new FakeClock(Date.now());
  readonly invitations: Invitations;
  readonly administrators: Administrators;
  readonly #store = new MemoryKVStore();
  readonly #http = new HttpServer(
    { log: silentLogger },
    { host: '127.0.0.1', port: 0, upgradePaths: [] },
  );
  /** One key for all requests. */
  readonly keys: KeyPair;

  private constructor(keys: KeyPair) {
    this.keys = keys;
    this.invitations = new Invitations({ store: this.#store, clock: this.clock });
    this.administrators = new Administrators(this.#store);
  }

  static async start(): Promise<TestCaServer> {
    const server = new TestCaServer(await bccsp.generateKey({ extractable: true }));
    const { invitations, clock } = server;
    const cas = [await server.#makeCa(1), await server.#makeCa(2)];
    const failures = new FailureLimit(clock, { maxFailures: 3, windowMs: 60_000 });
    server.#http.add(
      caApi({
        cas,
        invitations,
        invitationOptions: { ttlMs: 3_600_000, maxUses: 5 },
        administrators: server.administrators,
        joinLink: (mspId, secret) => `http://relay/#/join?org=${mspId}&secret=${secret}`,
        failures,
        clock,
        log: silentLogger,
      }),
    );
    await server.#http.start();
    return server;
  }

  stop(): Promise<void> {
    return this.#http.stop();
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#http.port}/api/v1/${path}`;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(this.url(path), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: response.status, ...((await response.json()) as Omit<Reply, 'status'>) };
  }

  /** A PEM certificate request. */
  request(id: string, hosts: readonly string[] = []): Promise<string> {
    return createCertificateRequest(bccsp, this.keys, { subject: { commonName: id }, hosts });
  }

  async enroll(id: string, secret: string, more: object = {}): Promise<Reply> {
    const body = { certificate_request: await this.request(id), caname: 'ca-org1', ...more };
    return this.call('POST', 'enroll', body, basic(id, secret));
  }

  /** Fabric CA's token over a request. */
  async tokenFor(certificate: string, method: string, path: string, body: string): Promise<string> {
    const signed = [method, base64(`/api/v1/${path}`), base64(body), base64(certificate)].join('.');
    const key = Buffer.from(await bccsp.exportKey(this.keys));
    const signature = nodeSign('sha256', Buffer.from(signed), {
      key,
      format: 'der',
      type: 'pkcs8',
    });
    return `${base64(certificate)}.${signature.toString('base64')}`;
  }

  async signed(certificate: string, method: string, path: string, body?: object): Promise<Reply> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const authorization = await this.tokenFor(certificate, method, path, text);
    return this.call(method, path, body === undefined ? undefined : text, { authorization });
  }

  async #makeCa(n: number): Promise<FabricCA> {
    const components = { bccsp, clock: this.clock, random: systemRandomBytes };
    const { ca } = await createCa(components, `org${n}.example.com`);
    const caName = `ca-org${n}`;
    const registry = new IdentityRegistry(this.#store, caName);
    const fabricCa = new FabricCA(
      {
        issuer: certificateIssuer(components, ca),
        registry,
        certificates: new CertificateRecords(this.#store, caName),
        affiliations: new Affiliations(this.#store, caName, registry),
        clock: this.clock,
      },
      { caName, mspId: `Org${n}MSP`, domain: `org${n}.example.com` },
    );
    await fabricCa.migrate();
    await fabricCa.bootstrap({ id: 'admin', secret: 'adminpw' });
    return fabricCa;
  }
}
