// SPDX-License-Identifier: Apache-2.0
// What chaincode can `require` without bringing it along: Fabric's own packages and the harmless part of Node's.
import assert from 'assert/';
import buffer from 'buffer/';
import classTransformer from 'class-transformer';
import { EventEmitter } from 'events/';
import contractApi from 'fabric-contract-api';
import shim from 'fabric-shim';
import stringify from 'json-stringify-deterministic';
import long from 'long';
import path from 'path-browserify';
import sortKeys from 'sort-keys-recursive';
import util from 'util/';
import * as crypto from './shims/crypto.ts';
import * as fs from './shims/fs.ts';
import { process } from './shims/process.ts';

export const VENDORED_MODULES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['fabric-contract-api', contractApi],
  ['fabric-shim', shim],
  ['fabric-shim-api', {}],
  ['json-stringify-deterministic', stringify],
  ['sort-keys-recursive', sortKeys],
  ['class-transformer', classTransformer],
  ['reflect-metadata', Reflect],
  ['long', long],
  ['assert', assert],
  ['buffer', buffer],
  ['crypto', crypto],
  ['events', EventEmitter],
  ['fs', fs],
  ['os', { EOL: '\n' }],
  ['path', path],
  ['process', process],
  ['url', { URL, URLSearchParams }],
  ['util', util],
]);
