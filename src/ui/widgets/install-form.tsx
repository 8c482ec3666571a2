// SPDX-License-Identifier: Apache-2.0
// Install a chaincode package: drop it or choose it, say which chaincode it is.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { formatBytes } from '../format.ts';
import { type ExplorerMessages, useExplorerMessages } from '../i18n/explorer.ts';
import { language } from '../i18n/index.ts';
import { Card } from './bits.tsx';
import { useChannel, usePeer } from './context.ts';
import { DropArea } from './drop-area.tsx';

/** Fabric's peers take 100 MiB at most; a Node package with its modules stays far below. */
const MAX_PACKAGE_BYTES = 64 * 1024 * 1024;

type Progress =
  | { readonly state: 'idle' }
  | { readonly state: 'busy' }
  | { readonly state: 'done'; readonly name: string; readonly version: string }
  | { readonly state: 'failed'; readonly message: string; readonly code?: string };

export function InstallForm(): JSX.Element {
  const x = useExplorerMessages();
  const { tabric } = usePeer();
  const channel = useChannel();
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
    const wrong = problemWith(file, name, x);
    if (wrong !== undefined) return setProgress({ state: 'failed', message: wrong });
    setProgress({ state: 'busy' });
    try {
      const { name: installed, version } = await tabric.install(name, file);
      setProgress({ state: 'done', name: installed, version });
      await channel.readChaincodes();
    } catch (error) {
      const code = error instanceof FabricError ? error.code : '';
      setProgress({ state: 'failed', message: messageOf(error), code });
      await channel.readChaincodes();
    }
  };
  return (
    <Card title={x.chaincode.install} class="install-card">
      <form class="install" onSubmit={(event) => void install(event)}>
        <p class="help">{x.chaincode.installHelp}</p>
        <DropArea
          accept=".tar.gz,.tgz,.gz"
          label={x.chaincode.choose}
          testId="install-file"
          take={([chosen]) => take(chosen)}
        >
          <span>
            {file ? `${file.name} · ${formatBytes(file.size, language.value)}` : x.chaincode.drop}
          </span>
        </DropArea>
        <label class="field">
          <span>{x.chaincode.name}</span>
          <input
            value={name}
            required
            maxLength={64}
            spellcheck={false}
            autocomplete="off"
            data-testid="install-name"
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <small class="help">{x.chaincode.nameHint}</small>
        </label>
        <button
          type="submit"
          class="button is-primary"
          data-testid="install-button"
          disabled={!file || progress.state === 'busy'}
        >
          {progress.state === 'busy' ? x.chaincode.installing : x.chaincode.installButton}
        </button>
        <p role="status" data-testid="install-result" data-state={progress.state}>
          {progress.state === 'done' && x.chaincode.installed(progress.name, progress.version)}
        </p>
        {progress.state === 'failed' && (
          <div class="field-error" role="alert" data-testid="install-problem">
            {progress.code !== undefined && <p>{x.chaincode.broken[progress.code]}</p>}
            <pre class="problem">{progress.message}</pre>
          </div>
        )}
      </form>
    </Card>
  );
}

function problemWith(file: File, name: string, x: ExplorerMessages): string | undefined {
  if (!/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/.test(name)) return x.chaincode.badName;
  if (file.size === 0) return x.chaincode.empty;
  if (file.size > MAX_PACKAGE_BYTES) {
    return x.chaincode.tooLarge(formatBytes(MAX_PACKAGE_BYTES, language.value));
  }
  return undefined;
}

/** `basic` of `basic_1.0.tar.gz`. */
function nameIn(fileName: string): string {
  return fileName.match(/^[A-Za-z0-9-]+/)?.[0] ?? '';
}
