import { join } from 'node:path';
import { SystemRandom } from '@lambent/core';
import { createLogger, exitCodeOf, runLifecycle } from '@lambent/daemon';
import { findRuntimes } from '@lambent/runtimes';
import { openWorker, type Worker } from '@lambent/worker';
import type { CommandContext } from '../command-line.ts';
import { openDataDirectory } from '../data-directory.ts';
import { readSettings } from '../settings.ts';
import { type KeptSandboxes, openKeptSandboxes } from '../wiring/sandboxes.ts';
import { connectBroker } from './broker.ts';
import { watchPlacements } from './cluster-router.ts';
import { openMember, type Serve } from './member.ts';
import { openLink } from './member-link.ts';
import { networkOf } from './network.ts';
import { LEAVING_MS } from './run-member.ts';

/** What the keeper of `lambent worker` keeps. Resolves with its exit code. */
export async function runKeptWorker(
  { dev }: { readonly dev: boolean },
  context: CommandContext,
): Promise<number> {
  const { clock, env } = context;
  const settings = readSettings(env);
  // Told before sandboxes are set up, which takes seconds.
  networkOf('worker', settings);
  const { logLevel, data, bubblewrap } = settings.process;
  const dataDirectory = await openDataDirectory(data);
  const logger = createLogger({ level: logLevel, service: 'worker' });
  const failed = Promise.withResolvers<number>();
  return runLifecycle({
    logger,
    clock,
    drainTimeoutMs: settings.worker.drainTimeoutMs + LEAVING_MS,
    async open(stack, closing) {
      let abandon = () => {};
      const kept = await openKeptSandboxes(
        stack,
        {
          command: 'worker',
          dataDirectory,
          dev,
          bubblewrap,
          clock,
          random: new SystemRandom(),
          logger,
          onLost: () => abandon(),
        },
        context,
      );
      const opened = (worker: Worker) => {
        abandon = () => worker.abandon();
      };
      const serve = serveWorker({ ...kept, env, opened, failed: failed.resolve });
      // The keeper is the process to signal: it passes a signal on and cleans up behind.
      const pid = process.ppid;
      const options = { role: 'worker', dataDirectory, settings, serve, logger, closing, pid } as const;
      await openMember(stack, options, context);
    },
    until: () => failed.promise,
  });
}

interface ServeWorkerOptions extends KeptSandboxes {
  readonly env: NodeJS.ProcessEnv;
  opened(worker: Worker): void;
  /** Is told what to exit with when another worker has taken the identity of this one. */
  failed(exitCode: number): void;
}

function serveWorker({ sandboxes, keeper, env, opened, failed }: ServeWorkerOptions): Serve {
  return async (stack, member) => {
    const { settings, dataDirectory } = member;
    const broker = await connectBroker(stack, member);
    const logs = stack.use(await broker.logs());
    const runtimes = await findRuntimes({ searchPath: env['PATH'] ?? '' });
    const { link, address } = await openLink(stack, member);
    const worker = stack.use(
      await openWorker({
        ...member,
        sandboxes,
        keeper,
        address,
        link,
        placements: changed => watchPlacements(member, changed),
        blobs: await broker.blobs(),
        logs,
        runtimes: runtimes.list(),
        codeDirectory: join(dataDirectory, 'code'),
        compiledDirectory: join(dataDirectory, 'compiled'),
        config: settings.worker,
        quotas: settings.quotas,
      }),
    );
    opened(worker);
    void worker.failed.then(err => {
      member.logger.fatal({ err }, 'worker may not go on');
      failed(exitCodeOf(err));
    });
    return { address };
  };
}
