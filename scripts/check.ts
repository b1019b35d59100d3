/** `npm run check`: everything about the tree that can be said without running it, in under a minute. */
import { availableParallelism } from 'node:os';
import { type CommandResult, run } from './command.ts';
import { compareGeneratedCode } from './generated-code.ts';
import { assertNodeVersion } from './node-version.ts';

interface Check {
  readonly name: string;
  run(): Promise<CommandResult>;
}

/** The slowest first, so that no core waits for it at the end. */
const CHECKS: readonly Check[] = [
  { name: 'lint of promises (oxlint)', run: () => run(['oxlint', '--type-aware', '--deny-warnings']) },
  { name: 'types (tsc)', run: () => run(['tsc']) },
  { name: 'unused code (knip)', run: () => run(['knip', '--no-progress']) },
  {
    name: 'format and lint (biome)',
    run: () => run(['biome', 'ci', '--colors=off', '--error-on-warnings', '.']),
  },
  {
    name: 'house rules (tidy)',
    run: () => run(['node', '--test', 'test/tidy.test.ts', 'test/tidy/*.test.ts']),
  },
  { name: 'generated code', run: compareGeneratedCode },
  {
    name: 'compatibility page',
    run: () => run(['node', '--test', 'services/gateway/src/compatibility/page.test.ts']),
  },
  { name: 'protocol (buf lint)', run: () => run(['buf', 'lint']) },
];

/** Runs the checks side by side and tells of each as it ends; what a check printed is shown when it failed. */
async function checkAll(): Promise<boolean> {
  const waiting = [...CHECKS];
  let passed = true;
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const startedAt = performance.now();
      const { status, output } = await check.run();
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${status === 0 ? '✓' : '✗'} ${check.name} ${seconds} s`);
      if (status === 0) continue;
      console.log(output);
      passed = false;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return passed;
}

assertNodeVersion();
process.exitCode = (await checkAll()) ? 0 : 1;
