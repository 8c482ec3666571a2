import {
  BroadcastStream,
  PROCESS_PROPOSAL
} from "./chunk-HND7NBII.js";
import "./chunk-GQA564GI.js";
import {
  unary
} from "./chunk-V5KREMOY.js";
import "./chunk-R4E6L3MR.js";
import {
  FabricError
} from "./chunk-4AZXMRM6.js";

// src/node/peer-node/gateway-components.ts
function gatewayComponents(components) {
  const { self, peer, channel: find, transport, onCommitted, clock, trace } = components;
  const broadcast = new BroadcastStream(transport.relay);
  const joined = (name) => {
    const channel = find(name);
    if (channel) return channel;
    throw new FabricError("CHANNEL_NOT_JOINED", `this peer has not joined ${name}`);
  };
  return {
    ...self,
    endorsers: (name, chaincode) => {
      const channel = find(name);
      if (!channel) return [];
      const others = channel.members().filter((other) => isAble(other, chaincode, transport));
      const own = channel.chaincodes().includes(chaincode) ? [ownEndorser(channel, components)] : [];
      return [...own, ...others.map((other) => endorserOf(other, transport))];
    },
    endorsementPlan: (channel, chaincode, interest) => peer.ask("plan", { channel, chaincode, interest }),
    satisfiesPolicy: (...about) => peer.satisfiesPolicy(...about),
    broadcast: (_channel, envelope, options) => broadcast.send(envelope, options),
    outcome: (channel, txId) => peer.ask("outcome", { channel, txId }),
    onCommitted: (listener) => onCommitted(({ number: blockNumber, ...block }) => listener({ ...block, blockNumber })),
    height: (name) => joined(name).height,
    block: (channel, number) => peer.block(channel, number),
    checkAcl: (channel, resource, signed) => peer.checkAcl({ channel, resource }, signed),
    clock,
    trace
  };
}
function ownEndorser(channel, { self, peer }) {
  return {
    ...self,
    height: channel.height,
    own: true,
    processProposal: async (bytes, { signal, judged }) => judged ? peer.endorseJudged(bytes, { signal }) : { response: await peer.processProposal(bytes, { signal }) }
  };
}
function isAble({ member, ledger }, chaincode, { connections }) {
  const runs = ledger?.chaincodes.some(({ name }) => name === chaincode) ?? false;
  return runs && member.status !== "dead" && connections.link(member.metadata.peerId) !== "none";
}
function endorserOf({ member, ledger }, transport) {
  const { endpoint, mspId, metadata } = member;
  return {
    name: endpoint,
    mspId,
    height: ledger?.height ?? 0,
    own: false,
    processProposal: async (bytes, { signal }) => ({
      response: await unary(transport.reach(metadata.peerId), PROCESS_PROPOSAL, bytes, { signal })
    })
  };
}
export {
  gatewayComponents
};
