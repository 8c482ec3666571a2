// SPDX-License-Identifier: Apache-2.0
// Call a chaincode: pick a function, fill its arguments, submit or evaluate, and watch what becomes of it.
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ChaincodeInfo } from '../../node/api/ledger-views.ts';
import type { Me } from '../../node/api/network-view.ts';
import type { ChannelFacade } from '../../node/api/tabric.ts';
import { useMessages } from '../i18n/index.ts';
import type { Call, CallRequest } from '../model/calls.ts';
import {
  defaultArgument,
  type FunctionShape,
  firstId,
  freeId,
  functionsOf,
  nextId,
} from '../model/sample-functions.ts';
import { ArgumentForm } from './argument-form.tsx';
import { Card, NoChaincodes } from './bits.tsx';
import { CallHistory } from './call-history.tsx';
import { CallResult } from './call-result.tsx';
import { useChannel, usePeer } from './context.ts';
import { Icon } from './icon.tsx';

/** What is filled in, kept while a person looks at other pages. */
const form = {
  chaincode: signal<string | undefined>(undefined),
  fn: signal<string | undefined>(undefined),
  args: signal<readonly string[]>([]),
  shown: signal<number | undefined>(undefined),
};
/** The last value of each parameter name: who created an asset will read it. */
const remembered = new Map<string, string>();

function selectFunction(shape: FunctionShape): void {
  form.fn.value = shape.name;
  form.args.value = shape.params.map((name) => remembered.get(name) ?? defaultArgument(name));
}

// The id that is filled in for a new asset is moved on to one that is free, unless a person has typed another meanwhile.
async function offerFreeId(
  { facade, own }: { facade: ChannelFacade; own: Pick<Me, 'name' | 'mspId'> },
  chaincode: string,
): Promise<void> {
  const { fn, args } = form;
  if (fn.value !== 'CreateAsset') return;
  const [before] = args.value;
  const begin = remembered.get('id') ?? firstId(own.name, own.mspId);
  const isTaken = async (id: string): Promise<boolean> =>
    (await facade.state(chaincode, id)) !== undefined;
  const id = await freeId(begin, isTaken);
  if (fn.value === 'CreateAsset' && args.value[0] === before)
    args.value = [id, ...args.value.slice(1)];
}

export function TransactPanel(): JSX.Element {
  const m = useMessages();
  const store = useChannel();
  const chaincodes = store.chaincodes.value;
  const chaincode = chaincodes.find(({ name }) => name === form.chaincode.value) ?? chaincodes[0];
  const calls = store.calls.list.value;
  const shown = calls.find((call) => call.id === form.shown.value) ?? calls[0];
  const run = async (request: CallRequest): Promise<void> => {
    const running = store.calls.run(request);
    form.shown.value = store.calls.list.value[0]?.id;
    rememberOutcome(await running);
  };
  return (
    <>
      <Card
        title={m.transact.title}
        class="transact"
        aside={<ChaincodePicker chaincodes={chaincodes} chosen={chaincode} />}
      >
        {chaincode ? (
          <CallForm chaincode={chaincode} run={(request) => void run(request)} />
        ) : (
          <NoChaincodes known={store.chaincodesKnown.value} />
        )}
      </Card>
      <CallResult call={shown} />
      <CallHistory
        calls={calls}
        shown={shown?.id}
        show={(call) => {
          form.shown.value = call.id;
        }}
        edit={editAgain}
        run={(call) =>
          void run({ kind: call.kind, chaincode: call.chaincode, fn: call.fn, args: call.args })
        }
        clear={() => store.calls.clear()}
      />
    </>
  );
}

function editAgain(call: Call): void {
  form.chaincode.value = call.chaincode;
  form.fn.value = call.fn;
  form.args.value = call.args;
  form.shown.value = call.id;
}

// A second press of Submit shall create the next asset, not fail on the one that is there.
function rememberOutcome(call: Call): void {
  if (call.fn !== 'CreateAsset' || call.status !== 'VALID') return;
  const [id] = call.args;
  if (id === undefined) return;
  remembered.set('id', id);
  if (form.fn.value === call.fn && form.args.value[0] === id) {
    form.args.value = [nextId(id), ...form.args.value.slice(1)];
  }
}

