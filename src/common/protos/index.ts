// SPDX-License-Identifier: Apache-2.0
//
// Fabric's messages, under Fabric's package names (`protos` is the package of peer messages).
//
// `encode` takes plain objects with whatever fields are set. `decode` returns plain objects with all
// fields set, absent ones to their zero value, absent messages to null; a oneof has the name of its
// member as a field. 64-bit integers are Long (see `toNumber` in protoutil), fields of an enum type are
// plain numbers, for unknown codes are kept as in Go, and bytes are views into the input. Maps have no
// prototype. Unknown fields are kept and encoded again, but do not survive copying.

export {
  common,
  discovery,
  etcdraft,
  gateway,
  google,
  gossip,
  kvrwset,
  lifecycle,
  msp,
  orderer,
  protos,
  queryresult,
  rwset,
  transientstore,
  txmgr,
} from './gen/fabric.js';
export { Reader, Writer } from './wire.ts';
