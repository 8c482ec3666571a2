// SPDX-License-Identifier: Apache-2.0
// What chaincode can `require` without bringing it along: Fabric's own packages and the modules of Node.
import classTransformer from 'class-transformer';
import contractApi from 'fabric-contract-api';
import shim from 'fabric-shim';
import stringify from 'json-stringify-deterministic';
import long from 'long';
import sortKeys from 'sort-keys-recursive';
import { NODE_MODULES } from './shims/node-modules.ts';

export const VENDORED_MODULES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...NODE_MODULES,
  ['fabric-contract-api', contractApi],
  ['fabric-shim', shim],
  ['fabric-shim-api', {}],
  ['json-stringify-deterministic', stringify],
  ['sort-keys-recursive', sortKeys],
  ['class-transformer', classTransformer],
  ['reflect-metadata', Reflect],
  ['long', long],
]);
