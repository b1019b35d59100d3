import { type Clock, isFailure } from '@lambent/core';
import { EXIT_CODES, exitCodeOf } from '@lambent/daemon';
import { Command, CommanderError } from 'commander';
import { CommandFailure } from './command-failure.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

/**
 * Only the command that is asked for is loaded: the others start fast, and the process that `up` is, the keeper, stays
 * small.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  up: async () => (await import('./commands/up.ts')).addUp,
  cluster: async () => (await import('./commands/cluster.ts')).addCluster,
  gateway: async () => (await import('./commands/gateway.ts')).addGateway,
  placement: async () => (await import('./commands/placement.ts')).addPlacement,
  worker: async () => (await import('./commands/worker.ts')).addWorker,
  events: async () => (await import('./commands/events.ts')).addEvents,
  certs: async () => (await import('./commands/certs.ts')).addCerts,
  status: async () => (await import('./commands/status.ts')).addStatus,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  invoke: async () => (await import('./commands/invoke.ts')).addInvoke,
  logs: async () => (await import('./commands/logs.ts')).addLogs,
  quickstart: async () => (await import('./commands/quickstart.ts')).addQuickstart,
};

type AddCommand = (program: Command, context: CommandContext) => void;

/** What every command is handed. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** What the process ends with, unless something goes wrong; a command whose answer is bad changes it. */
  exitWith(code: number): void;
}

/** Runs one command and resolves with the exit code of the process. */
export async function runCommandLine(
  args: readonly string[],
  world: Omit<CommandContext, 'exitWith'>,
): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const program = createProgram(world.terminal);
  const context = {
    ...world,
    exitWith: (code: number) => {
      exitCode = code;
    },
  };
  try {
    for (const load of commandsFor(args)) (await load())(program, context);
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, world.terminal);
  }
}

function createProgram(terminal: Terminal): Command {
  return (
    new Command('lambent')
      .configureOutput({
        writeOut: text => terminal.result(Buffer.from(text)),
        writeErr: text => terminal.say(text.trimEnd()),
      })
      .description('AWS Lambda on your own machines.')
      .version(VERSION, '-V, --version')
      // A command of a command has options of its own, which may have the names of the other's.
      .enablePositionalOptions()
      .showHelpAfterError('Add --help for what there is.')
      .exitOverride()
  );
}

/** Help and suggestions need all of them. */
function commandsFor([name = '']: readonly string[]): (() => Promise<AddCommand>)[] {
  const asked = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return asked ? [asked] : Object.values(COMMANDS);
}

/** Says what went wrong, unless it has been said, and gives the exit code that means it. */
function explain(error: unknown, terminal: Terminal): number {
  // Commander has told the person already; its --help and --version come this way too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  if (error instanceof CommandFailure) {
    terminal.complain(error.message);
    return error.exitCode;
  }
  if (isFailure(error)) terminal.complain(error.message);
  else terminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCodeOf(error);
}
