import { type Clock, isFailure, type Random } from '@lambent/core';
import { EXIT_CODES, type Logger } from '@lambent/daemon';
import { openSandboxes, type Sandboxes } from '@lambent/sandbox';
import { connectKeeper, type KeeperConnection } from '@lambent/worker/keeper';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../command-line.ts';
import { sandboxPlaceOf } from '../data-directory.ts';
import { confinementRows, remedyRows } from '../findings.ts';
import { inspectMachine } from '../machine.ts';

export interface KeptSandboxesOptions {
  /** Which command to run instead where this one must not. */
  readonly command: 'up' | 'worker';
  readonly dataDirectory: string;
  /** Also where functions cannot be confined. */
  readonly dev: boolean;
  readonly bubblewrap: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The keeper is gone; the sandboxes go next. */
  onLost(): void;
}

export interface KeptSandboxes {
  readonly sandboxes: Sandboxes;
  /** Enforces the end of this process and of its sandboxes; told by the worker how long both may go on. */
  readonly keeper: KeeperConnection;
}

/** The sandboxes of a process that a keeper keeps. They end with the keeper. */
export async function openKeptSandboxes(
  stack: AsyncDisposableStack,
  options: KeptSandboxesOptions,
  context: CommandContext,
): Promise<KeptSandboxes> {
  const { command, dataDirectory, dev, bubblewrap, clock, random, logger, onLost } = options;
  // Without one nobody guards the directory, and its sandboxes may be somebody's who runs.
  if (!process.connected)
    throw new CommandFailure(`--kept is for the keeper: run \`npx lambent ${command}\``, EXIT_CODES.usage);
  const sandboxes = stack.use(
    await openSandboxes({
      clock,
      random,
      logger,
      ...sandboxPlaceOf(dataDirectory),
      wanted: dev ? 'as-far-as-possible' : 'confined',
      ...(bubblewrap !== undefined && { bubblewrap }),
    }).catch(error => explainRefusal(error, command, context)),
  );
  const keeper = stack.use(
    connectKeeper({
      clock,
      async onLost() {
        onLost();
        await sandboxes[Symbol.asyncDispose]();
      },
    }),
  );
  // It went while this process started: what that has opened is closed again.
  if (!keeper.kept) throw new CommandFailure('the keeper is gone', EXIT_CODES.fatal);
  return { sandboxes, keeper };
}

/** A machine that cannot confine is shown whole: what it lacks, and the commands that mend it. */
async function explainRefusal(error: unknown, command: string, context: CommandContext): Promise<never> {
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
    `this machine cannot confine functions; \`npx lambent ${command} --dev\` starts all the same, for code you trust`,
    EXIT_CODES.cannotConfine,
    { cause: error },
  );
}
