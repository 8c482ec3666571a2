// SPDX-License-Identifier: Apache-2.0
// Names of gossipsub topics. Fabric routes by filters over its members instead (gossip/filter, gossip/gossip/gossip_impl.go): blocks and leadership stay
// inside an organisation, alive and state-info messages cross organisations.

export const TOPIC_KINDS = ['blocks', 'alive', 'leadership', 'state-info'] as const;
export type TopicKind = (typeof TOPIC_KINDS)[number];

export interface TopicParts {
  readonly networkId: string;
  readonly channel: string;
  readonly mspId: string;
  readonly kind: TopicKind;
}

/** `/tabric/<networkId>/<channel>/<mspId>/<kind>`. */
export function topicName({ networkId, channel, mspId, kind }: TopicParts): string {
  return `/tabric/${[networkId, channel, mspId].map(encodeURIComponent).join('/')}/${kind}`;
}

/** The parts of a topic's name; undefined for a foreign topic. */
export function parseTopic(topic: string): TopicParts | undefined {
  const [empty, scheme, ...parts] = topic.split('/');
  const kind = TOPIC_KINDS.find((known) => known === parts[3]);
  if (empty !== '' || scheme !== 'tabric' || parts.length !== 4 || !kind) return undefined;
  try {
    const [networkId = '', channel = '', mspId = ''] = parts.slice(0, 3).map(decodeURIComponent);
    return { networkId, channel, mspId, kind };
  } catch {
    return undefined;
  }
}

/** Every topic of a channel: what the relay subscribes to. */
export function channelTopics(
  networkId: string,
  channel: string,
  mspIds: readonly string[],
): string[] {
  return mspIds.flatMap((mspId) =>
    TOPIC_KINDS.map((kind) => topicName({ networkId, channel, mspId, kind })),
  );
}
