// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { joinLink } from '../../relay/addresses.ts';
import { parseInvitation, parseJoinLink } from './join-link.ts';

describe('parseInvitation', () => {
  it('takes a whole link, or only its end', () => {
    const wanted = { org: 'Org1MSP', secret: 'a b' };
    expect(parseInvitation(' http://10.0.0.5:7050/#/join?org=Org1MSP&secret=a%20b ')).toEqual(
      wanted,
    );
    expect(parseInvitation('/join?org=Org1MSP&secret=a+b')).toEqual(wanted);
  });

  it.each([
    'http://10.0.0.5:7050/#/join?org=Org1MSP',
    'http://10.0.0.5:7050/#/join?org=&secret=a',
    'hello',
    '',
    `http://10.0.0.5:7050/#/join?org=Org1MSP&secret=${'a'.repeat(9000)}`,
  ])('refuses %.60s', (text) => expect(parseInvitation(text)).toBeUndefined());
});

describe('parseJoinLink', () => {
  it('reads what the relay prints', () => {
    const link = parseJoinLink(joinLink('http://[::1]:7050', 'Org1MSP', 'a+b&c'));
    expect(link?.relay.href).toBe('http://[::1]:7050/');
    expect(link?.invitation).toEqual({ org: 'Org1MSP', secret: 'a+b&c' });
  });

  it.each([
    '/join?org=Org1MSP&secret=a',
    'ftp://10.0.0.5/#/join?org=Org1MSP&secret=a',
    'http://10.0.0.5:99999/#/join?org=Org1MSP&secret=a',
    'http://10.0.0.5:7050/',
  ])('refuses %s, which leads to no relay', (text) => expect(parseJoinLink(text)).toBeUndefined());
});
