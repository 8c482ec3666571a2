// SPDX-License-Identifier: Apache-2.0
// What an earlier version stored.
import { expect, it } from 'vitest';
import { MemoryKVStore } from '../../src/ledger/memory/memory-kv-store.ts';
import { ALL_RIGHTS } from './attribute-control.ts';
import { IdentityRegistry } from './identity-registry.ts';

it('gives registrars of everything the rights that they had without attributes, once', async () => {
  const store = new MemoryKVStore();
  const registry = new IdentityRegistry(store, 'ca');
  const add = (id: string, attrs: Readonly<Record<string, string>>) =>
    registry.register({
      id,
      type: 'client',
      affiliation: '',
      secret: 'pw',
      maxEnrollments: -1,
      attrs: Object.entries(attrs).map(([name, value]) => ({ name, value, ecert: false })),
    });
  const valuesOf = async (id: string) =>
    Object.fromEntries(
      (await registry.get(id))?.attrs.map(({ name, value }) => [name, value]) ?? [],
    );
  await add('admin', { 'hf.Registrar.Roles': '*' });
  await add('less', { 'hf.Registrar.Roles': '*', 'hf.Revoker': 'false' });
  await add('clerk', { 'hf.Registrar.Roles': 'client' });
  await registry.migrate(ALL_RIGHTS);
  const all = Object.fromEntries(ALL_RIGHTS.map(({ name, value }) => [name, value]));
  expect(await valuesOf('admin')).toEqual(all);
  expect(await valuesOf('less')).toEqual({ ...all, 'hf.Revoker': 'false' });
  expect(await valuesOf('clerk')).toEqual({ 'hf.Registrar.Roles': 'client' });

  await registry.update('admin', { attrs: [] });
  await add('later', { 'hf.Registrar.Roles': '*' });
  await new IdentityRegistry(store, 'ca').migrate(ALL_RIGHTS);
  expect(await valuesOf('admin')).toEqual({});
  expect(await valuesOf('later')).toEqual({ 'hf.Registrar.Roles': '*' });
});
