// SPDX-License-Identifier: Apache-2.0
// The package as its users get it: packed, installed in an empty project, and tested with what it brings for tests. Only what no package is
// without comes from here: the browser, the test tool and a compiler.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from '../scripts/find-browsers.ts';
import { expect, test } from './support/test.ts';

const HERE = process.cwd();
const modules = (...path: string[]): string => join(HERE, 'node_modules', ...path);

let folder: string;
let project: string;
test.beforeAll(() => {
  test.setTimeout(180_000);
  folder = mkdtempSync(join(tmpdir(), 'tabric-package-'));
  project = join(folder, 'project');
  mkdirSync(project);
  // The page was built before the tests of tabs.
  run(process.execPath, ['scripts/build-package.ts'], HERE);
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], HERE);
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  const tarball = join(folder, `tabric-${version()}.tgz`);
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], project);
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

function version(): string {
  return JSON.parse(readFileSync('package.json', 'utf8')).version;
}

/** Without what the run of these tests tells its own test tool, which a test tool inside it would take for itself. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('PLAYWRIGHT_')),
);

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, env: ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
}

/** Code blocks of the README in a section. */
function readmeCode(section: string, language: string): string {
  const text = readFileSync('README.md', 'utf8');
  const [, after = ''] = text.split(`\n## ${section}\n`);
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(after)?.[1];
  if (found === undefined) throw new Error(`README.md has no ${language} in ${section}`);
  return found;
}

function link(name: string): void {
  const target = join(project, 'node_modules', name);
  mkdirSync(join(target, '..'), { recursive: true });
  symlinkSync(modules(name), target);
}

test('is in order by publint and Are The Types Wrong', () => {
  test.setTimeout(120_000);
  const tarball = join(folder, `tabric-${version()}.tgz`);
  run(process.execPath, [modules('publint', 'src', 'cli.js'), tarball, '--strict'], HERE);
  run(
    process.execPath,
    [modules('@arethetypeswrong', 'cli', 'dist', 'index.js'), tarball, '--profile', 'esm-only'],
    HERE,
  );
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['classic-level', 'long']);
});

test('a program of the README starts a peer and uses the client API', async () => {
  test.setTimeout(120_000);
  const program = readmeCode('In your own project', 'js');
  writeFileSync(
    join(project, 'program.mjs'),
    `
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
const relay = spawn(process.execPath, ['node_modules/tabric/dist-node/tabric.js', 'start', '--port', '0', '--json', '--batch-timeout', '200ms'], { stdio: ['ignore', 'pipe', 'inherit'] });
const line = await new Promise((resolve) => createInterface({ input: relay.stdout }).once('line', resolve));
const joinLink = JSON.parse(line).join.Org1MSP;
${program.replace(/'http:[^']*'/, 'joinLink')}
relay.kill();
`,
  );
  const said = run(process.execPath, ['program.mjs'], project);
  expect(said).toContain('Tomoko');
});

test('the sample test of the README passes, type-checked, on the fixtures of the package', () => {
  test.setTimeout(180_000);
  link('@playwright/test');
  link('playwright');
  link('@types/node');
  const chaincode = join(project, 'chaincode');
  mkdirSync(chaincode);
  writeFileSync(
    join(chaincode, 'package.json'),
    '{"name":"mine","version":"1.0.0","main":"index.js"}',
  );
  writeFileSync(
    join(chaincode, 'index.js'),
    `const { Contract } = require('fabric-contract-api');
class Mine extends Contract {
  async put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); }
  async get(ctx, key) { return String(await ctx.stub.getState(key)); }
}
exports.contracts = [Mine];
`,
  );
  writeFileSync(join(project, 'mine.spec.ts'), readmeCode('In your own project', 'ts'));
  writeFileSync(
    join(project, 'playwright.config.ts'),
    `import { defineConfig } from '@playwright/test';
export default defineConfig({ use: { launchOptions: { executablePath: ${JSON.stringify(ensureChromium())} } } });
`,
  );
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2023',
    skipLibCheck: false,
    types: ['node'],
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['*.ts'] }),
  );
  run(process.execPath, [modules('typescript', 'bin', 'tsc'), '-p', '.'], project);
  const said = run(process.execPath, [modules('@playwright', 'test', 'cli.js'), 'test'], project);
  expect(said).toContain('1 passed');
});

test('a failed test of an application has the traces and the state of its tabs', () => {
  test.setTimeout(180_000);
  writeFileSync(
    join(project, 'failing.spec.ts'),
    `import { expect, test } from 'tabric/playwright';
test('fails', async ({ twoOrgs: [one] }) => { expect(await one.height()).toBe(7); });
`,
  );
  expect(() =>
    run(
      process.execPath,
      [modules('@playwright', 'test', 'cli.js'), 'test', 'failing', '--reporter=json'],
      project,
    ),
  ).toThrow(/"tab 0".*"tab 1".*"trace",\s+"contentType": "application\/zip"/s);
});
