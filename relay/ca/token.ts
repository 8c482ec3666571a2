// SPDX-License-Identifier: Apache-2.0
// Fabric CA's authorization headers (fabric-ca util/util.go): Basic for enrol, and for the rest a token that signs the request:
// `base64(certificate).base64(signature)` over `METHOD.base64(uri).base64(body).base64(certificate)`.
import { verify, X509Certificate } from 'node:crypto';
import { type Certificate, commonName, parseCertificate } from '../../src/common/crypto/index.ts';
import { authenticationFailure, CaError, CaErrorCode } from './errors.ts';

const MAX_HEADER_CHARS = 12_000;

export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly body: Uint8Array;
}

/** Id and secret of a Basic header. Throws CaError when there is none. */
export function readBasic(header: string | undefined): { id: string; secret: string } {
  if (!header) throw new CaError(401, CaErrorCode.NO_AUTH_HEADER, 'No authorization header');
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header.slice(0, MAX_HEADER_CHARS))?.[1];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0) throw authenticationFailure();
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** Who signed a request, by what certificate. */
export interface Caller {
  /** Enrolment id. */
  readonly id: string;
  /** Of the certificate, hex. */
  readonly serial: string;
}

/**
 * Who signed the request, once the certificate is proven to be this CA's, in force and the signer of the
 * request. Throws CaError otherwise, without saying which.
 */
export function authenticate(
  header: string | undefined,
  request: SignedRequest,
  caCertificate: X509Certificate,
  nowMs: number,
): Caller {
  if (!header) throw new CaError(401, CaErrorCode.NO_AUTH_HEADER, 'No authorization header');
  const match = /^([A-Za-z0-9+/=]+)\.([A-Za-z0-9+/=]+)$/.exec(header.slice(0, MAX_HEADER_CHARS));
  if (!match?.[1] || !match[2]) throw authenticationFailure();
  const [, certificate64, signature64] = match;
  const certificate = readCertificate(certificate64);
  const uri = Buffer.from(request.target).toString('base64');
  const body = Buffer.from(request.body).toString('base64');
  const signed = Buffer.from(`${request.method}.${uri}.${body}.${certificate64}`);
  const { subject, serialNumber, notBefore, notAfter } = parsed(certificate);
  const inForce = notBefore <= nowMs && nowMs < notAfter;
  if (
    !inForce ||
    !wasIssuedBy(certificate, caCertificate) ||
    !verifies(certificate, signed, signature64)
  ) {
    throw authenticationFailure();
  }
  const id = commonName(subject);
  if (id === '') throw authenticationFailure();
  return { id, serial: serialNumber };
}

function readCertificate(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch (cause) {
    throw authenticationFailure(cause);
  }
}

// Node writes names out with escapes of its own, and dates only from version 22 on.
function parsed({ raw }: X509Certificate): Certificate {
  try {
    return parseCertificate(new Uint8Array(raw));
  } catch (cause) {
    throw authenticationFailure(cause);
  }
}

function wasIssuedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  try {
    return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
  } catch {
    return false;
  }
}

function verifies(certificate: X509Certificate, message: Buffer, signature64: string): boolean {
  try {
    return verify('sha256', message, certificate.publicKey, Buffer.from(signature64, 'base64'));
  } catch {
    return false;
  }
}
