// SPDX-License-Identifier: Apache-2.0
// Fabric CA's REST interface under /api/v1 for every CA of the relay (`?ca=` or `caname` chooses; the first is the default), and
// three kinds that Fabric CA does not have: `POST /api/v1/join` for who has an invitation, `POST /api/v1/name` for the name by which people know
// a member, and `/api/v1/invitations` for an organisation's administrator. Replies are always Fabric CA's envelope, never empty.
import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import type { Logger } from '../../src/common/runtime/log.ts';
import {
  BodyTooLargeError,
  type HttpReply,
  type HttpRequest,
  type HttpRoute,
  json,
} from '../http/http-server.ts';
import type { Administrators } from './administrators.ts';
import { CaError, CaErrorCode } from './errors.ts';
import type { FabricCA } from './fabric-ca.ts';
import type { FailureLimit } from './failure-limit.ts';
import type { Invitation, InvitationOptions, Invitations } from './invitations.ts';
import { MANAGEMENT, manage } from './management-api.ts';
import {
  type JsonObject,
  readEnrollment,
  readJson,
  readRegistration,
  text,
} from './request-body.ts';
import { authenticate, readBasic } from './token.ts';

const BASE = '/api/v1/';
/** Fabric CA answers each of its endpoints by the short path too, which its own client uses (registerHandler of lib/server.go). */
const SHORT_PATH =
  /^\/(?:cainfo|enroll|reenroll|register|revoke|gencrl|certificates|(?:identities|affiliations)(?:\/[^/]+)?)\/?$/;
const NAMED = /^(identities|affiliations)\/(.+)$/;
const MAX_BODY_BYTES = 64 * 1024;
const MAX_NAME_CHARS = 200;
/** Shown in replies; clients of Fabric CA look only at the major number. */
const VERSION = '1.5.0-tabric';

export interface CaApiComponents {
  readonly cas: readonly FabricCA[];
  readonly invitations: Invitations;
  /** Of new ones. */
  readonly invitationOptions: InvitationOptions;
  readonly administrators: Administrators;
  /** The link by which people join. */
  readonly joinLink: (mspId: string, secret: string) => string;
  readonly failures: FailureLimit;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Call {
  readonly request: HttpRequest;
  readonly ca: FabricCA;
  readonly body: Uint8Array;
  readonly fields: JsonObject;
}

type Endpoint = (api: CaApiComponents, call: Call) => Promise<{ status: number; result: unknown }>;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'GET cainfo': async (_api, { ca }) => ({ status: 200, result: serverInfo(ca) }),
  'POST cainfo': async (_api, { ca }) => ({ status: 200, result: serverInfo(ca) }),
  'POST enroll': enroll,
  'POST reenroll': reenroll,
  'POST register': register,
  'POST join': join,
  'POST name': rename,
  'GET invitations': administered(({ invitations }, mspId) => invitations.open(mspId)),
  'POST invitations': administered(({ invitations, invitationOptions }, mspId) =>
    invitations.renew(mspId, invitationOptions),
  ),
  'DELETE invitations': administered(async ({ invitations }, mspId) => {
    await invitations.cancel(mspId);
    return undefined;
  }),
};

/** The route of everything under /api/v1, and of the short paths. */
export function caApi(api: CaApiComponents): HttpRoute {
  return async (request) => {
    const name = endpointOf(request.path);
    if (name === undefined) return undefined;
    try {
      return await answer(api, request, name);
    } catch (error) {
      return refusal(api, request, error);
    }
  };
}

function endpointOf(path: string): string | undefined {
  const isOurs = path.startsWith(BASE) || SHORT_PATH.test(path);
  return isOurs ? path.replace(BASE, '').replace(/^\/|\/$/g, '') : undefined;
}

async function answer(
  api: CaApiComponents,
  request: HttpRequest,
  name: string,
): Promise<HttpReply> {
  const [, kind, named = ''] = NAMED.exec(name) ?? [];
  const key = kind === undefined ? name : `${kind}/*`;
  const management = MANAGEMENT[`${request.method} ${key}`];
  const endpoint = management ? managed(management, named) : ENDPOINTS[`${request.method} ${key}`];
  if (!endpoint) {
    const all = [...Object.keys(ENDPOINTS), ...Object.keys(MANAGEMENT)];
    const [status, code, what] = all.some((one) => one.endsWith(` ${key}`))
      ? ([405, CaErrorCode.METHOD_NOT_ALLOWED, 'Method not allowed'] as const)
      : ([404, CaErrorCode.UNKNOWN, 'Not found'] as const);
    throw new CaError(status, code, `${what}: ${request.method} ${BASE}${name}`);
  }
  const body = await request.body(MAX_BODY_BYTES);
  const fields = readJson(body);
  const ca = chooseCa(api.cas, request.query.get('ca') ?? text(fields, 'caname', 250));
  const { status, result } = await endpoint(api, { request, ca, body, fields });
  return json(status, { result, errors: [], messages: [], success: true });
}

