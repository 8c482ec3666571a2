// SPDX-License-Identifier: Apache-2.0
// Names of gossipsub topics. Fabric routes by filters over its members instead (gossip/filter, gossip/gossip/gossip_impl.go): blocks and leadership stay
// inside an organisation, alive and state-info messages cross organisations. Who is alive is a matter of the node, whatever channels it has joined;
// everything else belongs to a channel.

const CHANNEL_KINDS = ['blocks', 'leadership', 'state-info'] as const;
export type ChannelTopicKind = (typeof CHANNEL_KINDS)[number];
export type TopicKind = 'alive' | ChannelTopicKind;
export const TOPIC_KINDS: readonly TopicKind[] = ['alive', ...CHANNEL_KINDS];

export interface AliveTopic {
  readonly networkId: string;
  readonly mspId: string;
  readonly kind: 'alive';
}

export interface ChannelTopic {
  readonly networkId: string;
  readonly channel: string;
  readonly mspId: string;
  readonly kind: ChannelTopicKind;
}

export type TopicParts = AliveTopic | ChannelTopic;

/** `/tabric/<networkId>/<mspId>/alive`, or `/tabric/<networkId>/<channel>/<mspId>/<kind>`. */
export function topicName(topic: TopicParts): string {
  const { networkId, mspId, kind } = topic;
  const names = topic.kind === 'alive' ? [networkId, mspId] : [networkId, topic.channel, mspId];
  return `/tabric/${names.map(encodeURIComponent).join('/')}/${kind}`;
}

/** The parts of a topic's name; undefined for a foreign topic. */
export function parseTopic(topic: string): TopicParts | undefined {
  const [empty, scheme, ...parts] = topic.split('/');
  if (empty !== '' || scheme !== 'tabric') return undefined;
  try {
    const names = parts.map(decodeURIComponent);
    const [networkId = '', second = '', third = ''] = names;
    if (parts.length === 3 && third === 'alive') return { networkId, mspId: second, kind: 'alive' };
    const kind = CHANNEL_KINDS.find((known) => known === names[3]);
    if (parts.length !== 4 || !kind) return undefined;
    return { networkId, channel: second, mspId: third, kind };
  } catch {
    return undefined;
  }
}

/** Every topic of a network with these channels: what the relay subscribes to. */
export function networkTopics(
  networkId: string,
  channels: Iterable<readonly [channel: string, mspIds: readonly string[]]>,
): TopicParts[] {
  const topics = new Map<string, TopicParts>();
  for (const [channel, mspIds] of channels) {
    for (const mspId of mspIds) {
      const alive = { networkId, mspId, kind: 'alive' } as const;
      const ofChannel = CHANNEL_KINDS.map((kind) => ({ networkId, channel, mspId, kind }));
      for (const topic of [alive, ...ofChannel]) topics.set(topicName(topic), topic);
    }
  }
  return [...topics.values()];
}
