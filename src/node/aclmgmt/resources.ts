// SPDX-License-Identifier: Apache-2.0
// What can be used of a peer, and by whom if nobody says otherwise (core/aclmgmt/resources/resources.go and
// defaultaclprovider.go). Fabric's names, without those of lscc, which is not here.

/** Policies of the peer's own organisation. */
export type LocalPolicy = 'Admins' | 'Members';

/** Resources of the peer itself: checked by its local MSP, whatever a channel's configuration says. */
export const LOCAL_RESOURCES: ReadonlyMap<string, LocalPolicy> = new Map([
  ['_lifecycle/InstallChaincode', 'Admins'],
  ['_lifecycle/QueryInstalledChaincode', 'Admins'],
  ['_lifecycle/GetInstalledChaincodePackage', 'Admins'],
  ['_lifecycle/QueryInstalledChaincodes', 'Admins'],
  ['_lifecycle/ApproveChaincodeDefinitionForMyOrg', 'Admins'],
  ['_lifecycle/QueryApprovedChaincodeDefinition', 'Admins'],
  ['_lifecycle/QueryApprovedChaincodeDefinitions', 'Admins'],
  ['snapshot/submitrequest', 'Admins'],
  ['snapshot/cancelrequest', 'Admins'],
  ['snapshot/listpending', 'Admins'],
  ['cscc/JoinChain', 'Admins'],
  ['cscc/JoinChainBySnapshot', 'Admins'],
  ['cscc/JoinBySnapshotStatus', 'Admins'],
  ['cscc/GetChannels', 'Members'],
]);

const READERS = '/Channel/Application/Readers';
const WRITERS = '/Channel/Application/Writers';

/** Resources of a channel, with the policies that hold where its configuration names none. */
export const CHANNEL_RESOURCES: ReadonlyMap<string, string> = new Map([
  ['_lifecycle/CommitChaincodeDefinition', WRITERS],
  ['_lifecycle/QueryChaincodeDefinition', WRITERS],
  ['_lifecycle/QueryChaincodeDefinitions', WRITERS],
  ['_lifecycle/CheckCommitReadiness', WRITERS],
  ['qscc/GetChainInfo', READERS],
  ['qscc/GetBlockByNumber', READERS],
  ['qscc/GetBlockByHash', READERS],
  ['qscc/GetTransactionByID', READERS],
  ['qscc/GetBlockByTxID', READERS],
  ['cscc/GetConfigBlock', READERS],
  ['cscc/GetChannelConfig', READERS],
  ['peer/Propose', WRITERS],
  ['peer/ChaincodeToChaincode', WRITERS],
  ['event/Block', READERS],
  ['event/FilteredBlock', READERS],
  ['gateway/CommitStatus', READERS],
  ['gateway/ChaincodeEvents', READERS],
]);
