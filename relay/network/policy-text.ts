// SPDX-License-Identifier: Apache-2.0
// Policies as people write them in a network file.
import { parseImplicitMetaPolicy, parsePolicy } from '../../src/common/policies/index.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import type { ConfigNode } from './config-reader.ts';

/** A policy: `ANY Readers`, `ALL Writers`, `MAJORITY Admins`, or a signature policy in Fabric's DSL. */
export type PolicyText = string;

/** Throws ConfigError for a policy that does not parse, which else only the first transaction would find out. */
export function checkedPolicy(node: ConfigNode, text: string): PolicyText {
  try {
    if (/^(ANY|ALL|MAJORITY) /.test(text)) parseImplicitMetaPolicy(text);
    else if (!text.startsWith('/')) parsePolicy(text);
  } catch (error) {
    node.fail(`is not a policy: ${messageOf(error)}`);
  }
  return text;
}
