// SPDX-License-Identifier: Apache-2.0
// The member's side of the certificate authority: an invitation becomes two enrolled identities, a peer and its user. The
// REST calls are Fabric CA's (swagger-fabric-ca.json); `join` is the one that Fabric CA does not have.
import {
  createCertificateRequest,
  defaultBCCSP,
  type PrivateKeyHandle,
  parseCertificatePem,
} from '../common/crypto/index.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../common/runtime/errors.ts';

const REQUEST_TIMEOUT_MS = 15_000;
const MAX_REPLY_CHARS = 256 * 1024;

export interface Invitation {
  readonly org: string;
  readonly secret: string;
}

/** A certificate and its key. */
export interface EnrolledIdentity {
  /** Enrolment id, e.g. `peer0.org1.example.com`. */
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: PrivateKeyHandle;
}

export interface Enrolment {
  readonly mspId: string;
  readonly peer: EnrolledIdentity;
  readonly client: EnrolledIdentity;
}

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

interface JoinResult {
  readonly peer: Credentials;
  readonly client: Credentials;
  readonly caName: string;
  readonly mspId: string;
}

export interface EnrolmentOptions {
  /** Whether the keys can be exported, to be kept in files; they cannot when absent. */
  readonly extractable?: boolean;
}

/** Redeems an invitation. Throws FabricError with the CA's code (JOIN_SECRET_WRONG, …) or RELAY_UNREACHABLE. */
export async function enrolTab(
  base: URL,
  invitation: Invitation,
  options: EnrolmentOptions = {},
): Promise<Enrolment> {
  const joined = await post<JoinResult>(new URL('/api/v1/join', base), invitation, {});
  const { caName, mspId } = joined;
  const peer = await enrol(base, caName, joined.peer, options);
  const client = await enrol(base, caName, joined.client, options);
  return { mspId, peer, client };
}

async function enrol(
  base: URL,
  caName: string,
  { id, secret }: Credentials,
  options: EnrolmentOptions,
): Promise<EnrolledIdentity> {
  const bccsp = defaultBCCSP();
  const keys = await bccsp.generateKey(options);
  const request = await createCertificateRequest(bccsp, keys, { subject: { commonName: id } });
  const body = { certificate_request: request, caname: caName };
  const authorization = `Basic ${toBase64(utf8(`${id}:${secret}`))}`;
  const url = new URL('/api/v1/enroll', base);
  const { Cert } = await post<{ Cert: string }>(url, body, { authorization });
  const certificate = fromUtf8(fromBase64(Cert));
  checkCertificate(certificate, id);
  return { name: id, certificate, key: keys.privateKey };
}

function checkCertificate(pem: string, id: string): void {
  try {
    parseCertificatePem(pem);
  } catch (cause) {
    throw new FabricError('ENROLMENT_FAILED', `the certificate for ${id} does not parse`, {
      cause,
    });
  }
}

interface CaReply {
  readonly success?: boolean;
  readonly result?: unknown;
  readonly errors?: readonly { readonly code?: number | string; readonly message?: string }[];
}

async function post<T>(url: URL, body: object, headers: Record<string, string>): Promise<T> {
  let reply: CaReply;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (text.length > MAX_REPLY_CHARS) throw new Error('the answer is too long');
    reply = JSON.parse(text);
  } catch (cause) {
    const message = `the relay did not answer ${url.pathname}: ${messageOf(cause)}`;
    throw new FabricError('RELAY_UNREACHABLE', message, { cause });
  }
  if (reply.success && reply.result) return reply.result as T;
  throw refusal(reply);
}

function refusal({ errors = [] }: CaReply): FabricError {
  const { code, message = 'the certificate authority refused' } = errors[0] ?? {};
  const name = typeof code === 'string' ? code : /^([A-Z_]+):/.exec(message)?.[1];
  return new FabricError(name ?? 'ENROLMENT_FAILED', message, { data: { code } });
}
