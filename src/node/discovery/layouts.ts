// SPDX-License-Identifier: Apache-2.0
// Which organisations' endorsements satisfy a signature policy: the layouts of Fabric's discovery/endorsement, counted
// in organisations.
import { common } from '../../common/protos/index.ts';
import { compareUtf8 } from '../../common/runtime/bytes.ts';

/** More layouts than this are not considered at any gate: a person's policy has a handful. */
export const MAX_LAYOUTS = 200;

/** MSP ids, sorted; one that stands twice means two of its peers. */
type Layout = readonly string[];

/**
 * Minimal sets of MSP ids, each of which satisfies the policy when one peer of every named MSP endorses (an MSP named
 * twice needs two peers). Smaller sets come first, and among equally large ones those with `preferred`.
 */
export function layoutsOf(
  envelope: common.ISignaturePolicyEnvelope,
  preferred: string,
): readonly Layout[] {
  const { rule, identities } = envelope;
  if (!rule) return [];
  const principals = (identities ?? []).map(mspOf);
  const satisfying = (layouts: readonly Layout[]): Layout[] =>
    layouts.filter((layout) => satisfies(rule, principals, layout));
  const exact = expand(rule, principals, false);
  let found = satisfying(exact);
  // Only a policy that names an organisation at several gates gets here: see `satisfies`.
  if (found.length < exact.length) found = satisfying(expand(rule, principals, true));
  return minimal(found).sort(
    (a, b) => rank(a, preferred) - rank(b, preferred) || compareUtf8(a.join(), b.join()),
  );
}

function rank(layout: Layout, preferred: string): number {
  return layout.length * 2 - (layout.includes(preferred) ? 1 : 0);
}

// The MSP whose peers the principal covers.
function mspOf(identity: common.IMSPPrincipal): string | undefined {
  const { MSPRole, MSPPrincipal } = common;
  // ROLE is 0, which an absent field means too.
  if ((identity.principal_classification ?? 0) !== MSPPrincipal.Classification.ROLE)
    return undefined;
  const { role, msp_identifier } = MSPRole.decode(identity.principal ?? new Uint8Array());
  const { MEMBER, PEER } = MSPRole.MSPRoleType;
  return role === MEMBER || role === PEER ? msp_identifier : undefined;
}

// What the identities add up to that satisfy exactly as many branches as each gate needs, or (`more`) at least as many.
function expand(
  rule: common.ISignaturePolicy,
  principals: readonly (string | undefined)[],
  more: boolean,
): Layout[] {
  if (!rule.n_out_of) {
    const mspId = principals[rule.signed_by ?? -1];
    return mspId === undefined ? [] : [[mspId]];
  }
  const { n = 0, rules } = rule.n_out_of;
  const needed = Math.max(0, n ?? 0);
  // By the number of branches that are satisfied.
  let table: Layout[][] = [[[]]];
  for (const branch of rules ?? []) {
    table = withBranch(table, expand(branch, principals, more));
  }
  return bounded(more ? table.slice(needed).flat() : (table[needed] ?? []));
}

function withBranch(table: readonly Layout[][], branch: readonly Layout[]): Layout[][] {
  return Array.from({ length: table.length + 1 }, (_, count) => {
    const without = table[count] ?? [];
    const rest = count > 0 ? (table[count - 1] ?? []) : [];
    return bounded([...without, ...products(rest, branch)]);
  });
}

function products(some: readonly Layout[], others: readonly Layout[]): Layout[] {
  const layouts: Layout[] = [];
  for (const head of some) {
    for (const tail of others) {
      if (layouts.length >= MAX_LAYOUTS) return layouts;
      layouts.push([...head, ...tail].sort());
    }
  }
  return layouts;
}

// Different layouts, the smaller ones if they are too many.
function bounded(layouts: readonly Layout[]): Layout[] {
  const different = [...new Map(layouts.map((layout) => [layout.join('\n'), layout])).values()];
  return different.sort((a, b) => a.length - b.length).slice(0, MAX_LAYOUTS);
}

// As Fabric evaluates: every branch of a gate takes what it can, also when enough others are satisfied, and takes it
// from the gates that follow. `A and (A or B)` is therefore satisfied by A and B but not the other way round.
function satisfies(
  rule: common.ISignaturePolicy,
  principals: readonly (string | undefined)[],
  layout: Layout,
): boolean {
  return take(rule, principals, layout) !== undefined;
}

// What is left of the layout; undefined when the rule is not satisfied.
function take(
  rule: common.ISignaturePolicy,
  principals: readonly (string | undefined)[],
  layout: Layout,
): Layout | undefined {
  if (!rule.n_out_of) {
    const index = layout.indexOf(principals[rule.signed_by ?? -1] ?? '');
    return index < 0 ? undefined : layout.toSpliced(index, 1);
  }
  let left = layout;
  let satisfied = 0;
  for (const branch of rule.n_out_of.rules ?? []) {
    const rest = take(branch, principals, left);
    if (!rest) continue;
    left = rest;
    satisfied++;
  }
  return satisfied >= (rule.n_out_of.n ?? 0) ? left : undefined;
}

function minimal(layouts: readonly Layout[]): Layout[] {
  return layouts.filter(
    (layout) => !layouts.some((other) => other !== layout && isPart(other, layout)),
  );
}

function isPart(small: Layout, large: Layout): boolean {
  if (small.length >= large.length) return false;
  const left = [...large];
  return small.every((mspId) => {
    const index = left.indexOf(mspId);
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  });
}
