// SPDX-License-Identifier: Apache-2.0
// A program by itself: compiles the TypeScript of the folder it is given with the compiler that is installed there, file by file, as tsc does
// with isolatedModules; types are not checked, since the types of what a peer provides are not there. It runs where only that folder can be
// read and written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** What is used of TypeScript's API, versions 4 and 5. */
interface Compiler {
  readonly sys: { readFile(path: string): string | undefined; useCaseSensitiveFileNames: boolean };
  readonly ModuleKind: { readonly CommonJS: number };
  readConfigFile(path: string, read: (path: string) => string | undefined): ReadConfig;
  parseJsonConfigFileContent(
    config: unknown,
    host: object,
    folder: string,
    existing: object | undefined,
    configFile: string,
  ): ParsedConfig;
  getOutputFileNames(config: object, file: string, ignoreCase: boolean): readonly string[];
  transpileModule(source: string, options: object): Transpiled;
  flattenDiagnosticMessageText(text: unknown, newLine: string): string;
}
interface ReadConfig {
  readonly config?: unknown;
  readonly error?: Diagnostic;
}
interface ParsedConfig {
  readonly options: Readonly<Record<string, unknown>>;
  readonly fileNames: readonly string[];
  readonly errors: readonly Diagnostic[];
}
interface Transpiled {
  readonly outputText: string;
  readonly diagnostics?: readonly Diagnostic[];
}
interface Diagnostic {
  readonly code: number;
  readonly messageText: unknown;
  readonly start?: number;
  readonly file?: {
    readonly fileName: string;
    getLineAndCharacterOfPosition(at: number): { line: number; character: number };
  };
}

/** "No inputs were found": told better below. */
const NO_INPUTS = 18003;

function compile(folder: string): string[] {
  const load = createRequire(join(folder, 'package.json'));
  const ts = load('typescript') as Partial<Compiler>;
  if (!isCompiler(ts))
    return ['the version of typescript in devDependencies has no programming interface: use 5.x'];
  const configFile = join(folder, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(configFile, (path) => ts.sys.readFile(path));
  if (error) return [describe(ts, folder, error)];
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, folder, undefined, configFile);
  const problems = parsed.errors
    .filter(({ code }) => code !== NO_INPUTS)
    .map((one) => describe(ts, folder, one));
  const sources = parsed.fileNames.filter((name) => !/\.d\.[cm]?ts$/.test(name));
  if (sources.length === 0) problems.push('tsconfig.json names no sources');
  for (const file of sources) problems.push(...compileFile(ts, folder, parsed, file));
  return problems;
}

function compileFile(ts: Compiler, folder: string, parsed: ParsedConfig, file: string): string[] {
  const { moduleResolution: _none, ...options } = parsed.options;
  const { outputText, diagnostics = [] } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      ...options,
      // A chaincode is loaded by `require`. Newer kinds of modules imply the interoperation.
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: options.esModuleInterop ?? true,
      verbatimModuleSyntax: false,
      sourceMap: false,
      declaration: false,
      declarationMap: false,
      composite: false,
    },
  });
  const ignoreCase = !ts.sys.useCaseSensitiveFileNames;
  const output = ts
    .getOutputFileNames(parsed, file, ignoreCase)
    .find((name) => /\.[cm]?jsx?$/.test(name));
  if (output === undefined) return [`${relative(folder, file)} has no output`];
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, outputText);
  return diagnostics.map((one) => describe(ts, folder, one));
}

function isCompiler(ts: Partial<Compiler>): ts is Compiler {
  return ts.transpileModule !== undefined && ts.getOutputFileNames !== undefined;
}

function describe(
  ts: Compiler,
  folder: string,
  { code, messageText, file, start }: Diagnostic,
): string {
  const text = `error TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  if (!file || start === undefined) return text;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return `${relative(folder, file.fileName)}:${line + 1}:${character + 1} - ${text}`;
}

const problems = compile(process.argv[2] ?? '');
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
