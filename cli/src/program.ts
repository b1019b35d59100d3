import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that only reports its version has no reason to take longer. */
const ANSWER_TIMEOUT_MS = 5_000;

/** What a program on PATH prints when asked for its version, in one line; undefined when it is not there or broken. */
export async function askVersion(
  program: string,
  flag: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, [flag], { env, timeout: ANSWER_TIMEOUT_MS });
    return (stdout.trim() || stderr.trim()).split('\n')[0] ?? '';
  } catch {
    // Not there, not executable, or ended badly: none of them is a program to rely on.
    return undefined;
  }
}

/** Runs a program to its end; undefined when it succeeded, else what it complained of. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<string | undefined> {
  try {
    const { cwd, env, timeoutMs } = options;
    await run(program, [...args], { cwd, env, timeout: timeoutMs });
    return undefined;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return stderr.trim().split('\n').at(-1) || message;
  }
}
