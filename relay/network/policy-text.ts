// SPDX-License-Identifier: Apache-2.0
// Policies as people write them in a network file. Whether one is a policy is for Fabric's grammar to say; here it is only told apart which
// kind is meant.
import { parseImplicitMetaPolicy, parsePolicy } from '../../src/common/policies/index.ts';
import type { common } from '../../src/common/protos/index.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import type { ConfigNode } from './config-reader.ts';

/** A policy: `ANY Readers`, `ALL Writers`, `MAJORITY Admins`, a signature policy in Fabric's DSL, or a channel policy's path. */
export type PolicyText = string;

const ANY_TEXT = /\S/;
const IMPLICIT_META = /^(?:ANY|ALL|MAJORITY) (\w+)$/;
const CHANNEL_POLICY = /^\/Channel\/[\w/.-]+$/;

/** A policy of a channel's configuration: implicit meta, or of signatures. Throws ConfigError. */
export function readConfigPolicy(node: ConfigNode): PolicyText {
  const shape = "a policy such as MAJORITY Admins, or OR('Org1MSP.admin')";
  const text = textOf(node, shape);
  if (IMPLICIT_META.test(text)) parsed(node, shape, () => parseImplicitMetaPolicy(text));
  else parsed(node, shape, () => parsePolicy(text));
  return text;
}

/** The policy of a chaincode: of signatures, or the path of one of the channel's. Throws ConfigError. */
export function readChaincodePolicy(node: ConfigNode, fallback?: string): PolicyText {
  const shape =
    "a policy such as OR('Org1MSP.peer','Org2MSP.peer') or /Channel/Application/Endorsement";
  const text = textOf(node, shape, fallback);
  const [, name] = IMPLICIT_META.exec(text) ?? [];
  if (name !== undefined)
    node.fail(`is a policy of the channel: say where it is, such as /Channel/Application/${name}`);
  if (text.startsWith('/')) return readChannelPolicy(node);
  parsed(node, shape, () => parsePolicy(text));
  return text;
}

/** The path of a channel policy. Throws ConfigError. */
export function readChannelPolicy(node: ConfigNode): PolicyText {
  return node.string(
    CHANNEL_POLICY,
    'a policy of the channel such as /Channel/Application/Endorsement',
  );
}

/** A signature policy, parsed and as text. Throws ConfigError. */
export function readSignaturePolicy(
  node: ConfigNode,
): readonly [PolicyText, common.SignaturePolicyEnvelope] {
  const shape = "a policy such as OR('Org1MSP.member')";
  const text = textOf(node, shape);
  return [text, parsed(node, shape, () => parsePolicy(text))];
}

// What else only the first transaction would find out.
function parsed<T>(node: ConfigNode, shape: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    return node.fail(`must be ${shape}: ${messageOf(error)}`);
  }
}

// Blanks and lines are for reading.
function textOf(node: ConfigNode, shape: string, fallback?: string): string {
  return node.string(ANY_TEXT, shape, fallback).trim().replace(/\s+/g, ' ');
}
