// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { proposalOptions } from './call-arguments.ts';

const bytes = Uint8Array.of(1, 2, 255);

describe('arguments of a call', () => {
  it('are strings and bytes, in their places, with options behind', () => {
    expect(proposalOptions('f', [])).toEqual({ arguments: [] });
    expect(proposalOptions('f', ['a', bytes, 'b'])).toEqual({ arguments: ['a', bytes, 'b'] });
    const options = { transientData: { x: '1', y: bytes }, endorsingOrganizations: ['Org1MSP'] };
    expect(proposalOptions('f', ['a', options])).toEqual({ arguments: ['a'], ...options });
    expect(proposalOptions('f', ['a', {}])).toEqual({ arguments: ['a'] });
  });

  it.each<[string, unknown[], RegExp]>([
    ['an object that is no options', [{ ID: 'asset9' }], /"ID" is no option.*transientData/],
    ['a misspelt option', ['a', { transient: { x: '1' } }], /"transient".*known are transientData/],
    [
      'two sets of options',
      ['a', { transientData: {} }, {}],
      /argument 2 must be a string.*options come last/,
    ],
    [
      'an array',
      ['a', ['x', 'y'], 'b'],
      /argument 2 must be a string or a Uint8Array, not an array/,
    ],
    ['null', ['a', null, 'b'], /argument 2 .* not null/],
    ['a number', ['a', 5], /argument 2 .* not a number/],
    ['undefined', [undefined], /argument 1 .* not undefined/],
    ['an array at the end', [['Org1MSP']], /argument 1 .* not an array/],
    ['transient data that is no text', [{ transientData: { x: 1 } }], /transientData\.x must be/],
    ['transient data in a list', [{ transientData: ['x'] }], /transientData is an object/],
    ['one organisation', [{ endorsingOrganizations: 'Org1MSP' }], /list of MSP ids/],
  ])('refuse %s', (_, given, message) => {
    expect(() => proposalOptions('f', given)).toThrow(TypeError);
    expect(() => proposalOptions('f', given)).toThrow(message);
  });

  it('follow the name of a function', () => {
    expect(() => proposalOptions(undefined, [])).toThrow(/name is a string, not undefined/);
  });
});
