// SPDX-License-Identifier: Apache-2.0
// What the relay tells the person who started it: links and QR codes, or one line of JSON for programs.
import { spawn } from 'node:child_process';
import { renderUnicodeCompact } from 'uqr';
import type { RelayStatus } from './relay.ts';

/** One line: url, join links by MSP id, ids. */
export function statusJson(status: RelayStatus): string {
  const { url, urls, networkId, peerId, channels, data, invite } = status;
  const join = Object.fromEntries(status.join.map(({ mspId, link }) => [mspId, link]));
  const administrators = Object.fromEntries(
    status.administrators.map(({ mspId, link }) => [mspId, link]),
  );
  return JSON.stringify({
    url,
    join,
    invite,
    administrators,
    networkId,
    peerId,
    urls,
    channels,
    data,
  });
}

/** A page of text with a QR code for each organisation. */
export function statusText(status: RelayStatus): string {
  const lines = [
    '',
    `  Tabric relay is ready: ${status.url}`,
    ...status.urls
      .filter((url) => url !== status.url)
      .map((url) => `                     also: ${url}`),
    `  Network ${status.networkId}, ${status.isNew ? 'just made' : 'continued'}; data in ${status.data}`,
    ...status.channels.map(({ name, height }) => `  Channel ${name} at height ${height}`),
    '',
  ];
  for (const { mspId, link, expiresAt, places } of status.join) {
    const until = new Date(expiresAt).toLocaleString();
    lines.push(
      `  Join ${mspId} (${places} places, until ${until}):`,
      `  ${link}`,
      '',
      qrCode(link),
      '',
    );
  }
  lines.push(
    '  To project these invitations, renew or cancel them (for whoever administers, keep it to yourself):',
    `  ${status.invite}`,
    '',
    ...status.administrators.map(({ mspId, link }) => `  only ${mspId}: ${link}`),
    '',
  );
  if (status.isLocal) {
    lines.push('  Only this machine can join. For others on the LAN: --host 0.0.0.0', '');
  }
  lines.push('  Ctrl-C stops the relay.', '');
  return lines.join('\n');
}

function qrCode(link: string): string {
  return renderUnicodeCompact(link, { border: 2 })
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** Opens a link in the person's browser; nothing happens where there is none. */
export function openInBrowser(link: string): void {
  const [program, args]: [string, string[]] =
    process.platform === 'darwin'
      ? ['open', [link]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', link]]
        : ['xdg-open', [link]];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
