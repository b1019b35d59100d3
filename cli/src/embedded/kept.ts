import { SystemRandom } from '@lambent/core';
import { createLogger, readEndpointFile, runLifecycle, writeEndpointFile } from '@lambent/daemon';
import type { Confinement } from '@lambent/sandbox';
import type { CommandContext } from '../command-line.ts';
import { openDataDirectory } from '../data-directory.ts';
import { confinementRows } from '../findings.ts';
import { fromListenError } from '../listen-failure.ts';
import { readSettings, type Settings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import type { UpOptions } from '../up-options.ts';
import { VERSION } from '../version.ts';
import { openKeptSandboxes } from '../wiring/sandboxes.ts';
import { type Composition, compose } from './compose.ts';

/** Beyond what the services' own bounds allow: closing files, and telling what was cut off. */
const CLOSING_MS = 30_000;

/** What the keeper keeps: the process in which everything of `lambent up` runs. Resolves with its exit code. */
export async function runKept(options: UpOptions, context: CommandContext): Promise<number> {
  const { terminal, clock, env } = context;
  const dataDirectory = await openDataDirectory(options.data);
  const settings = withOptions(readSettings(env), await withEarlierPorts(dataDirectory, options));
  const logger = createLogger({ level: options.logLevel, service: 'lambent' });
  const { worker, gateway } = settings;
  return runLifecycle({
    logger,
    clock,
    drainTimeoutMs: Math.max(worker.drainTimeoutMs, gateway.gatewayDrainTimeoutMs) + CLOSING_MS,
    async open(stack) {
      const shared = { clock, random: new SystemRandom(), logger };
      let abandon = () => {};
      const kept = await openKeptSandboxes(
        stack,
        {
          ...shared,
          command: 'up',
          dataDirectory,
          dev: options.dev ?? false,
          bubblewrap: settings.process.bubblewrap,
          onLost: () => abandon(),
        },
        context,
      );
      const composition = await compose(stack, { ...shared, ...kept, dataDirectory, settings, env }).catch(
        error => Promise.reject(fromListenError(error, options)),
      );
      abandon = composition.abandon;
      const { url, grpcUrl, adminUrl } = composition;
      showStart(composition, kept.sandboxes.confinement, terminal);
      // The keeper is the process to signal: it passes a signal on and cleans up behind.
      stack.use(
        await writeEndpointFile(dataDirectory, {
          url,
          grpcUrl,
          adminUrl,
          pid: process.ppid,
          version: VERSION,
        }),
      );
      terminal.result(`listening on ${url}`);
    },
  });
}

/** Started again after a crash, it is found where it was: a free port is chosen once in the life of a keeper. */
async function withEarlierPorts(dataDirectory: string, options: UpOptions): Promise<UpOptions> {
  const earlier = await readEndpointFile(dataDirectory);
  if (earlier?.pid !== process.ppid) return options;
  return {
    ...options,
    port: options.port || portOf(earlier.url),
    grpcPort: options.grpcPort || portOf(earlier.grpcUrl),
    adminPort: options.adminPort || portOf(earlier.adminUrl),
  };
}

function portOf(url: string | undefined): number {
  return url === undefined ? 0 : Number(new URL(url).port);
}

/** What the command line says wins over what the environment says. */
function withOptions(settings: Settings, options: UpOptions): Settings {
  const { host, port, grpcPort, adminPort, account, region } = options;
  return {
    ...settings,
    gateway: {
      ...settings.gateway,
      host,
      port,
      grpcPort,
      adminPort,
      region,
      accountId: account,
      insecureListen: options.insecureListen ?? settings.gateway.insecureListen,
      // There is no other gateway that a load balancer could turn to.
      readinessLingerMs: 0,
    },
  };
}

function showStart(composition: Composition, confinement: Confinement, terminal: Terminal): void {
  terminal.result(`Lambent ${VERSION}\n`);
  terminal.table(
    [
      ...confinementRows(confinement),
      ['runtimes', 'yes', composition.runtimes.map(runtime => runtime.identifier).join(', ')],
      ['signatures', 'no', 'parsed and not verified: whoever reaches the port may do everything'],
    ],
    'result',
  );
  terminal.result(`\nadmin port on ${composition.adminUrl}`);
}
