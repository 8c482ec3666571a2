// SPDX-License-Identifier: Apache-2.0
// Install a chaincode package: drop it or choose it, say which chaincode it is.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../../common/runtime/errors.ts';
import { formatBytes } from '../format.ts';
import { language, type Messages, useMessages } from '../i18n/index.ts';
import { Card } from './bits.tsx';
import { usePeer } from './context.ts';
import { Icon } from './icon.tsx';

/** Fabric's peers take 100 MiB at most; a Node package with its modules stays far below. */
const MAX_PACKAGE_BYTES = 64 * 1024 * 1024;

type Progress =
  | { readonly state: 'idle' }
  | { readonly state: 'busy' }
  | { readonly state: 'done'; readonly name: string; readonly version: string }
  | { readonly state: 'failed'; readonly message: string };

export function InstallForm(): JSX.Element {
  const m = useMessages();
  const store = usePeer();
  const [file, setFile] = useState<File>();
  const [name, setName] = useState('');
  const [progress, setProgress] = useState<Progress>({ state: 'idle' });
  const take = (chosen: File | undefined): void => {
    setProgress({ state: 'idle' });
    setFile(chosen);
    if (chosen && name === '') setName(nameIn(chosen.name));
  };
  const install = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!file) return;
    const wrong = problemWith(file, name, m);
    if (wrong !== undefined) return setProgress({ state: 'failed', message: wrong });
    setProgress({ state: 'busy' });
    try {
      const { name: installed, version } = await store.tabric.install(name, file);
      setProgress({ state: 'done', name: installed, version });
      await store.readChaincodes();
    } catch (error) {
      setProgress({ state: 'failed', message: messageOf(error) });
    }
  };
  return (
    <Card title={m.chaincode.install} class="install-card">
      <form class="install" onSubmit={(event) => void install(event)}>
        <p class="help">{m.chaincode.installHelp}</p>
        <DropArea file={file} take={take} />
        <label class="field">
          <span>{m.chaincode.name}</span>
          <input
            value={name}
            required
            maxLength={64}
            spellcheck={false}
            autocomplete="off"
            data-testid="install-name"
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <small class="help">{m.chaincode.nameHint}</small>
        </label>
        <button
          type="submit"
          class="button is-primary"
          data-testid="install-button"
          disabled={!file || progress.state === 'busy'}
        >
          {progress.state === 'busy' ? m.chaincode.installing : m.chaincode.installButton}
        </button>
        <p role="status" data-testid="install-result" data-state={progress.state}>
          {progress.state === 'done' && m.chaincode.installed(progress.name, progress.version)}
          {progress.state === 'failed' && <span class="field-error">{progress.message}</span>}
        </p>
      </form>
    </Card>
  );
}

function DropArea({
  file,
  take,
}: {
  file: File | undefined;
  take: (file: File | undefined) => void;
}): JSX.Element {
  const m = useMessages();
  const [over, setOver] = useState(false);
  return (
    <label
      class="drop"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files[0]);
      }}
    >
      <Icon name="upload" size={24} />
      <span>
        {file ? `${file.name} · ${formatBytes(file.size, language.value)}` : m.chaincode.drop}
      </span>
      <input
        type="file"
        class="visually-hidden"
        accept=".tar.gz,.tgz,.gz"
        aria-label={m.chaincode.choose}
        data-testid="install-file"
        onChange={(event) => take(event.currentTarget.files?.[0])}
      />
    </label>
  );
}

function problemWith(file: File, name: string, m: Messages): string | undefined {
  if (!/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/.test(name)) return m.chaincode.badName;
  if (file.size === 0) return m.chaincode.empty;
  if (file.size > MAX_PACKAGE_BYTES) {
    return m.chaincode.tooLarge(formatBytes(MAX_PACKAGE_BYTES, language.value));
  }
  return undefined;
}

/** `basic` of `basic_1.0.tar.gz`. */
function nameIn(fileName: string): string {
  return fileName.match(/^[A-Za-z0-9-]+/)?.[0] ?? '';
}
