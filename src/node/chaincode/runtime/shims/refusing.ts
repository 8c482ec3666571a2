// SPDX-License-Identifier: Apache-2.0
// In place of modules of Node that reach out of the program, or depend on the machine. Packages load them and derive classes from them
// without ever using them, so that is allowed; a call says why it is not.

/** What stands for a module; `known` are its parts that can be used. */
export function refusing(module: string, known: object = {}): object {
  return new Proxy(known, {
    get: (target, name) => {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name);
      if (name === '__esModule' || name === 'then') return undefined;
      return refusedFunction(`${module}.${name}`);
    },
  });
}

function refusedFunction(name: string): unknown {
  // A function, and not an arrow: a class may extend it.
  return function refused(): never {
    throw new Error(
      `${name} is not available to chaincode: endorsers would not agree on its result`,
    );
  };
}
