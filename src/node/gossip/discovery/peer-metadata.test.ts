// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { decodeMetadata, encodeMetadata } from './peer-metadata.ts';

const metadata = {
  peerId: '12D3KooW',
  webrtc: true,
  hidden: false,
  neighbours: ['abcdefgh'],
  leads: [],
  leaving: false,
};

describe('what a peer says of itself', () => {
  test('comes back as it was said, with a name or without', () => {
    for (const said of [metadata, { ...metadata, displayName: 'Li Wei' }])
      expect(decodeMetadata(encodeMetadata(said))).toEqual(said);
    expect(encodeMetadata(metadata).length).toBeLessThan(80);
  });

  test('is shown without what would turn or hide the text beside it', () => {
    const said = (displayName: unknown) => utf8(JSON.stringify({ peerId: 'p', displayName }));
    expect(decodeMetadata(said('a\u202eb\u0007'))?.displayName).toBe('ab');
    for (const none of [7, {}, '', 'x'.repeat(41)])
      expect(decodeMetadata(said(none))).toEqual({
        ...metadata,
        peerId: 'p',
        webrtc: false,
        neighbours: [],
      });
  });

  test.each(['', '{', 'null', '[]', '{"peerId":7}', `{"peerId":"${'x'.repeat(300)}"}`])(
    '%s is none',
    (text) => {
      expect(decodeMetadata(utf8(text))).toBeUndefined();
    },
  );
});
