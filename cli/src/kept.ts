import { resolve } from 'node:path';
import { SystemRandom } from '@lambent/core';
import { createLogger, runLifecycle, writeEndpointFile } from '@lambent/daemon';
import type { CommandContext } from './command-line.ts';
import { type Composition, compose } from './compose.ts';
import { openDataDirectory, ownerIdOf } from './data-directory.ts';
import { confinementRows } from './findings.ts';
import { fromListenError } from './listen-failure.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import type { UpOptions } from './up-options.ts';
import { VERSION } from './version.ts';

/** Beyond what the services' own bounds allow: closing files, and telling what was cut off. */
const CLOSING_MS = 30_000;

/** What the keeper keeps: the process in which everything of `lambent up` runs. Resolves with its exit code. */
export async function runKept(options: UpOptions, context: CommandContext): Promise<number> {
  const { terminal, clock, env } = context;
  const settings = withOptions(readSettings(env), options);
  const dataDirectory = await openDataDirectory(options.data);
  const logger = createLogger({ level: options.logLevel, service: 'lambent' });
  const { worker, gateway } = settings;
  return runLifecycle({
    logger,
    clock,
    drainTimeoutMs: Math.max(worker.drainTimeoutMs, gateway.gatewayDrainTimeoutMs) + CLOSING_MS,
    async open(stack) {
      const composition = await compose(stack, {
        dataDirectory,
        ownerId: ownerIdOf(dataDirectory),
        wanted: options.dev ? 'as-far-as-possible' : 'confined',
        settings,
        env,
        clock,
        random: new SystemRandom(),
        logger,
      }).catch(error => Promise.reject(fromListenError(error, options)));
      const { url, adminUrl } = composition;
      showStart(composition, dataDirectory, terminal);
      // The keeper is the process to signal: it passes a signal on and cleans up behind.
      stack.use(
        await writeEndpointFile(dataDirectory, { url, adminUrl, pid: process.ppid, version: VERSION }),
      );
      terminal.result(`listening on ${url}`);
    },
  });
}

/** What the command line says wins over what the environment says. */
function withOptions(settings: Settings, options: UpOptions): Settings {
  const { host, port, adminPort, account, region } = options;
  return {
    ...settings,
    gateway: {
      ...settings.gateway,
      host,
      port,
      adminPort,
      region,
      accountId: account,
      insecureListen: options.insecureListen ?? settings.gateway.insecureListen,
      // There is no other gateway that a load balancer could turn to.
      readinessLingerMs: 0,
    },
  };
}

function showStart(composition: Composition, dataDirectory: string, terminal: Terminal): void {
  terminal.result(`Lambent ${VERSION} on ${resolve(dataDirectory)}\n`);
  terminal.table(
    [
      ...confinementRows(composition.confinement),
      ['pools', 'no', 'none yet: every cold start boots its own sandbox'],
      ['runtimes', 'yes', composition.runtimes.map(runtime => runtime.identifier).join(', ')],
      ['signatures', 'no', 'parsed and not verified: whoever reaches the port may do everything'],
    ],
    'result',
  );
  terminal.result(`\nadmin port on ${composition.adminUrl}`);
}
