// SPDX-License-Identifier: Apache-2.0
// What the package uses of the language that Node 20 does not have yet; a checkout runs on the Node of its own packages.
import { setMaxListeners } from 'node:events';
import 'core-js/actual/array/from-async.js';
import 'core-js/actual/iterator/index.js';
import 'core-js/actual/map/group-by.js';
import 'core-js/actual/object/group-by.js';
import 'core-js/actual/promise/try.js';
import 'core-js/actual/promise/with-resolvers.js';
import 'core-js/actual/set/index.js';
import 'core-js/actual/url/parse.js';
import { WebSocket } from 'ws';

// Node 22 has it. libp2p dials by it.
if (globalThis.WebSocket === undefined) Object.assign(globalThis, { WebSocket });

// Before Node 22, what takes an AbortSignal from a caller warns of more than ten that do.
if (Number(process.versions.node.split('.')[0]) < 22) setMaxListeners(100);
