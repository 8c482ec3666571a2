// SPDX-License-Identifier: Apache-2.0
// Bodies of CA requests: hostile JSON in, checked values out.
import { fromUtf8Strict } from '../../src/common/runtime/bytes.ts';
import { CaError, CaErrorCode } from './errors.ts';
import { type AttributeRequest, type EnrollmentRequest, isIdentityType } from './fabric-ca.ts';
import type { IdentityAttribute, NewIdentity } from './identity-registry.ts';
import { newSecret } from './secrets.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const ID = /^[\w@.:-]{1,100}$/;
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
  const id = text(object, 'id', 100);
  if (!ID.test(id)) refuse('id', 'a name of letters, digits and . @ _ : -');
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
