// SPDX-License-Identifier: Apache-2.0
// A config tree as a flat map from paths to elements, and back (common/configtx/configmap.go).
import type { common } from '../protos/index.ts';
import { equalBytes } from '../runtime/bytes.ts';
import { ConfigError } from './errors.ts';

interface ElementBase {
  /** Names from the root to the group that holds the element. */
  readonly path: readonly string[];
  readonly key: string;
}

export type ConfigElement = ElementBase &
  (
    | { readonly kind: 'Group'; readonly item: common.ConfigGroup }
    | { readonly kind: 'Value'; readonly item: common.ConfigValue }
    | { readonly kind: 'Policy'; readonly item: common.ConfigPolicy }
  );

/** Elements by `[Kind] /Channel/…`. */
export type ConfigMap = ReadonlyMap<string, ConfigElement>;

const MAX_DEPTH = 16;

/** Throws ConfigError unless the name may stand in a config path. */
export function validateConfigId(id: string): void {
  if (/^[a-zA-Z0-9.-]{1,249}$/.test(id) && id !== '.' && id !== '..') return;
  throw new ConfigError('CONFIG_MALFORMED', `config id '${id.slice(0, 260)}' is illegal`);
}

/** Throws ConfigError unless it is a valid channel name. */
export function validateChannelId(id: string): void {
  if (/^[a-z][a-z0-9.-]{0,248}$/.test(id)) return;
  throw new ConfigError('CONFIG_MALFORMED', `channel id '${id.slice(0, 260)}' is illegal`);
}

export function elementPath(kind: ConfigElement['kind'], path: readonly string[]): string {
  return `[${kind}] /${path.join('/')}`;
}

/** Throws ConfigError on an illegal name. */
export function mapConfig(root: common.ConfigGroup | null, rootName: string): ConfigMap {
  const map = new Map<string, ConfigElement>();
  const add = (element: ConfigElement): void => {
    validateConfigId(element.key);
    map.set(elementPath(element.kind, [...element.path, element.key]), element);
  };
  const walk = (path: readonly string[], key: string, group: common.ConfigGroup): void => {
    if (path.length > MAX_DEPTH) {
      throw new ConfigError('CONFIG_MALFORMED', 'config groups nest too deep');
    }
    add({ kind: 'Group', path, key, item: group });
    const inner = [...path, key];
    for (const [name, child] of Object.entries(group.groups)) walk(inner, name, child);
    for (const [name, item] of Object.entries(group.values)) {
      add({ kind: 'Value', path: inner, key: name, item });
    }
    for (const [name, item] of Object.entries(group.policies)) {
      add({ kind: 'Policy', path: inner, key: name, item });
    }
  };
  if (root) walk([], rootName, root);
  return map;
}

// Channels made by 1.0 have elements without mod_policy, which nobody could ever change; with orderer capabilities on,
// every update sets them to this.
const DEFAULT_MOD_POLICY = 'Admins';

/** The tree of a map: members of each group are those that the group's own element names. Throws ConfigError. */
export function configMapToConfig(map: ConfigMap, rootName: string): common.IConfigGroup {
  const ordererCapabilities = elementPath('Value', [rootName, 'Orderer', 'Capabilities']);
  const modPolicyOf = ({ mod_policy }: { mod_policy: string }): string =>
    mod_policy === '' && map.has(ordererCapabilities) ? DEFAULT_MOD_POLICY : mod_policy;
  const take = <Kind extends ConfigElement['kind']>(kind: Kind, path: readonly string[]) => {
    const element = map.get(elementPath(kind, path));
    if (element?.kind === kind)
      return element.item as Extract<ConfigElement, { kind: Kind }>['item'];
    throw new ConfigError('CONFIG_UPDATE', `missing ${kind.toLowerCase()} at /${path.join('/')}`);
  };
  const build = (path: readonly string[]): common.IConfigGroup => {
    const group = take('Group', path);
    const members = <T>(names: object, read: (name: string) => T): Record<string, T> =>
      Object.fromEntries(Object.keys(names).map((name) => [name, read(name)]));
    return {
      version: group.version,
      mod_policy: modPolicyOf(group),
      groups: members(group.groups, (name) => build([...path, name])),
      values: members(group.values, (name) => {
        const { version, value, ...item } = take('Value', [...path, name]);
        return { version, value, mod_policy: modPolicyOf(item) };
      }),
      policies: members(group.policies, (name) => {
        const { version, policy, ...item } = take('Policy', [...path, name]);
        return { version, policy, mod_policy: modPolicyOf(item) };
      }),
    };
  };
  return build([rootName]);
}

/** Equality by meaning: the order of members in the encoding does not matter (Go writes maps in random order). */
export function equalConfigGroups(a: common.ConfigGroup, b: common.ConfigGroup): boolean {
  const [left, right] = [mapConfig(a, 'root'), mapConfig(b, 'root')];
  if (left.size !== right.size) return false;
  for (const [path, element] of left) {
    const other = right.get(path);
    if (!other || !equalElements(element, other)) return false;
  }
  return true;
}

/** Equality of two elements' own content; of groups, version and mod_policy only. */
export function equalElements(a: ConfigElement, b: ConfigElement): boolean {
  if (!a.item.version.equals(b.item.version) || a.item.mod_policy !== b.item.mod_policy)
    return false;
  if (a.kind === 'Value' && b.kind === 'Value') return equalBytes(a.item.value, b.item.value);
  if (a.kind === 'Policy' && b.kind === 'Policy') return equalPolicies(a.item, b.item);
  return a.kind === b.kind;
}

function equalPolicies(a: common.ConfigPolicy, b: common.ConfigPolicy): boolean {
  if (!a.policy || !b.policy) return a.policy === b.policy;
  return a.policy.type === b.policy.type && equalBytes(a.policy.value, b.policy.value);
}
