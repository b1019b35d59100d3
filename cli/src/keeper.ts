import { createLogger, type LogLevel } from '@lambent/daemon';
import { keep } from '@lambent/worker/keeper';
import type { CommandContext } from './command-line.ts';
import { openDataDirectory, sandboxPlaceOf } from './data-directory.ts';
import { MAIN } from './project.ts';

export interface KeeperOptions {
  readonly data: string;
  readonly logLevel: LogLevel;
  /** The command line of what is kept, given the data directory's one true path; `--kept` comes with it. */
  kept(dataDirectory: string): readonly string[];
}

/** The process that `lambent up` and `lambent worker` are: it keeps another one that does the work. */
export async function runKeeper(
  options: KeeperOptions,
  context: Pick<CommandContext, 'clock' | 'env'>,
  stop?: AbortSignal,
): Promise<number> {
  const { clock, env } = context;
  const dataDirectory = await openDataDirectory(options.data);
  return keep({
    ...sandboxPlaceOf(dataDirectory),
    dataDirectory,
    command: process.execPath,
    args: [MAIN, ...options.kept(dataDirectory), '--kept'],
    env,
    ...(stop && { stop }),
    clock,
    logger: createLogger({ level: options.logLevel, service: 'keeper' }),
  });
}
