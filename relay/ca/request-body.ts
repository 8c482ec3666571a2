// SPDX-License-Identifier: Apache-2.0
// Bodies of CA requests: hostile JSON in, checked values out.
import { fromUtf8Strict } from '../../src/common/runtime/bytes.ts';
import { booleanOf } from './attribute-control.ts';
import { CaError, CaErrorCode, type CaErrorNumber } from './errors.ts';
import type { AttributeRequest, EnrollmentRequest } from './fabric-ca.ts';
import type {
  IdentityAttribute,
  IdentityChanges,
  NewIdentity,
  RegisteredIdentity,
} from './identity-registry.ts';
import { newSecret } from './secrets.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Fabric CA takes any; a colon ends the id in an enrolment's header, and what has no shape on a page could pass for another. */
const ID = /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u;
/** Fabric CA takes any; a dot divides, a slash would divide the path in which it is named. */
const AFFILIATION = /^(?=.{1,200}$)[^\p{C}\p{Z}./]+(\.[^\p{C}\p{Z}./]+)*$/u;
const ATTRIBUTE_NAME = /^[\w.:-]{1,100}$/;
const MAX_ATTRIBUTES = 64;
/** Of an organisational unit in a certificate. */
const MAX_TYPE_CHARS = 64;
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

/** Who is to be registered; type and affiliation are the registrar's own unless others are named (normalizeRegistrationRequest of lib/serverregister.go). */
export function readRegistration(
  object: JsonObject,
  registrar: Pick<RegisteredIdentity, 'type' | 'affiliation'>,
): NewIdentity {
  const id = text(object, 'id', 255);
  if (!ID.test(id) || id.trim() !== id) refuse('id', 'a name of up to 255 visible characters');
  const limit = object.max_enrollments ?? 0;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < -1) {
    const message = 'max_enrollments must be a whole number, -1 for no limit';
    throw new CaError(400, CaErrorCode.INVALID_MAX_ENROLLMENTS, message);
  }
  return {
    id,
    type: readType(object) ?? registrar.type,
    affiliation: readAffiliation(object) ?? registrar.affiliation,
    secret: text(object, 'secret', MAX_SECRET_CHARS) || newSecret(),
    // Fabric CA reads 0 as "what the CA allows", which is no limit here.
    maxEnrollments: limit === 0 ? -1 : limit,
    attrs: readAttributes(object).filter(({ value }) => value !== ''),
  };
}

/** The changes of an identity that a body asks for (getModifyReq of lib/serveridentities.go): an attribute without value is taken away. */
export function readIdentityChanges(
  object: JsonObject,
  { attrs: before }: Pick<RegisteredIdentity, 'attrs'>,
): IdentityChanges {
  const type = readType(object);
  const affiliation = readAffiliation(object);
  const secret = text(object, 'secret', MAX_SECRET_CHARS);
  const limit = object.max_enrollments ?? 0;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < -2)
    refuse('max_enrollments', 'a whole number, -1 for no limit, -2 for none at all');
  const given = readAttributes(object);
  const named = new Set(given.map(({ name }) => name));
  const attrs = [
    ...before.filter(({ name }) => !named.has(name)),
    ...given.filter(({ value }) => value !== ''),
  ];
  if (attrs.length > MAX_ATTRIBUTES) refuse('attrs', `at most ${MAX_ATTRIBUTES} in all`);
  return {
    ...(type !== undefined && { type }),
    ...(affiliation !== undefined && { affiliation }),
    ...(secret !== '' && { secret }),
    ...(limit !== 0 && { maxEnrollments: limit === -2 ? 0 : limit }),
    ...(given.length > 0 && { attrs }),
  };
}

/** The attributes that a body names; one without a value is to be taken away. */
export function readAttributes(object: JsonObject): IdentityAttribute[] {
  return object.attrs ? list(object, 'attrs').map(readAttribute) : [];
}

function readType(object: JsonObject): string | undefined {
  const type = text(object, 'type', MAX_TYPE_CHARS);
  if (type === '' || ID.test(type)) return type || undefined;
  return refuse('type', `a name of up to ${MAX_TYPE_CHARS} visible characters`);
}

// A dot is the root.
function readAffiliation(object: JsonObject): string | undefined {
  const affiliation = text(object, 'affiliation', 200);
  if (affiliation === '') return undefined;
  return affiliation === '.' ? '' : readAffiliationName(affiliation);
}

/** A parameter that is on or off; absent is off. Throws CaError `code`. */
export function readSwitch(query: URLSearchParams, name: string, code: CaErrorNumber): boolean {
  const asked = query.get(name) ?? '';
  const value = asked === '' ? false : booleanOf(asked.toLowerCase());
  if (value !== undefined) return value;
  throw new CaError(400, code, `Failed to correctly parse value of '${name}': true or false`);
}

/** The name of an affiliation. Throws CaError BAD_BODY. */
export function readAffiliationName(name: string): string {
  if (!AFFILIATION.test(name)) refuse('affiliation', 'a dotted path such as org1.department1');
  return name;
}

/**
 * Fabric CA's words for times: `+30d`, `-1h30m`, a date, a moment of RFC 3339, and `now`; Go's zero time is none. Milliseconds since the Unix
 * epoch. Throws CaError `code`.
 */
export function readTime(
  value: string,
  { field, now, code }: { field: string; now: number; code: CaErrorNumber },
): number | undefined {
  if (value === '' || value.startsWith('0001-01-01')) return undefined;
  if (value === 'now') return now;
  const at = DURATION.test(value) ? now + durationOf(value.toLowerCase()) : momentOf(value);
  if (Number.isFinite(at)) return at;
  throw new CaError(400, code, `${field} must be a time, such as 2026-01-31T00:00:00Z, or +30d`);
}

const DURATION = /^[+-](?:\d{1,6}d|(?:\d{1,9}(?:\.\d{1,9})?(?:h|m|s|ms))+)$/i;
const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

function durationOf(value: string): number {
  const parts = [...value.matchAll(/([\d.]+)(d|h|ms|m|s)/g)];
  const sum = parts.reduce(
    (total, [, amount, unit]) => total + Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS],
    0,
  );
  return value.startsWith('-') ? -sum : sum;
}

function momentOf(value: string): number {
  const isTime = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(value);
  return isTime ? Date.parse(value) : Number.NaN;
}

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
