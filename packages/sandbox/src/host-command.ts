import { execFile } from 'node:child_process';

/** `ip` and `nft` answer within milliseconds; on a machine so busy that they do not, a start has failed anyway. */
const TIMEOUT_MS = 10_000;
/** A machine's whole rule set, at most. */
const OUTPUT_BYTES_MAX = 4_194_304;

/** Runs a program of the host with `input` on its standard input; resolves with what it printed. */
export function runOnHost(
  command: readonly [string, ...string[]],
  options: { readonly input?: string } = {},
): Promise<string> {
  const [file, ...args] = command;
  return new Promise((resolve, reject) => {
    const bounds = { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX, env: HOST_ENVIRONMENT };
    const child = execFile(file, args, bounds, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      reject(new Error(`${command.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
    });
    // A program that ends before it has read everything says why by its status.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** Never the environment of this process, which may hold what is secret. */
export const HOST_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
} as const;
