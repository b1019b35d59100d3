import assert from 'node:assert/strict';
import { type StartOptions, startLambent } from '@lambent/testing';
import type { Role } from './running-cluster.ts';

export interface Refusal {
  readonly exitCode: number;
  /** What a person is told, which is one line. */
  readonly complaint: string;
}

/** Longer than the patience that these members are told to have, and than a cold start takes on two busy cores. */
const REFUSED_WITHIN_MS = 30_000;

/** Starts a member that has to refuse, and gives what it ended with and what it said. */
export async function refusedMember(
  role: Role,
  env: Readonly<Record<string, string>>,
  options: Pick<StartOptions, 'dataDirectory'> = {},
): Promise<Refusal> {
  const startedMs = performance.now();
  const settings = { LAMBENT_LOG_LEVEL: 'silent', LAMBENT_SERVERS_WAIT_MS: '500', ...env };
  const { message } = await startLambent({ ...options, command: role, env: settings }).then(
    async member => {
      await member[Symbol.asyncDispose]();
      throw new Error(`the ${role} serves, and refused nothing`);
    },
    (error: Error) => error,
  );
  const [, exitCode = '', said = ''] = /ended with (\d+) before it was ready:\n(.*)/s.exec(message) ?? [];
  assert.ok(exitCode, message);
  assert.ok(performance.now() - startedMs < REFUSED_WITHIN_MS, `it took too long: ${message}`);
  // Node.js warns in lines that begin so; a keeper lets its worker try, and say, more than once.
  const lines = said.split('\n').filter(line => line !== '' && !line.startsWith('('));
  const complaint = [...new Set(lines)].join('\n');
  assert.doesNotMatch(complaint, /\n/, 'more than one line');
  return { exitCode: Number(exitCode), complaint };
}
