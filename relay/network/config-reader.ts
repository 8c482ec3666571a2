// SPDX-License-Identifier: Apache-2.0
// Reads a YAML (or JSON) file that a person wrote, value by value, so that every complaint names the file, the
// line and the path of the value: `network.yaml:12: channels[0].batchTimeout must be a duration such as 2s`.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
} from 'yaml';
import { FabricError } from '../../src/common/runtime/errors.ts';

/** A setting that cannot be used; the message is one line for a person. */
export class ConfigError extends FabricError {
  override readonly name: string = 'ConfigError';
}

/** Larger files are not network descriptions. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** One value of the file, with its place. */
export class ConfigNode {
  readonly #node: Node | undefined;
  readonly #path: string;
  readonly #source: ConfigSource;

  constructor(source: ConfigSource, node: Node | undefined, path: string) {
    this.#source = source;
    this.#node = node;
    this.#path = path;
  }

  /** False when the key is absent or holds nothing. */
  get present(): boolean {
    return this.#node !== undefined && !(isScalar(this.#node) && this.#node.value === null);
  }

  fail(problem: string): never {
    const offset = this.#node?.range?.[0];
    const line = offset === undefined ? '' : `:${this.#source.lines.linePos(offset).line}`;
    const subject = this.#path === '' ? 'the file' : this.#path;
    throw new ConfigError('BAD_CONFIG', `${this.#source.name}${line}: ${subject} ${problem}`);
  }

  /** The values of a mapping by key; a key outside `known` is refused, since a misspelt one would silently do nothing. */
  fields<Key extends string>(known: readonly Key[]): Record<Key, ConfigNode> {
    const found = new Map<string, Node | undefined>();
    if (this.present) {
      if (!isMap(this.#node)) this.fail('must be a mapping (key: value)');
      for (const { key, value } of this.#node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        const child = new ConfigNode(this.#source, key as Node, join(this.#path, name));
        if (!(known as readonly string[]).includes(name)) {
          child.fail(`is not a known setting; known here: ${known.join(', ')}`);
        }
        found.set(name, this.#resolve(value));
      }
    }
    const at = (key: Key): ConfigNode =>
      new ConfigNode(this.#source, found.get(key) ?? undefined, join(this.#path, key));
    return Object.fromEntries(known.map((key) => [key, at(key)])) as Record<Key, ConfigNode>;
  }

  /** The entries of a mapping whose keys are free, such as policies by name. */
  entries(): [string, ConfigNode][] {
    if (!this.present) return [];
    if (!isMap(this.#node)) this.fail('must be a mapping (key: value)');
    return this.#node.items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      return [name, new ConfigNode(this.#source, this.#resolve(value), join(this.#path, name))];
    });
  }

  /** The values of a sequence, at most `max` of them. */
  items(max: number): ConfigNode[] {
    if (!this.present) return [];
    if (!isSeq(this.#node)) this.fail('must be a list');
    if (this.#node.items.length > max) this.fail(`must not have more than ${max} entries`);
    return this.#node.items.map(
      (item, i) => new ConfigNode(this.#source, this.#resolve(item), `${this.#path}[${i}]`),
    );
  }

  /** A string that matches `pattern`; `shape` says in words what that is. */
  string(pattern: RegExp, shape: string, fallback?: string): string {
    if (!this.present && fallback !== undefined) return fallback;
    const value = this.#scalar(shape);
    if (typeof value !== 'string' || !pattern.test(value)) return this.fail(`must be ${shape}`);
    return value;
  }

  boolean(fallback: boolean): boolean {
    if (!this.present) return fallback;
    const value = this.#scalar('true or false');
    return typeof value === 'boolean' ? value : this.fail('must be true or false');
  }

  integer(min: number, max: number, fallback?: number): number {
    if (!this.present && fallback !== undefined) return fallback;
    const value = this.#scalar(`a whole number from ${min} to ${max}`);
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    return this.fail(`must be a whole number from ${min} to ${max}`);
  }

  /** What `parse` makes of the text or number written; it returns undefined to refuse it. */
  parsed<T>(parse: (text: string) => T | undefined, shape: string, fallback?: T): T {
    if (!this.present && fallback !== undefined) return fallback;
    const value = this.#scalar(shape);
    // As written: YAML would read the version 1.0 as the number 1.
    const written =
      isScalar(this.#node) && typeof value === 'number' ? this.#node.source : undefined;
    return parse(written ?? String(value)) ?? this.fail(`must be ${shape}`);
  }

  #scalar(shape: string): unknown {
    if (!this.present) this.fail(`is missing; it must be ${shape}`);
    if (!isScalar(this.#node)) this.fail(`must be ${shape}`);
    return this.#node.value;
  }

  #resolve(node: unknown): Node | undefined {
    const value = node as Node | null;
    if (value === null) return undefined;
    return isAlias(value) ? value.resolve(this.#source.document) : value;
  }
}

interface ConfigSource {
  readonly name: string;
  readonly lines: LineCounter;
  readonly document: ReturnType<typeof parseDocument>;
}

/** The root of a YAML text. Throws {@link ConfigError} with the place of a syntax error. */
export function readConfig(text: string, name: string): ConfigNode {
  if (text.length > MAX_CONFIG_BYTES) {
    throw new ConfigError('BAD_CONFIG', `${name}: larger than ${MAX_CONFIG_BYTES} bytes`);
  }
  const lines = new LineCounter();
  const document = parseDocument<ParsedNode>(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw new ConfigError('BAD_CONFIG', `${name}:${line}: ${error.message}`, { cause: error });
  }
  return new ConfigNode({ name, lines, document }, document.contents ?? undefined, '');
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
