// SPDX-License-Identifier: Apache-2.0
// `npm test`: lint, types, unit and contract tests, the build, then real tabs. Goes on after a failure so that one run
// shows all of them, and ends with one plain line of counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './find-browsers.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const reports = mkdtempSync(join(tmpdir(), 'tabric-test-'));
const unitReport = join(reports, 'unit.json');
const e2eReport = join(reports, 'e2e.json');

function run(title: string, command: string, env: Record<string, string> = {}): boolean {
  const began = Date.now();
  console.log(`\n== ${title}`);
  const { status } = spawnSync(command, {
    shell: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  console.log(
    `== ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round((Date.now() - began) / 1000)} s)`,
  );
  return status === 0;
}

function step(title: string, command: string): Counts {
  return run(title, command) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function readReport(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

// A run that failed without a failed test (a crash, no report) counts as one failure.
function counted(ok: boolean, counts: Counts): Counts {
  if (!ok && counts.failed === 0) return { ...counts, failed: 1 };
  return counts;
}

function unitTests(): Counts {
  const ok = run(
    'unit and contract tests',
    `npx vitest run --reporter=default --reporter=json --outputFile.json=${unitReport}`,
  );
  const { numPassedTests = 0, numFailedTests = 0 } = readReport(unitReport) as Record<
    string,
    number
  >;
  return counted(ok, { passed: numPassedTests, failed: numFailedTests });
}

function tabTests(): Counts {
  const ok = run('tabs: Playwright with a real relay', 'npx playwright test --reporter=list,json', {
    CHROMIUM_PATH: ensureChromium(),
    PLAYWRIGHT_JSON_OUTPUT_NAME: e2eReport,
  });
  const { stats = {} } = readReport(e2eReport) as { stats?: Record<string, number> };
  const { expected = 0, unexpected = 0, flaky = 0 } = stats;
  return counted(ok, { passed: expected, failed: unexpected + flaky });
}

const began = Date.now();
const results: Counts[] = [
  step('lint', 'npm run -s lint'),
  step('types', 'npm run -s typecheck'),
  unitTests(),
  step('build', 'npm run -s build'),
  tabTests(),
];
rmSync(reports, { recursive: true, force: true });
const passed = results.reduce((sum, counts) => sum + counts.passed, 0);
const failed = results.reduce((sum, counts) => sum + counts.failed, 0);
console.log(`\nall of it took ${Math.round((Date.now() - began) / 1000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
