import { spawn } from 'node:child_process';
import path from 'node:path';

export const repository = path.resolve(import.meta.dirname, '..');

export interface CommandResult {
  readonly status: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Pass the output on as it comes instead of keeping it. */
  readonly shown?: boolean;
}

/** Runs a program to its end. Tools of node_modules/.bin come before the system's. */
export function run(command: readonly [string, ...string[]], options: CommandOptions = {}) {
  const [program, ...args] = command;
  const tools = path.join(repository, 'node_modules/.bin');
  return new Promise<CommandResult>((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? repository,
      env: { ...process.env, ...options.env, PATH: `${tools}${path.delimiter}${process.env['PATH']}` },
      stdio: ['ignore', options.shown ? 'inherit' : 'pipe', options.shown ? 'inherit' : 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', status => resolve({ status: status ?? 1, output }));
  });
}
