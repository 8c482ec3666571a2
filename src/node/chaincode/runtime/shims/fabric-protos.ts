// SPDX-License-Identifier: Apache-2.0
// In place of the index of @hyperledger/fabric-protos, which loads every message of Fabric: those that fabric-shim uses.
import * as common from '@hyperledger/fabric-protos/lib/common/common_pb.js';
import * as policies from '@hyperledger/fabric-protos/lib/common/policies_pb.js';
import * as queryresult from '@hyperledger/fabric-protos/lib/ledger/queryresult/kv_query_result_pb.js';
import * as identities from '@hyperledger/fabric-protos/lib/msp/identities_pb.js';
import * as principal from '@hyperledger/fabric-protos/lib/msp/msp_principal_pb.js';
import * as peerMessages from './fabric-protos-peer.ts';

const commonMessages = { ...common, ...policies };
const msp = { ...identities, ...principal };
const ledger = { queryresult };

export { commonMessages as common, ledger, msp, peerMessages as peer };
