import { createLogger, runLifecycle } from '@lambent/daemon';
import type { Role } from '@lambent/membership';
import { DirectoryLock } from '@lambent/worker/keeper';
import type { CommandContext } from '../command-line.ts';
import { openDataDirectory } from '../data-directory.ts';
import { readSettings, type Settings } from '../settings.ts';
import { openMember, type Serve } from './member.ts';

export interface RunMemberOptions {
  readonly role: Exclude<Role, 'worker'>;
  readonly serve: Serve;
  /** How long the service itself takes at most to close. */
  drainTimeoutMs(settings: Settings): number;
}

/** Beyond what a service's own bound allows: leaving the cluster and closing connections. */
export const LEAVING_MS = 30_000;

/** A member that is one process: runs until a signal, drains, and resolves with what to exit with. */
export async function runMember(options: RunMemberOptions, context: CommandContext): Promise<number> {
  const { role, serve } = options;
  const { clock, env } = context;
  const settings = readSettings(env);
  const dataDirectory = await openDataDirectory(settings.process.data);
  using _lock = DirectoryLock.take(dataDirectory);
  const logger = createLogger({ level: settings.process.logLevel, service: role });
  return await runLifecycle({
    logger,
    clock,
    drainTimeoutMs: options.drainTimeoutMs(settings) + LEAVING_MS,
    open: (stack, closing) =>
      openMember(stack, { role, dataDirectory, settings, serve, logger, closing, pid: process.pid }, context),
  });
}
