import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrows } from './arrows.ts';
import { bannedCalls } from './banned-calls.ts';
import { leftOutTests, unfinished } from './comments.ts';
import { errorDocs } from './error-docs.ts';
import { fileLength, fileNames } from './files.ts';
import { lockFile } from './lock-file.ts';
import { machineNames } from './machine-names.ts';
import { metricDocs } from './metric-docs.ts';
import type { Rule } from './rule.ts';
import { twinsOf } from './twins.ts';

/** Where the rule finds a breach in one file of this text: `path[:line]` each. */
function breaches(rule: Rule, path: string, text: string): string[] {
  return rule([{ path, text }]).map(breach => breach.slice(0, breach.indexOf(': ')));
}

test('a file of more than 400 lines is too long, unless it is a test or a fixture', () => {
  const text = 'line\n'.repeat(401);
  assert.deepEqual(breaches(fileLength, 'cli/src/up.ts', text), ['cli/src/up.ts']);
  assert.deepEqual(breaches(fileLength, 'cli/src/up.ts', 'line\n'.repeat(400)), []);
  assert.deepEqual(breaches(fileLength, 'cli/src/up.test.ts', text), []);
  assert.deepEqual(breaches(fileLength, 'test/fixtures/big/index.ts', text), []);
});

test('a bin of a file is found by its own name and by its folder', () => {
  for (const path of ['packages/bus/src/utils.ts', 'cli/src/types.ts', 'services/worker/src/lib/clock.ts']) {
    assert.deepEqual(breaches(fileNames, path, ''), [path]);
  }
  assert.deepEqual(breaches(fileNames, 'packages/bus/src/common-ground.ts', ''), []);
});

test('the clock and chance are banned in code, not in comments, tests or their adapters', () => {
  const banned = [
    'const at = Date.now();',
    'performance.now()',
    'setTimeout(fire, 10)',
    'setInterval(fire, 10)',
    'Math.random()',
    'crypto.randomUUID()',
    'AbortSignal.any([])',
    'AbortSignal.timeout(5)',
  ];
  for (const text of banned) {
    assert.deepEqual(breaches(bannedCalls, 'packages/bus/src/bus.ts', `\n${text}`), [
      'packages/bus/src/bus.ts:2',
    ]);
  }
  const adapter = 'packages/core/src/system-clock.ts';
  assert.deepEqual(breaches(bannedCalls, adapter, 'Date.now()'), []);
  assert.deepEqual(breaches(bannedCalls, 'packages/bus/src/bus.test.ts', 'Date.now()'), []);
  assert.deepEqual(breaches(bannedCalls, 'packages/bus/src/bus.ts', '  // As Date.now() would.'), []);
  assert.deepEqual(breaches(bannedCalls, 'packages/bus/src/bus.ts', 'socket.setTimeout(0)'), []);
});

test('a service leaning on a service and a package leaning on a service are found', () => {
  const manifest = (path: string, name: string, dependencies: string[]) => ({
    path: `${path}/package.json`,
    text: JSON.stringify({ name, dependencies: Object.fromEntries(dependencies.map(each => [each, '1'])) }),
  });
  const breaches = arrows([
    manifest('packages/core', '@lambent/core', ['@lambent/worker']),
    manifest('services/worker', '@lambent/worker', ['@lambent/core', '@lambent/gateway', 'pino']),
    manifest('services/gateway', '@lambent/gateway', ['@lambent/core']),
    manifest('cli', '@lambent/cli', ['@lambent/gateway', '@lambent/core']),
  ]);
  assert.deepEqual(breaches, [
    'packages/core/package.json: packages must not lean on services (@lambent/worker)',
    'services/worker/package.json: services must not lean on services (@lambent/gateway)',
  ]);
});

test('unfinished work without a number is found', () => {
  const word = ['TO', 'DO'].join('');
  assert.deepEqual(breaches(unfinished, 'cli/src/up.ts', `// ${word}: later`), ['cli/src/up.ts:1']);
  assert.deepEqual(breaches(unfinished, 'cli/src/up.ts', `// ${word}(#12): later`), []);
  assert.deepEqual(breaches(unfinished, 'cli/src/up.ts', `// ${['FIX', 'ME'].join('')} #12`), [
    'cli/src/up.ts:1',
  ]);
});

