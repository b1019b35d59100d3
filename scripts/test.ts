/**
 * `npm test`: every test, after fetching what the tests of the whole installation need, and then conformance once more
 * on a cluster. `npm run test:quick` leaves those out, and needs nothing but Node.js. Names of files after `--` run
 * only these; with `--cluster` before them, on a cluster.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startCluster } from '@lambent/testing';
import { run } from './command.ts';
import { assertNodeVersion } from './node-version.ts';
import { tell } from './test-tools/progress.ts';
import { provideTools } from './test-tools/provide.ts';

/** `x.engine.test.ts` starts a real nats-server or etcd. */
const UNIT_TESTS = [
  'packages/*/src/**/!(*.engine).test.ts',
  'services/*/src/**/!(*.engine).test.ts',
  'cli/src/**/!(*.engine).test.ts',
  'loadtest/**/!(*.engine).test.ts',
  'scripts/**/*.test.ts',
  'test/*.test.ts',
  'test/tidy/*.test.ts',
];
/** These start engines, whole installations and AWS's own clients. */
const TESTS_OF_THE_WHOLE = [
  '{packages,services}/*/src/**/*.engine.test.ts',
  'loadtest/**/*.engine.test.ts',
  'cli/src/**/*.engine.test.ts',
  'test/conformance/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/cluster/**/*.test.ts',
  'test/deploy/**/*.test.ts',
];
/** These ask whatever they are told to, `lambent up` or a cluster. */
const CONFORMANCE = [
  'aliases',
  'aws-cli',
  'bad-input',
  'concurrency',
  'custom-runtimes',
  'deletion',
  'event-invoke-config',
  'examples',
  'function-urls',
  'javascript-sdk',
  'outcomes',
  'permissions',
  'python-sdk',
  'response-streaming',
].map(name => `test/conformance/${name}.test.ts`);
/** Far above the slowest test: what hangs is reported by name and does not hold everything up. */
const TEST_TIMEOUT_MS = 180_000;

interface Pass {
  readonly files: readonly string[];
  /** How many files at a time. */
  readonly concurrency: number;
  readonly env?: Readonly<Record<string, string>>;
}

async function test(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, cluster: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (!values.quick) await provideTools();
  const only = positionals.length > 0;
  if (values.cluster) return runOnCluster(only ? positionals : CONFORMANCE);
  const all = values.quick ? UNIT_TESTS : [...UNIT_TESTS, ...TESTS_OF_THE_WHOLE];
  const status = await runTests({ files: only ? positionals : all, concurrency: availableParallelism() });
  if (only || values.quick) return status;
  return (await runOnCluster(CONFORMANCE)) || status;
}

/** One cluster for all files, which therefore take turns: some look at everything that there is. */
async function runOnCluster(files: readonly string[]): Promise<number> {
  tell('the same on a cluster, through both of its gateways');
  await using cluster = await startCluster();
  return await runTests({ files, concurrency: 1, env: { LAMBENT_TEST_CLUSTER: cluster.dataDirectory } });
}

async function runTests({ files, concurrency, env = {} }: Pass): Promise<number> {
  const { status } = await run(
    [
      process.execPath,
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      ...files,
    ],
    { shown: true, env },
  );
  return status;
}

assertNodeVersion();
process.exitCode = await test();
