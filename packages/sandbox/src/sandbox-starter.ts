import { text as textOf } from 'node:stream/consumers';
import { fail } from '@lambent/core';
import type { ChildSandbox } from './child-sandbox.ts';
import type { LaunchedProcess } from './launched-process.ts';
import type { SandboxPlan } from './sandbox.ts';

/** One way of starting sandboxes. What it starts gives back everything when disposed; what it cannot start, before. */
export interface SandboxStarter {
  start(plan: SandboxPlan): Promise<ChildSandbox>;
}

export const BYTES_PER_MB = 1_048_576;

/** What is kept of the reason why a start failed. */
const REASON_CHARACTERS_MAX = 2_000;

/** Lets the program run once all is `ready`. A sandbox that does not come up is taken down again, and told why. */
export async function started(
  sandbox: ChildSandbox,
  run: LaunchedProcess,
  ready: Promise<unknown>,
): Promise<ChildSandbox> {
  try {
    await ready;
    run.go();
    return sandbox;
  } catch (cause) {
    sandbox.kill();
    await sandbox.exited;
    const said = (await textOf(sandbox.stderr)).trim().slice(-REASON_CHARACTERS_MAX);
    await sandbox[Symbol.asyncDispose]();
    throw fail('environment-failed', { detail: said || (cause as Error).message }, { cause });
  }
}