test('a test that is left out is found', () => {
  const call = (how: string) => `${['test', how].join('.')}('x', () => {});`;
  assert.deepEqual(breaches(leftOutTests, 'cli/src/up.test.ts', call('skip')), ['cli/src/up.test.ts:1']);
  assert.deepEqual(breaches(leftOutTests, 'cli/src/up.test.ts', call('only')), ['cli/src/up.test.ts:1']);
  assert.deepEqual(breaches(leftOutTests, 'cli/src/up.test.ts', "test('x', { skip: why }, () => {});"), []);
});

test('paths of one machine and hosts of registries are found', () => {
  for (const text of [
    'cd /home/ann/lambent',
    'open("/root/.cargo")'.replace('.', ''),
    'registry.npmjs.org',
  ]) {
    assert.deepEqual(breaches(machineNames, 'docs/setup.md', text), ['docs/setup.md:1']);
  }
  for (const text of ['/var/task/homework', '~/home', '/sys/fs/cgroup', 'the root/leaf']) {
    assert.deepEqual(breaches(machineNames, 'docs/setup.md', text), []);
  }
});

test('a reason without explanation and an explanation without reason are found', () => {
  const table =
    "export const ERRORS = {\n  draining: {\n    code: 'x',\n  },\n  'no-room': {\n  },\n} as const;";
  const found = errorDocs([
    { path: 'packages/core/src/errors.ts', text: table },
    { path: 'docs/errors.md', text: '### `draining`\nIt ends.\n### `lost`\n' },
  ]);
  assert.deepEqual(found, [
    'docs/errors.md: no-room is not explained',
    'docs/errors.md: lost is no reason of packages/core/src/errors.ts',
  ]);
});

test('a metric that is not listed and one that nobody makes are found, counters by their collected name', () => {
  const text = `
    telemetry.counter('lambent_worker_errors', 'Those that failed.');
    telemetry.gauge('lambent_worker_slots_used', 'In flight.', () => 0);
    telemetry.gauge(\`lambent_worker_environments_\${state}\`, 'Now.', () => 0);`;
  const found = metricDocs([
    { path: 'services/worker/src/worker-metrics.ts', text },
    { path: 'docs/operations.md', text: '`lambent_worker_errors_total`, `lambent_worker_environments_idle`' },
    { path: 'docs/failures.md', text: '`lambent_worker_errors > 0`' },
  ]);
  assert.deepEqual(found, [
    'docs/failures.md: lambent_worker_errors is no metric',
    'docs/operations.md: lambent_worker_slots_used is not listed',
  ]);
});

test('a package that the lock file asks for and does not name is found', () => {
  const packages = {
    '': { dependencies: { a: '1' } },
    'node_modules/a': { dependencies: { b: '1', c: '1' }, optionalDependencies: { 'a-for-the-moon': '1' } },
    'node_modules/a/node_modules/b': {},
    'node_modules/c': {},
  };
  const text = JSON.stringify({ packages });
  assert.deepEqual(lockFile([{ path: 'package-lock.json', text }]), [
    'package-lock.json: node_modules/a asks for a-for-the-moon, which it does not name',
  ]);
});

test('code without a test of its name is counted; ports and doors are not', () => {
  const file = (path: string, text = 'export class Thing {}') => ({ path, text });
  const twins = twinsOf([
    file('packages/bus/src/sqlite-bus.ts'),
    file('packages/bus/src/sqlite-queue.ts'),
    file('packages/bus/src/sqlite-queue.test.ts'),
    file('packages/bus/src/nats-bus.ts'),
    file('packages/bus/src/nats-bus.engine.test.ts'),
    file('packages/bus/src/bus.ts', 'export interface Bus {}'),
    file('packages/bus/src/index.ts'),
  ]);
  assert.deepEqual(twins, { files: 3, without: ['packages/bus/src/sqlite-bus.ts'] });
});
