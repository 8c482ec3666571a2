// SPDX-License-Identifier: Apache-2.0
// The policy language: `AND('Org1MSP.peer', OutOf(2, 'A.member', 'B.member', 'C.member'))` (common/policydsl/policyparser.go
// @ v3.x; Fabric evaluates the text with an expression library, here it is parsed).
// The bytes are Fabric's: principals are numbered in the order in which an evaluator meets them, so those of inner gates
// come before those of the gate around them, and equal principals are not merged.
import { common } from '../protos/index.ts';
import { PolicyError } from './errors.ts';

const { MSPRoleType } = common.MSPRole;

const ROLES: Readonly<Record<string, number>> = {
  member: MSPRoleType.MEMBER,
  admin: MSPRoleType.ADMIN,
  client: MSPRoleType.CLIENT,
  peer: MSPRoleType.PEER,
  orderer: MSPRoleType.ORDERER,
};

const PRINCIPAL = /^([A-Za-z0-9.-]+)\.(member|admin|client|peer|orderer)$/;
const TOKEN = /\s*(?:([A-Za-z]+)|(\d{1,6})|'([^']*)'|"([^"]*)"|([(),]))/y;

// Deep enough for people; keeps a hostile text from exhausting the stack.
const MAX_DEPTH = 32;
const MAX_LENGTH = 64 * 1024;

interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'mark';
  readonly text: string;
}

function syntax(text: string): PolicyError {
  return new PolicyError('POLICY_SYNTAX', `invalid policy string: ${text}`);
}

function tokenize(policy: string): Token[] {
  if (policy.length > MAX_LENGTH) throw syntax(`longer than ${MAX_LENGTH} characters`);
  const tokens: Token[] = [];
  const text = policy.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw syntax(`unexpected '${text.slice(at, at + 20).trim()}'`);
    const [, name, number, single, double, mark = ''] = match;
    if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (mark !== '') tokens.push({ kind: 'mark', text: mark });
    else tokens.push({ kind: 'string', text: single ?? double ?? '' });
  }
  return tokens;
}

class Parser {
  readonly principals: common.IMSPPrincipal[] = [];
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const rest = this.#tokens[this.#position];
    if (rest) throw syntax(`unexpected '${rest.text}' after the policy`);
  }

  gate(depth = 0): common.ISignaturePolicy {
    if (depth > MAX_DEPTH) throw syntax('gates nest too deep');
    const { kind, text } = this.#take();
    if (kind !== 'name') throw syntax(`'${text}' where AND, OR or OutOf belongs`);
    this.#mark('(');
    const threshold = isGate('OutOf', text) ? this.#threshold() : undefined;
    const args: (string | common.ISignaturePolicy)[] = [];
    do args.push(this.#argument(depth));
    while (this.#mark(',', ')') === ',');
    const rules = args.map((arg) => (typeof arg === 'string' ? this.#signedBy(arg) : arg));
    return { n_out_of: { n: thresholdOf(text, threshold, rules.length), rules } };
  }

  #argument(depth: number): string | common.ISignaturePolicy {
    if (this.#tokens[this.#position]?.kind === 'string') return this.#take().text;
    return this.gate(depth + 1);
  }

  #threshold(): number {
    const { kind, text } = this.#take();
    if (kind !== 'number' && !(kind === 'string' && /^\d{1,6}$/.test(text))) {
      throw syntax(`'${text}' where a number belongs`);
    }
    this.#mark(',');
    return Number(text);
  }

  #signedBy(text: string): common.ISignaturePolicy {
    const [, mspIdentifier, role = ''] = PRINCIPAL.exec(text) ?? [];
    if (mspIdentifier === undefined) throw syntax(`'${text}' is not a principal (MSP.role)`);
    const bytes = common.MSPRole.encode({ msp_identifier: mspIdentifier, role: ROLES[role] ?? 0 });
    this.principals.push({
      principal_classification: common.MSPPrincipal.Classification.ROLE,
      principal: bytes.finish(),
    });
    return { signed_by: this.principals.length - 1 };
  }

  #take(): Token {
    const token = this.#tokens[this.#position++];
    if (!token) throw syntax('unexpected end');
    return token;
  }

  #mark(...allowed: readonly string[]): string {
    const { kind, text } = this.#take();
    if (kind === 'mark' && allowed.includes(text)) return text;
    throw syntax(`'${text}' where ${allowed.join(' or ')} belongs`);
  }
}

