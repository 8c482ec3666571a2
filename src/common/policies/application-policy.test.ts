// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { applicationPolicyToText, createApplicationPolicy } from './index.ts';

describe('application policies', () => {
  it('are read and written', () => {
    const text = "OR('Org1MSP.peer', 'Org2MSP.peer')";
    expect(applicationPolicyToText(createApplicationPolicy(text))).toBe(text);
    const path = '/Channel/Application/Endorsement';
    expect(applicationPolicyToText(createApplicationPolicy(path))).toBe(path);
    expect(() => applicationPolicyToText(new Uint8Array())).toThrow('unsupported type');
    expect(() => applicationPolicyToText(Uint8Array.of(0xff))).toThrow('cannot be decoded');
  });
});