function refusal(api: CaApiComponents, request: HttpRequest, error: unknown): HttpReply {
  const refused = toCaError(error);
  const data = { code: refused.number, from: request.remoteAddress, message: messageOf(error) };
  if (refused.httpStatus === 500 && refused.number === CaErrorCode.UNKNOWN) {
    api.log.error(`${request.method} ${request.path} failed`, data);
  } else {
    api.log.debug(`${request.method} ${request.path} refused`, data);
  }
  const errors = [{ code: refused.number, message: refused.message }];
  return json(refused.httpStatus, { result: '', errors, messages: [], success: false });
}

function toCaError(error: unknown): CaError {
  if (error instanceof CaError) return error;
  if (error instanceof BodyTooLargeError) {
    return new CaError(413, CaErrorCode.READING_BODY, error.message);
  }
  return new CaError(500, CaErrorCode.UNKNOWN, 'internal error', { cause: error });
}

function chooseCa(cas: readonly FabricCA[], name: string): FabricCA {
  const found = name === '' ? cas[0] : cas.find((ca) => ca.description.caName === name);
  if (!found) throw new CaError(404, CaErrorCode.CA_NOT_FOUND, `CA '${name}' does not exist`);
  return found;
}

async function enroll({ failures }: CaApiComponents, { request, ca, fields }: Call) {
  const { id, secret } = readBasic(request.headers.authorization);
  const guesser = { address: request.remoteAddress, caName: ca.description.caName, id };
  failures.check(guesser);
  try {
    return enrolled(ca, await ca.enroll(id, secret, readEnrollment(fields)));
  } catch (error) {
    if (error instanceof CaError && error.httpStatus === 401) failures.fail(guesser);
    throw error;
  }
}

async function reenroll(api: CaApiComponents, call: Call) {
  return enrolled(
    call.ca,
    await call.ca.reenroll(await callerOf(api, call), readEnrollment(call.fields)),
  );
}

function enrolled(ca: FabricCA, certificate: string) {
  return { status: 201, result: { Cert: base64(certificate), ServerInfo: serverInfo(ca) } };
}

async function register(api: CaApiComponents, call: Call) {
  const authority = await call.ca.authorityOf(await callerOf(api, call));
  const wanted = readRegistration(call.fields, authority.caller);
  await call.ca.register(authority, wanted);
  return { status: 201, result: { secret: wanted.secret } };
}

async function join(api: CaApiComponents, { fields }: Call) {
  const mspId = text(fields, 'org', 250);
  const secret = text(fields, 'secret', 200);
  const name = text(fields, 'name', MAX_NAME_CHARS);
  const ca = api.cas.find(({ description }) => description.mspId === mspId);
  if (!ca) {
    const message = `JOIN_ORG_UNKNOWN: this network has no organisation '${mspId}'`;
    throw new CaError(404, CaErrorCode.ORGANISATION_UNKNOWN, message);
  }
  const members = await api.invitations.redeem(mspId, secret, () => ca.join(name));
  api.log.info(`${members.peer.id} may join`, { mspId });
  return { status: 201, result: { ...members, caName: ca.description.caName, mspId } };
}

async function rename(api: CaApiComponents, call: Call) {
  const caller = await callerOf(api, call);
  await call.ca.rename(caller, text(call.fields, 'name', MAX_NAME_CHARS));
  return { status: 200, result: { id: caller } };
}

/** An endpoint for whoever has the administrator's link of the organisation `?org=`; it answers with the invitation that is open then, or null. */
function administered(
  work: (api: CaApiComponents, mspId: string) => Promise<Invitation | undefined>,
): Endpoint {
  return async (api, { request }) => {
    const mspId = request.query.get('org') ?? '';
    await api.administrators.check(mspId, request.headers.authorization);
    const found = await work(api, mspId);
    if (!found) return { status: 200, result: { mspId, invitation: null } };
    const { secret, expiresAt, maxUses, uses } = found;
    const link = api.joinLink(mspId, secret);
    return { status: 200, result: { mspId, invitation: { link, expiresAt, maxUses, uses } } };
  };
}

function managed(management: (typeof MANAGEMENT)[string], name: string): Endpoint {
  return async (api, call) => {
    const { ca, fields, request } = call;
    const callerId = await callerOf(api, call);
    const about = { ca, callerId, fields, query: request.query, name, now: api.clock.now() };
    return manage(management, about);
  };
}

async function callerOf(api: CaApiComponents, { request, ca, body }: Call): Promise<string> {
  const { method, target } = request;
  const certificate = new X509Certificate(ca.certificatePem);
  const { id, serial } = authenticate(
    request.headers.authorization,
    { method, target, body },
    certificate,
    api.clock.now(),
  );
  await ca.needUnrevoked(serial);
  return id;
}

function serverInfo(ca: FabricCA) {
  return {
    CAName: ca.description.caName,
    CAChain: base64(ca.certificatePem),
    IssuerPublicKey: '',
    IssuerRevocationPublicKey: '',
    Version: VERSION,
  };
}

function base64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