// Each gate may be written as AND, And, and.
function isGate(gate: 'And' | 'Or' | 'OutOf', text: string): boolean {
  return text === gate || text === gate.toUpperCase() || text === gate.toLowerCase();
}

function thresholdOf(gate: string, threshold: number | undefined, count: number): number {
  if (isGate('And', gate)) return count;
  if (isGate('Or', gate)) return 1;
  if (threshold === undefined) throw syntax(`unknown gate ${gate}`);
  // One more than there are rules is allowed: a policy that nobody satisfies.
  if (threshold > count + 1)
    throw syntax(`invalid t-out-of-n predicate, t ${threshold}, n ${count}`);
  return threshold;
}

/** Parses Fabric's policy language. Throws PolicyError POLICY_SYNTAX. */
export function parsePolicy(policy: string): common.SignaturePolicyEnvelope {
  const parser = new Parser(tokenize(policy));
  const rule = parser.gate();
  parser.end();
  const envelope = { version: 0, rule, identities: parser.principals };
  const bytes = common.SignaturePolicyEnvelope.encode(envelope).finish();
  return common.SignaturePolicyEnvelope.decode(bytes);
}

/** The text of a signature policy. Throws PolicyError when the language cannot say it (OU or identity principals). */
export function policyToText(envelope: common.ISignaturePolicyEnvelope): string {
  const principals = (envelope.identities ?? []).map(principalText);
  const text = (rule: common.ISignaturePolicy, depth: number): string => {
    if (depth > MAX_DEPTH) throw new PolicyError('POLICY_MALFORMED', 'rules nest too deep');
    if (!rule.n_out_of) {
      const principal = principals[rule.signed_by ?? -1];
      if (principal === undefined) throw new PolicyError('POLICY_MALFORMED', 'no such principal');
      return depth === 0 ? `OR(${principal})` : principal;
    }
    const { n = 0, rules = [] } = rule.n_out_of;
    const parts = (rules ?? []).map((inner) => text(inner, depth + 1)).join(', ');
    if (n === 1) return `OR(${parts})`;
    return n === rules?.length ? `AND(${parts})` : `OutOf(${n}, ${parts})`;
  };
  if (!envelope.rule) throw new PolicyError('POLICY_MALFORMED', 'policy has no rule');
  return text(envelope.rule, 0);
}

function principalText({ principal_classification, principal }: common.IMSPPrincipal): string {
  const role =
    principal_classification === common.MSPPrincipal.Classification.ROLE && principal
      ? common.MSPRole.decode(principal)
      : undefined;
  const name = Object.keys(ROLES).find((key) => ROLES[key] === role?.role);
  if (!role || !name) throw new PolicyError('POLICY_MALFORMED', 'principal has no text form');
  return `'${role.msp_identifier}.${name}'`;
}

/** Parses `ANY Readers`, `ALL …`, `MAJORITY …` (common/policies/implicitmetaparser.go). Throws PolicyError. */
export function parseImplicitMetaPolicy(text: string): { rule: 0 | 1 | 2; sub_policy: string } {
  const match = /^(ANY|ALL|MAJORITY) (\S+)$/.exec(text);
  const [, name, sub_policy] = match ?? [];
  const { Rule } = common.ImplicitMetaPolicy;
  const rule = { ANY: Rule.ANY, ALL: Rule.ALL, MAJORITY: Rule.MAJORITY }[name ?? ''];
  if (rule === undefined || sub_policy === undefined) {
    throw syntax(`'${text}' is not ANY, ALL or MAJORITY and a name`);
  }
  return { rule, sub_policy };
}
