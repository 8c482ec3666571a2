// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hrefOf, parseHash, parseInvitation, type Route } from './router.ts';

const routes: readonly [string, Route][] = [
  ['#/', { view: 'home' }],
  ['#/network', { view: 'network' }],
  ['#/blocks', { view: 'blocks' }],
  ['#/blocks/5', { view: 'block', number: 5 }],
  ['#/tx/ab12', { view: 'tx', txId: 'ab12' }],
  ['#/state', { view: 'state' }],
  ['#/state/basic', { view: 'state', chaincode: 'basic' }],
  ['#/state/basic?prefix=ass', { view: 'state', chaincode: 'basic', prefix: 'ass' }],
  ['#/state/basic/asset1', { view: 'key', chaincode: 'basic', key: 'asset1' }],
  ['#/chaincode', { view: 'chaincode' }],
  ['#/channels/mychannel', { view: 'channel', channel: 'mychannel', page: { view: 'home' } }],
  ['#/channels/a.b/network', { view: 'channel', channel: 'a.b', page: { view: 'network' } }],
  [
    '#/channels/mychannel/blocks/5',
    { view: 'channel', channel: 'mychannel', page: { view: 'block', number: 5 } },
  ],
  [
    '#/channels/mychannel/state/basic/asset1',
    {
      view: 'channel',
      channel: 'mychannel',
      page: { view: 'key', chaincode: 'basic', key: 'asset1' },
    },
  ],
  ['#/ledger', { view: 'ledger' }],
  ['#/ledger/mychannel-3f9a01', { view: 'ledger', id: 'mychannel-3f9a01' }],
  ['#/ledger/a/blocks', { view: 'ledger', id: 'a', page: { view: 'blocks' } }],
  ['#/ledger/a/blocks/5', { view: 'ledger', id: 'a', page: { view: 'block', number: 5 } }],
  ['#/ledger/a/tx/ab12', { view: 'ledger', id: 'a', page: { view: 'tx', txId: 'ab12' } }],
  [
    '#/ledger/a/state/basic?prefix=ass',
    { view: 'ledger', id: 'a', page: { view: 'state', chaincode: 'basic', prefix: 'ass' } },
  ],
  [
    '#/ledger/a/state/basic/asset1',
    { view: 'ledger', id: 'a', page: { view: 'key', chaincode: 'basic', key: 'asset1' } },
  ],
  ['#/join?org=Org1MSP&secret=s3cret', { view: 'join', org: 'Org1MSP', secret: 's3cret' }],
];

describe('the router', () => {
  it.each(routes)('reads %s and writes it back', (hash, route) => {
    expect(parseHash(hash).route).toEqual(route);
    expect(hrefOf(route)).toBe(hash);
  });

  it('takes an empty hash for home', () => {
    expect(parseHash('').route).toEqual({ view: 'home' });
    expect(parseHash('#').route).toEqual({ view: 'home' });
  });

  it('keeps settings beside the page', () => {
    const { route, params } = parseHash('#/blocks/5?lang=zh&theme=dark');
    expect(route).toEqual({ view: 'block', number: 5 });
    expect(params.get('lang')).toBe('zh');
  });

  it.each([
    '#/nowhere',
    '#/blocks/-1',
    '#/blocks/5/6',
    '#/tx/%',
    '#/blocks/1e3',
    '#/ledger/a/network',
    '#/ledger/a/ledger/b',
    '#/ledger/a/blocks/x',
    '#/ledger/a/channels/b/blocks',
    '#/channels',
    '#/channels//blocks',
    '#/channels/a/join',
    '#/channels/a/ledger/b',
    '#/channels/a/channels/b/blocks',
    '#/channels/a/blocks/x',
    `#/${'a'.repeat(9000)}`,
  ])('says that %s is unknown', (hash) => expect(parseHash(hash).route.view).toBe('unknown'));

  it('carries any key through the address bar', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (key) => {
        const route: Route = { view: 'key', chaincode: 'basic', key };
        expect(parseHash(hrefOf(route)).route).toEqual(route);
      }),
    );
  });

  it('does not fail on a lone surrogate', () => {
    expect(hrefOf({ view: 'key', chaincode: 'basic', key: '\ud800' })).toContain('%EF%BF%BD');
  });
});

describe('parseInvitation', () => {
  it('takes a whole link, or only its end', () => {
    const wanted = { org: 'Org1MSP', secret: 'a b' };
    expect(parseInvitation(' http://10.0.0.5:7050/#/join?org=Org1MSP&secret=a%20b ')).toEqual(
      wanted,
    );
    expect(parseInvitation('/join?org=Org1MSP&secret=a+b')).toEqual(wanted);
  });

  it('refuses a link that lacks the secret', () => {
    expect(parseInvitation('http://10.0.0.5:7050/#/join?org=Org1MSP')).toBeUndefined();
    expect(parseInvitation('hello')).toBeUndefined();
  });
});
