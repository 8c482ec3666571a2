// SPDX-License-Identifier: Apache-2.0
// Which organisations' endorsements satisfy a signature policy: the layouts of Fabric's discovery/endorsement, counted
// in organisations.
import { common } from '../../common/protos/index.ts';
import { compareUtf8 } from '../../common/runtime/bytes.ts';

/** More layouts than this are not listed: a person's policy has a handful. */
export const MAX_LAYOUTS = 200;

/**
 * Minimal sets of MSP ids, each of which satisfies the policy when one peer of every named MSP endorses (an MSP named
 * twice needs two peers). Sets with `preferred` come first, then smaller ones.
 */
export function layoutsOf(
  envelope: common.ISignaturePolicyEnvelope,
  preferred: string,
): readonly (readonly string[])[] {
  const principals = (envelope.identities ?? []).map(mspOf);
  const all = envelope.rule ? expand(envelope.rule, principals) : [];
  return minimal(all).sort(
    (a, b) => rank(a, preferred) - rank(b, preferred) || compareUtf8(a.join(), b.join()),
  );
}

function rank(layout: readonly string[], preferred: string): number {
  return layout.length * 2 - (layout.includes(preferred) ? 1 : 0);
}

function mspOf(identity: common.IMSPPrincipal): string | undefined {
  if (identity.principal_classification !== common.MSPPrincipal.Classification.ROLE) {
    // ROLE is 0, which an absent field means too.
    if (identity.principal_classification) return undefined;
  }
  return common.MSPRole.decode(identity.principal ?? new Uint8Array()).msp_identifier;
}

function expand(
  rule: common.ISignaturePolicy,
  principals: readonly (string | undefined)[],
): string[][] {
  if (rule.n_out_of) {
    const branches = (rule.n_out_of.rules ?? []).map((sub) => expand(sub, principals));
    return choose(branches, rule.n_out_of.n ?? 0);
  }
  const mspId = principals[rule.signed_by ?? -1];
  return mspId === undefined ? [] : [[mspId]];
}

// Every way to satisfy `count` of the branches.
function choose(branches: readonly string[][][], count: number): string[][] {
  if (count <= 0) return [[]];
  const [first, ...rest] = branches;
  if (!first || branches.length < count) return [];
  const without = choose(rest, count);
  const remaining = choose(rest, count - 1);
  const layouts = [...without];
  for (const head of first) {
    for (const tail of remaining) {
      if (layouts.length >= MAX_LAYOUTS) return layouts;
      layouts.push([...head, ...tail].sort(compareUtf8));
    }
  }
  return layouts;
}

function minimal(layouts: readonly string[][]): string[][] {
  const unique = [...new Map(layouts.map((layout) => [layout.join('\n'), layout])).values()];
  return unique.filter(
    (layout) => !unique.some((other) => other !== layout && isPart(other, layout)),
  );
}

function isPart(small: readonly string[], large: readonly string[]): boolean {
  if (small.length >= large.length) return false;
  const left = [...large];
  return small.every((mspId) => {
    const index = left.indexOf(mspId);
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  });
}
