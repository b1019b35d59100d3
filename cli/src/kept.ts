import { isFailure, SystemRandom } from '@lambent/core';
import { createLogger, EXIT_CODES, readEndpointFile, runLifecycle, writeEndpointFile } from '@lambent/daemon';
import { type Confinement, openSandboxes } from '@lambent/sandbox';
import { CommandFailure } from './command-failure.ts';
import type { CommandContext } from './command-line.ts';
import { type Composition, compose } from './compose.ts';
import { openDataDirectory, sandboxPlaceOf } from './data-directory.ts';
import { confinementRows, remedyRows } from './findings.ts';
import { fromListenError } from './listen-failure.ts';
import { inspectMachine } from './machine.ts';
import { reportToKeeper } from './report-to-keeper.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import type { UpOptions } from './up-options.ts';
import { VERSION } from './version.ts';

/** Beyond what the services' own bounds allow: closing files, and telling what was cut off. */
const CLOSING_MS = 30_000;

/** What the keeper keeps: the process in which everything of `lambent up` runs. Resolves with its exit code. */
export async function runKept(options: UpOptions, context: CommandContext): Promise<number> {
  const { terminal, clock, env } = context;
  // Without one nobody guards the directory, and its sandboxes may be somebody's who runs.
  if (!process.connected)
    throw new CommandFailure('--kept is for the keeper: run `lambent up`', EXIT_CODES.usage);
  const dataDirectory = await openDataDirectory(options.data);
  const settings = withOptions(readSettings(env), await withEarlierPorts(dataDirectory, options));
  const logger = createLogger({ level: options.logLevel, service: 'lambent' });
  const { worker, gateway } = settings;
  const { bubblewrap } = settings.process;
  return runLifecycle({
    logger,
    clock,
    drainTimeoutMs: Math.max(worker.drainTimeoutMs, gateway.gatewayDrainTimeoutMs) + CLOSING_MS,
    async open(stack) {
      const random = new SystemRandom();
      const shared = { clock, random, logger };
      const sandboxes = stack.use(
        await openSandboxes({
          ...shared,
          ...sandboxPlaceOf(dataDirectory),
          wanted: options.dev ? 'as-far-as-possible' : 'confined',
          ...(bubblewrap !== undefined && { bubblewrap }),
        }).catch(error => explainRefusal(error, context)),
      );
      let abandon = () => {};
      const onLost = async () => {
        abandon();
        await sandboxes[Symbol.asyncDispose]();
      };
      stack.use(reportToKeeper({ clock, onLost }));
      const composition = await compose(stack, { ...shared, dataDirectory, sandboxes, settings, env }).catch(
        error => Promise.reject(fromListenError(error, options)),
      );
      abandon = composition.abandon;
      const { url, adminUrl } = composition;
      showStart(composition, sandboxes.confinement, terminal);
      // The keeper is the process to signal: it passes a signal on and cleans up behind.
      stack.use(
        await writeEndpointFile(dataDirectory, { url, adminUrl, pid: process.ppid, version: VERSION }),
      );
      terminal.result(`listening on ${url}`);
    },
  });
}

/** A machine that cannot confine is shown whole: what it lacks, and the commands that mend it. */
async function explainRefusal(error: unknown, context: CommandContext): Promise<never> {
  if (!isFailure(error, 'machine-cannot-confine')) throw error;
  const { confinement } = await inspectMachine(context);
  const { terminal } = context;
  terminal.table(confinementRows(confinement));
  terminal.say();
  const remedies = remedyRows(confinement);
  if (remedies.length > 0) {
    terminal.say('To mend what is missing');
    terminal.table(remedies);
    terminal.say();
  }
  throw new CommandFailure(
    'this machine cannot confine functions; `lambent up --dev` starts all the same, for code you trust',
    EXIT_CODES.cannotConfine,
    { cause: error },
  );
}

/** Started again after a crash, it is found where it was: a free port is chosen once in the life of a keeper. */
async function withEarlierPorts(dataDirectory: string, options: UpOptions): Promise<UpOptions> {
  const earlier = await readEndpointFile(dataDirectory);
  if (earlier?.pid !== process.ppid) return options;
  return {
    ...options,
    port: options.port || Number(new URL(earlier.url).port),
    adminPort: options.adminPort || Number(new URL(earlier.adminUrl).port),
  };
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

function showStart(composition: Composition, confinement: Confinement, terminal: Terminal): void {
  terminal.result(`Lambent ${VERSION}\n`);
  terminal.table(
    [
      ...confinementRows(confinement),
      ['pools', 'no', 'none yet: every cold start boots its own sandbox'],
      ['runtimes', 'yes', composition.runtimes.map(runtime => runtime.identifier).join(', ')],
      ['signatures', 'no', 'parsed and not verified: whoever reaches the port may do everything'],
    ],
    'result',
  );
  terminal.result(`\nadmin port on ${composition.adminUrl}`);
}
