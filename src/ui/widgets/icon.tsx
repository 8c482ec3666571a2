// SPDX-License-Identifier: Apache-2.0
// Line icons on a 24 x 24 grid. They only ever accompany words, so assistive technology passes over them.
import type { JSX } from 'preact';

const PATHS = {
  peer: 'M4 5h16v11H4zM2 20h20M9 16v4M15 16v4',
  network:
    'M12 4.5a2 2 0 1 0 0 .01M5 18a2 2 0 1 0 0 .01M19 18a2 2 0 1 0 0 .01M11 7l-5 9M13 7l5 9M7.5 18h9',
  blocks:
    'M3 8l5-2.5L13 8v6l-5 2.5L3 14zM3 8l5 2.5L13 8M8 10.5v6M13 10l4-2 4 2v5l-4 2-4-2M13 10l4 2 4-2M17 12v5',
  state:
    'M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3',
  chaincode: 'M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 4l-3 16',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M4.5 12.5l5 5 10-11',
  cross: 'M6 6l12 12M18 6L6 18',
  crown: 'M3 18h18M4 15l-1-9 5.5 4L12 4l3.5 6L21 6l-1 9z',
  alert: 'M12 3.5L22 20.5H2zM12 10v5M12 17.5v.5',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.5v.5',
  upload: 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4',
  download: 'M12 4v12M7 11l5 5 5-5M4 20h16',
  play: 'M7 4.5v15l12-7.5z',
  pen: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
  left: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  sliders: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 4.5v5M6 14.5v5',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  globe:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5 5.5-5 12.5 0 18M12 3c5 5.5 5 12.5 0 18',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  key: 'M8 11.5a4.5 4.5 0 1 0 0 .01M12.5 11.5H21v4M17 11.5v3',
  pause: 'M8 5v14M16 5v14',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Two threads over two: a fabric, in a tab. */
export function Logo(): JSX.Element {
  return (
    <svg class="logo" width="32" height="32" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="logo-ground" width="32" height="32" rx="8" />
      <path class="logo-weft" d="M5 12h5.5M15 12h12M5 20h12M21.5 20H27" />
      <path class="logo-warp" d="M12.5 5v12M12.5 22v5M19.5 5v5M19.5 15v12" />
    </svg>
  );
}
