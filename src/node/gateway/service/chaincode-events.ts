// SPDX-License-Identifier: Apache-2.0
// The events of a chaincode's valid transactions, block by block as they are committed, or from an earlier block on
// (internal/pkg/gateway/chaincodeevents.go).
import { gateway, type orderer } from '../../../common/protos/index.ts';
import {
  getTransactionsFilter,
  toNumber,
  unmarshalBlock,
} from '../../../common/protoutil/index.ts';
import { raceAbort } from '../../../common/runtime/deadline.ts';
import { GrpcStatus, ServiceError } from '../../../common/wire/service.ts';
import { chaincodeEventsOf } from '../../inspect/index.ts';
import type { GatewayServiceComponents } from './components.ts';
import { invalid } from './requests.ts';

type Components = Pick<GatewayServiceComponents, 'outcome' | 'onCommitted' | 'height' | 'block'>;

/** Yields serialized gateway.ChaincodeEventsResponse of blocks with such events, until the signal is aborted. Throws ServiceError. */
export async function* chaincodeEvents(
  components: Components,
  request: gateway.ChaincodeEventsRequest,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { channel_id: channel } = request;
  const tip = followTip(components, channel);
  try {
    const matches = matcherOf(request);
    for (let number = await startBlock(components, request); ; number++) {
      await tip.reaches(number, signal);
      const bytes = await raceAbort(components.block(channel, number), signal);
      if (!bytes) {
        throw new ServiceError(GrpcStatus.ABORTED, `block ${number} is not in this ledger`);
      }
      const events = eventsIn(bytes).filter(matches);
      if (events.length === 0) continue;
      yield gateway.ChaincodeEventsResponse.encode({ events, block_number: number }).finish();
    }
  } finally {
    tip.stop();
  }
}

// The height of a ledger that grows; the last block may be told before the ledger's own height follows.
function followTip(components: Components, channel: string) {
  let told = 0;
  let wake = (): void => {};
  const stop = components.onCommitted((block) => {
    if (block.channel !== channel) return;
    told = block.blockNumber + 1;
    wake();
  });
  return {
    stop,
    async reaches(number: number, signal: AbortSignal): Promise<void> {
      while (Math.max(components.height(channel), told) <= number) {
        signal.throwIfAborted();
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await raceAbort(promise, signal);
      }
    },
  };
}

async function startBlock(
  components: Components,
  { channel_id, start_position, after_transaction_id }: gateway.ChaincodeEventsRequest,
): Promise<number> {
  const after =
    after_transaction_id === ''
      ? undefined
      : await components.outcome(channel_id, after_transaction_id);
  return after?.blockNumber ?? positionOf(start_position, components.height(channel_id));
}

function positionOf(position: orderer.SeekPosition | null, height: number): number {
  if (position?.specified) return toNumber(position.specified.number);
  if (!position?.Type || position.next_commit) return height;
  throw invalid(`invalid start position type: ${position.Type}`);
}

type ChaincodeEvent = ReturnType<typeof eventsIn>[number];

// Nothing up to and including the transaction that events are wanted after.
function matcherOf({
  chaincode_id,
  after_transaction_id,
}: gateway.ChaincodeEventsRequest): (event: ChaincodeEvent) => boolean {
  let passed = after_transaction_id === '';
  return (event) => {
    if (passed) return event.chaincode_id === chaincode_id;
    passed = event.tx_id === after_transaction_id;
    return false;
  };
}

function eventsIn(bytes: Uint8Array) {
  const block = unmarshalBlock(bytes);
  return chaincodeEventsOf(block.data?.data ?? [], getTransactionsFilter(block)).map(
    ({ chaincode, name, payload, txId }) => ({
      chaincode_id: chaincode,
      tx_id: txId,
      event_name: name,
      payload,
    }),
  );
}
