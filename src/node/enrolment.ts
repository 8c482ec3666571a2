// SPDX-License-Identifier: Apache-2.0
// The member's side of the certificate authority: an invitation becomes two enrolled identities, a peer and its user. The
// REST calls are Fabric CA's (swagger-fabric-ca.json); `join` and `name` are those that Fabric CA does not have.
import {
  createCertificateRequest,
  defaultBCCSP,
  type KeyPair,
  type PrivateKeyHandle,
  parseCertificatePem,
} from '../common/crypto/index.ts';
import { createSigningIdentity } from '../common/msp/index.ts';
import type { NetworkDescription } from '../common/network/types.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../common/runtime/errors.ts';

const REQUEST_TIMEOUT_MS = 15_000;
const MAX_REPLY_CHARS = 256 * 1024;

export interface Invitation {
  readonly org: string;
  readonly secret: string;
  /** By which people shall know the member. */
  readonly name?: string;
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
  const joined = await post<JoinResult>(
    new URL('/api/v1/join', base),
    JSON.stringify(invitation),
    {},
  );
  const { caName, mspId } = joined;
  const peer = await enrol(base, caName, joined.peer, options);
  const client = await enrol(base, caName, joined.client, options);
  return { mspId, peer, client };
}

/** Where and how an identity gets new certificates. */
export interface RenewalOptions extends EnrolmentOptions {
  readonly base: URL;
  readonly caName: string;
  readonly mspId: string;
}

/** Where a member's certificates come from. */
export function renewalOf(
  { organisations }: NetworkDescription,
  mspId: string,
  base: URL,
): RenewalOptions {
  const caName = organisations.find((one) => one.mspId === mspId)?.caName ?? '';
  return { base, caName, mspId };
}

/**
 * Gives a client the name by which people know it: the CA notes it, and the certificate that is returned carries it, for a new key. Without
 * characters, the name is taken away. Throws FabricError DISPLAY_NAME_REFUSED, REENROLL_TOO_OFTEN or RELAY_UNREACHABLE.
 */
export async function renameClient(
  client: EnrolledIdentity,
  name: string,
  { base, caName, mspId, ...options }: RenewalOptions,
): Promise<EnrolledIdentity> {
  const { keys, request } = await newRequest(client.name, options);
  const signer = createSigningIdentity(mspId, client.certificate, client.key);
  const ask = async <T>(path: string, body: object): Promise<T> => {
    const text = JSON.stringify({ ...body, caname: caName });
    const certificate = toBase64(utf8(client.certificate));
    const signed = `POST.${toBase64(utf8(path))}.${toBase64(utf8(text))}.${certificate}`;
    const signature = toBase64(await signer.sign(utf8(signed)));
    return post<T>(new URL(path, base), text, { authorization: `${certificate}.${signature}` });
  };
  await ask('/api/v1/name', { name });
  const { Cert } = await ask<Certified>('/api/v1/reenroll', { certificate_request: request });
  return enrolled(client.name, Cert, keys);
}

async function enrol(
  base: URL,
  caName: string,
  { id, secret }: Credentials,
  options: EnrolmentOptions,
): Promise<EnrolledIdentity> {
  const { keys, request } = await newRequest(id, options);
  const body = { certificate_request: request, caname: caName };
  const authorization = `Basic ${toBase64(utf8(`${id}:${secret}`))}`;
  const url = new URL('/api/v1/enroll', base);
  const { Cert } = await post<Certified>(url, JSON.stringify(body), { authorization });
  return enrolled(id, Cert, keys);
}

interface Certified {
  /** PEM in base64. */
  readonly Cert: string;
}

async function newRequest(commonName: string, options: EnrolmentOptions) {
  const bccsp = defaultBCCSP();
  const keys = await bccsp.generateKey(options);
  const request = await createCertificateRequest(bccsp, keys, { subject: { commonName } });
  return { keys, request };
}

function enrolled(id: string, base64: string, keys: KeyPair): EnrolledIdentity {
  const certificate = fromUtf8(fromBase64(base64));
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

async function post<T>(url: URL, body: string, headers: Record<string, string>): Promise<T> {
  let reply: CaReply;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
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
