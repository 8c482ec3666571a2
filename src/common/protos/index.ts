// SPDX-License-Identifier: Apache-2.0
//
// Fabric's messages, under Fabric's package names (`protos` is the package of peer messages).
//
// Decoded 64-bit integers are Long; see `toNumber` in protoutil. Decoding never fails on unknown
// fields or enum values, as in Go: fields of an enum type are plain numbers, to be checked by whom
// they matter to. Fields that are absent on the wire live on the prototype of a decoded message, so
// spreading or posting one to another thread loses them: post the bytes.

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
export { Reader, Writer } from './protobuf.ts';
