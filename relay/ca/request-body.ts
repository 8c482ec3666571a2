// SPDX-License-Identifier: Apache-2.0
// Bodies of CA requests: hostile JSON in, checked values out.
import { fromUtf8Strict } from '../../src/common/runtime/bytes.ts';
import { CaError, CaErrorCode } from './errors.ts';
import { type AttributeRequest, type EnrollmentRequest, isIdentityType } from './fabric-ca.ts';
import type {
  IdentityAttribute,
  IdentityChanges,
  IdentityType,
  NewIdentity,
  RegisteredIdentity,
} from './identity-registry.ts';
import { newSecret } from './secrets.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Fabric CA takes any; a colon ends the id in an enrolment's header, and what has no shape on a page could pass for another. */
const ID = /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u;
const AFFILIATION = /^(?=.{0,200}$)([\w-]+(\.[\w-]+)*)?$/;
const ATTRIBUTE_NAME = /^[\w.:-]{1,100}$/;
const MAX_ATTRIBUTES = 64;
const MAX_VALUE_CHARS = 1000;
const MAX_CSR_CHARS = 16_384;
const MAX_SECRET_CHARS = 200;

/** The object of a JSON body; an empty body is an empty object. Throws CaError BAD_BODY. */
export function readJson(body: Uint8Array): JsonObject {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8Strict(body));
  } catch (cause) {
    throw new CaError(400, CaErrorCode.BAD_BODY, 'the request body is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CaError(400, CaErrorCode.BAD_BODY, 'the request body is not a JSON object');
  }
  return value as JsonObject;
}

/** A string field; absent gives ''. */
export function text(object: JsonObject, field: string, maxChars: number): string {
  const value = object[field] ?? '';
  if (typeof value !== 'string' || value.length > maxChars)
    refuse(field, `a string of up to ${maxChars} characters`);
  return value;
}

export function readEnrollment(object: JsonObject): EnrollmentRequest {
  const csrPem = text(object, 'certificate_request', MAX_CSR_CHARS);
  if (csrPem === '') refuse('certificate_request', 'a PEM certificate signing request');
  if (object.attr_reqs === undefined || object.attr_reqs === null) return { csrPem };
  return { csrPem, attributeRequests: list(object, 'attr_reqs').map(readAttributeRequest) };
}

export function readRegistration(object: JsonObject): NewIdentity {
  const id = text(object, 'id', 255);
  if (!ID.test(id) || id.trim() !== id) refuse('id', 'a name of up to 255 visible characters');
  const type = text(object, 'type', 20) || 'client';
  if (!isIdentityType(type)) {
    const message = `Identity type '${type}' is not client, peer, admin or orderer`;
    throw new CaError(400, CaErrorCode.REGISTRAR_INVALID_TYPE, message);
  }
  const affiliation = text(object, 'affiliation', 200);
  if (!AFFILIATION.test(affiliation))
    refuse('affiliation', 'a dotted path such as org1.department1');
  const limit = object.max_enrollments ?? -1;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < -1) {
    refuse('max_enrollments', 'a whole number, -1 for no limit');
  }
  return {
    id,
    type,
    affiliation,
    secret: text(object, 'secret', MAX_SECRET_CHARS) || newSecret(),
    // Fabric CA reads 0 as "what the CA allows", which is no limit here.
    maxEnrollments: limit === 0 ? -1 : (limit as number),
    attrs:
      object.attrs === undefined || object.attrs === null
        ? []
        : list(object, 'attrs').map(readAttribute),
  };
}

/** The changes of an identity that a body asks for (getModifyReq of lib/serveridentities.go): an attribute without value is taken away. */
export function readIdentityChanges(
  object: JsonObject,
  { attrs: before }: Pick<RegisteredIdentity, 'attrs'>,
): IdentityChanges {
  const type = text(object, 'type', 20);
  if (type !== '' && !isIdentityType(type)) refuse('type', 'client, peer, admin or orderer');
  const affiliation = text(object, 'affiliation', 200);
  const secret = text(object, 'secret', MAX_SECRET_CHARS);
  const limit = object.max_enrollments ?? 0;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < -2)
    refuse('max_enrollments', 'a whole number, -1 for no limit, -2 for none at all');
  const given = object.attrs ? list(object, 'attrs').map(readAttribute) : [];
  const named = new Set(given.map(({ name }) => name));
  const attrs = [
    ...before.filter(({ name }) => !named.has(name)),
    ...given.filter(({ value }) => value !== ''),
  ];
  return {
    ...(type !== '' && { type: type as IdentityType }),
    // A dot is the root.
    ...(affiliation !== '' && {
      affiliation: affiliation === '.' ? '' : readAffiliationName(affiliation),
    }),
    ...(secret !== '' && { secret }),
    ...(limit !== 0 && { maxEnrollments: limit === -2 ? 0 : (limit as number) }),
    ...(given.length > 0 && { attrs }),
  };
}

/** The name of an affiliation. Throws CaError BAD_BODY. */
export function readAffiliationName(name: string): string {
  if (name === '' || !AFFILIATION.test(name))
    refuse('affiliation', 'a dotted path such as org1.department1');
  return name;
}

/** Fabric CA's words for times: `now`, `+30d`, `-12h`, a date, a moment of RFC 3339; its zero time is none. Milliseconds since the Unix epoch. */
export function readTime(value: string, field: string, now: number): number | undefined {
  if (value === '' || value.startsWith('0001-01-01')) return undefined;
  if (value === 'now') return now;
  const [, sign, amount, unit = ''] = /^([+-])(\d{1,6})([dhms])$/.exec(value) ?? [];
  if (sign !== undefined)
    return now + Number(`${sign}${amount}`) * (UNIT_MS[unit as keyof typeof UNIT_MS] ?? 0);
  const at = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  return Number.isNaN(at) ? refuse(field, 'a time, such as 2026-01-31T00:00:00Z, or +30d') : at;
}

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

function readAttributeRequest(value: JsonObject): AttributeRequest {
  return { name: attributeName(value), optional: value.optional === true };
}

function readAttribute(value: JsonObject): IdentityAttribute {
  return {
    name: attributeName(value),
    value: text(value, 'value', MAX_VALUE_CHARS),
    ecert: value.ecert === true,
  };
}

function attributeName(value: JsonObject): string {
  const name = text(value, 'name', 100);
  return ATTRIBUTE_NAME.test(name) ? name : refuse('name', 'an attribute name');
}

function list(object: JsonObject, field: string): JsonObject[] {
  const value = object[field];
  if (!Array.isArray(value) || value.length > MAX_ATTRIBUTES)
    refuse(field, `a list of up to ${MAX_ATTRIBUTES} objects`);
  return value.map((item: unknown) =>
    typeof item === 'object' && item !== null
      ? (item as JsonObject)
      : refuse(field, 'a list of objects'),
  );
}

function refuse(field: string, shape: string): never {
  throw new CaError(400, CaErrorCode.BAD_BODY, `${field} must be ${shape}`);
}