function ChaincodePicker(props: {
  chaincodes: readonly ChaincodeInfo[];
  chosen: ChaincodeInfo | undefined;
}): JSX.Element | null {
  const m = useMessages();
  if (props.chaincodes.length === 0) return null;
  return (
    <label class="picker">
      <span>{m.transact.chaincode}</span>
      <select
        value={props.chosen?.name}
        data-testid="chaincode-picker"
        onChange={(event) => {
          form.chaincode.value = event.currentTarget.value;
          form.fn.value = undefined;
        }}
      >
        {props.chaincodes.map(({ name, version }) => (
          <option key={name} value={name}>
            {name} {version}
          </option>
        ))}
      </select>
    </label>
  );
}

function CallForm(props: {
  chaincode: ChaincodeInfo;
  run: (request: CallRequest) => void;
}): JSX.Element {
  const m = useMessages();
  const { chaincode, run } = props;
  const functions = functionsOf(chaincode);
  const shape = functions.find(({ name }) => name === form.fn.value);
  const { facade } = useChannel();
  const own = usePeer().network.value.me;
  const select = (chosen: FunctionShape): void => {
    selectFunction(chosen);
    void offerFreeId({ facade, own }, chaincode.name);
  };
  useEffect(() => {
    const [first] = functions;
    if (form.fn.value === undefined && first) select(first);
  });
  const call = (kind: CallRequest['kind']): void => {
    const fn = form.fn.value?.trim();
    if (!fn) return;
    for (const [index, name] of (shape?.params ?? []).entries()) {
      remembered.set(name, form.args.value[index] ?? '');
    }
    run({ kind, chaincode: chaincode.name, fn, args: form.args.value });
  };
  return (
    <form
      class="call-form"
      onSubmit={(event) => {
        event.preventDefault();
        call(shape?.submit === false ? 'evaluate' : 'submit');
      }}
    >
      {!chaincode.running && <p class="note">{m.transact.notRunning}</p>}
      <FunctionPicker functions={functions} select={select} />
      <ArgumentForm
        params={shape?.params ?? []}
        args={form.args.value}
        change={(args) => {
          form.args.value = args;
        }}
      />
      <CallButtons
        call={call}
        writes={shape?.submit ?? true}
        ready={Boolean(form.fn.value?.trim())}
      />
    </form>
  );
}

function FunctionPicker({
  functions,
  select,
}: {
  functions: readonly FunctionShape[];
  select: (shape: FunctionShape) => void;
}): JSX.Element {
  const m = useMessages();
  if (functions.length === 0) {
    return (
      <label class="field">
        <span>{m.transact.noFunctions}</span>
        <input
          data-testid="fn-name"
          value={form.fn.value ?? ''}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => {
            form.fn.value = event.currentTarget.value;
          }}
        />
      </label>
    );
  }
  return (
    <fieldset class="functions">
      <legend class="visually-hidden">{m.transact.functions}</legend>
      {functions.map((shape) => (
        <button
          key={shape.name}
          type="button"
          class="function"
          aria-pressed={form.fn.value === shape.name}
          data-writes={shape.submit}
          data-testid={`fn-${shape.name}`}
          onClick={() => select(shape)}
        >
          <Icon name={shape.submit ? 'pen' : 'search'} size={14} />
          {shape.name}
        </button>
      ))}
    </fieldset>
  );
}

function CallButtons(props: {
  call: (kind: CallRequest['kind']) => void;
  writes: boolean;
  ready: boolean;
}): JSX.Element {
  const m = useMessages();
  // The Enter key presses the button that fits the function.
  const press = (kind: CallRequest['kind']): { type: 'submit' | 'button'; onClick?: () => void } =>
    (kind === 'submit') === props.writes
      ? { type: 'submit' }
      : { type: 'button', onClick: () => props.call(kind) };
  return (
    <div class="call-buttons" data-writes={props.writes}>
      <div class="call-button">
        <button
          {...press('submit')}
          class="button is-submit"
          data-testid="submit-button"
          aria-describedby="submit-help"
          disabled={!props.ready}
        >
          <Icon name="pen" size={18} />
          {m.transact.submit}
        </button>
        <small id="submit-help" class="help">
          {m.transact.submitHelp}
        </small>
      </div>
      <div class="call-button">
        <button
          {...press('evaluate')}
          class="button is-evaluate"
          data-testid="evaluate-button"
          aria-describedby="evaluate-help"
          disabled={!props.ready}
        >
          <Icon name="search" size={18} />
          {m.transact.evaluate}
        </button>
        <small id="evaluate-help" class="help">
          {m.transact.evaluateHelp}
        </small>
      </div>
    </div>
  );
}
