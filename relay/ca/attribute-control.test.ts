// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { ALL_RIGHTS, needMayGive } from './attribute-control.ts';
import type { IdentityAttribute } from './identity-registry.ts';

type Values = Readonly<Record<string, string>>;

const attributes = (values: Values): IdentityAttribute[] =>
  Object.entries(values).map(([name, value]) => ({ name, value, ecert: false }));

const SOME: Values = {
  'hf.Registrar.Roles': 'client,peer',
  'hf.Registrar.Attributes': 'dept, app.*, hf.*',
  'hf.Revoker': 'true',
  'hf.GenCRL': 'false',
};
const ALL: Values = Object.fromEntries(ALL_RIGHTS.map(({ name, value }) => [name, value]));

function mayGive(registrar: Values, wanted: Values, before: Values = {}): boolean {
  try {
    const [has, given] = [attributes(registrar), attributes(wanted)];
    needMayGive({ attrs: has }, given, attributes(before));
    return true;
  } catch {
    return false;
  }
}

it.each<[wanted: Values, allowed: boolean, before?: Values]>([
  [{ dept: '1', 'app.x': '' }, true],
  [{ depth: '1' }, false],
  [{ 'hf.Revoker': 'false' }, true],
  [{ 'hf.Revoker': '' }, true],
  [{ 'hf.Revoker': 'maybe' }, false],
  [{ 'hf.GenCRL': 'true' }, false],
  [{ 'hf.AffiliationMgr': 'true' }, false],
  [{ 'hf.Registrar.Roles': 'Peer' }, true],
  [{ 'hf.Registrar.Roles': 'peer,orderer' }, false],
  [{ 'hf.Registrar.Roles': '*' }, false],
  [{ 'hf.Registrar.DelegateRoles': 'peer' }, false],
  [{ 'hf.Registrar.Attributes': 'dept,app.y.*' }, true],
  [{ 'hf.Registrar.Attributes': '*' }, false],
  [{ 'hf.Registrar.Attributes': 'hf.Revoker' }, false],
  [{ 'hf.Registrar.Attributes': 'hf.Revoker', 'hf.Revoker': 'true' }, true],
  [{ 'hf.Registrar.Attributes': 'hf.Revoker' }, true, { 'hf.Revoker': 'true' }],
  [{ 'hf.EnrollmentID': 'x' }, false],
  [{ 'hf.Unheard': 'x' }, false],
])('a registrar with some rights gives %j: %s', (wanted, allowed, before) => {
  expect(mayGive(SOME, wanted, before)).toBe(allowed);
});

it('gives nothing without a list of what may be given, and all of it with all rights', () => {
  expect(mayGive({ 'hf.Registrar.Roles': '*' }, { dept: '1' })).toBe(false);
  expect(mayGive(ALL, { dept: '1', ...ALL })).toBe(true);
  expect(mayGive(ALL, { 'hf.Type': 'peer' })).toBe(false);
});

it('keeps delegated roles within the roles', () => {
  const delegated = { 'hf.Registrar.DelegateRoles': 'client,peer' };
  expect(mayGive(ALL, { ...delegated, 'hf.Registrar.Roles': 'client' })).toBe(false);
  expect(mayGive(ALL, delegated, { 'hf.Registrar.Roles': 'client,peer' })).toBe(true);
  expect(mayGive(ALL, delegated)).toBe(false);
});
