// SPDX-License-Identifier: Apache-2.0
// Whose endorsements a transaction needs that touched certain chaincodes and collections (discovery/endorsement, and what
// internal/pkg/gateway/endorse.go does about transient data), counted in organisations.
//
// Each chaincode or collection has a policy; a layout must satisfy all of them. Where values of a collection were read, only
// its members' peers can have done it. Where the proposal carries transient data, only they may see it.
import type { EndorsementInterest, EndorsementPlan } from './endorsement-plan.ts';
import { MAX_LAYOUTS } from './layouts.ts';

type Layout = readonly string[];

/** What the planner knows of the channel. */
export interface PolicyLayouts {
  /** MSP ids, sorted, best first, that satisfy a chaincode's policy; empty when nobody can. */
  chaincode(name: string): readonly Layout[];
  /** The same of a collection's own policy, or else of its chaincode's. */
  collection(chaincode: string, name: string): readonly Layout[];
  /** MSP ids of those who may hold a collection's data. */
  members(chaincode: string, collection: string): readonly string[];
}

/** The plan for what a first endorsement told. */
export function planForInterest(
  { chaincodes, hasTransientData }: EndorsementInterest,
  policies: PolicyLayouts,
  preferred: string,
): EndorsementPlan {
  let layouts: readonly Layout[] = [[]];
  let readers: readonly string[] | undefined;
  let holders: readonly string[] | undefined;
  const hidden: string[] = [];
  for (const { name, collectionNames, noPrivateReads } of chaincodes) {
    if (collectionNames.length === 0) layouts = combined(layouts, policies.chaincode(name));
    for (const collection of collectionNames) {
      layouts = combined(layouts, policies.collection(name, collection));
      const members = policies.members(name, collection);
      holders = common(holders, members);
      if (!noPrivateReads) readers = common(readers, members);
      else hidden.push(collection);
    }
  }
  const possible = best(within(layouts, readers), preferred);
  const allowed = hasTransientData ? holders : readers;
  const chosen = best(within(layouts, allowed), preferred);
  if (chosen.length === 0) return { layouts: [], problem: problemOf(possible, hidden) };
  return allowed ? { layouts: chosen, allowed } : { layouts: chosen };
}

function problemOf(possible: readonly Layout[], hidden: readonly string[]): string {
  return possible.length > 0
    ? `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${hidden.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`
    : 'no combination of peers can be derived which satisfy the endorsement policy';
}

// Of two layouts, what covers both: an organisation's peer endorses for all policies at once.
function combined(some: readonly Layout[], others: readonly Layout[]): readonly Layout[] {
  const layouts = new Map<string, Layout>();
  for (const a of some) {
    for (const b of others) {
      const layout = union(a, b);
      if (layouts.size < MAX_LAYOUTS) layouts.set(layout.join('\n'), layout);
    }
  }
  return [...layouts.values()];
}

function union(a: Layout, b: Layout): Layout {
  const left = [...a];
  const more = b.filter((mspId) => {
    const index = left.indexOf(mspId);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [...a, ...more].sort();
}

function common(some: readonly string[] | undefined, others: readonly string[]): readonly string[] {
  return some ? some.filter((mspId) => others.includes(mspId)) : others;
}

function within(layouts: readonly Layout[], allowed: readonly string[] | undefined): Layout[] {
  return layouts.filter((layout) => layout.every((mspId) => !allowed || allowed.includes(mspId)));
}

function best(layouts: readonly Layout[], preferred: string): Layout[] {
  const rank = (layout: Layout): number => layout.length * 2 - (layout.includes(preferred) ? 1 : 0);
  return layouts.toSorted((a, b) => rank(a) - rank(b));
}
