/**
 * `npm test`: every test, after fetching what the tests of the whole installation need. `npm run test:quick` leaves
 * those out, and needs nothing but Node.js. Names of files after `--` run only these.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { run } from './command.ts';
import { assertNodeVersion } from './node-version.ts';
import { provideTools } from './test-tools/provide.ts';

/** `x.engine.test.ts` starts a real nats-server or etcd. */
const UNIT_TESTS = [
  'packages/*/src/**/!(*.engine).test.ts',
  'services/*/src/**/!(*.engine).test.ts',
  'cli/src/**/!(*.engine).test.ts',
  'loadtest/**/*.test.ts',
  'scripts/**/*.test.ts',
  'test/*.test.ts',
  'test/tidy/*.test.ts',
];
/** These start engines, whole installations and AWS's own clients. */
const TESTS_OF_THE_WHOLE = [
  '{packages,services}/*/src/**/*.engine.test.ts',
  'cli/src/**/*.engine.test.ts',
  'test/conformance/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/cluster/**/*.test.ts',
  'test/deploy/**/*.test.ts',
];
/** Far above the slowest test: what hangs is reported by name and does not hold everything up. */
const TEST_TIMEOUT_MS = 180_000;

async function test(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (!values.quick) await provideTools();
  const all = values.quick ? UNIT_TESTS : [...UNIT_TESTS, ...TESTS_OF_THE_WHOLE];
  const { status } = await run(
    [
      process.execPath,
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${availableParallelism()}`,
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      ...(positionals.length > 0 ? positionals : all),
    ],
    { shown: true },
  );
  return status;
}

assertNodeVersion();
process.exitCode = await test();
