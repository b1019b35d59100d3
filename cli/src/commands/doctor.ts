import { EXIT_CODES } from '@lambent/daemon';
import type { Runtime } from '@lambent/runtimes';
import type { Confinement } from '@lambent/sandbox';
import type { Command } from 'commander';
import type { CommandContext } from '../command-line.ts';
import { type Engine, findEngines } from '../engines.ts';
import { confinementRows, remedyRows } from '../findings.ts';
import { inspectMachine } from '../machine.ts';
import type { Terminal } from '../terminal.ts';

interface DoctorOptions {
  readonly json?: true;
}

interface Diagnosis {
  /** Whether `lambent up` starts here. */
  readonly ready: boolean;
  readonly confinement: Confinement;
  readonly runtimes: readonly Runtime[];
  readonly engines: readonly Engine[];
}

export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('Say what this machine can and cannot confine, and how to mend what is missing.')
    .option('--json', 'as JSON, for scripts')
    .action((options: DoctorOptions) => doctor(options, context));
}

async function doctor(options: DoctorOptions, context: CommandContext): Promise<void> {
  const { terminal, env } = context;
  const [machine, engines] = await Promise.all([
    inspectMachine(context),
    findEngines({ env, platform: process.platform }),
  ]);
  const diagnosis: Diagnosis = { ...machine, engines };
  if (options.json) terminal.result(JSON.stringify(diagnosis, undefined, 2));
  else show(diagnosis, terminal);
  if (!diagnosis.ready) context.exitWith(EXIT_CODES.failed);
}

function show(diagnosis: Diagnosis, terminal: Terminal): void {
  const { confinement, runtimes, engines } = diagnosis;
  terminal.result('Confinement');
  terminal.table(confinementRows(confinement), 'result');
  terminal.result('\nRuntimes');
  terminal.table(
    runtimes.map(runtime => [runtime.identifier, runtime.detail]),
    'result',
  );
  terminal.result('\nEngines');
  terminal.table(
    engines.map(engine => [engine.program, engine.version ?? 'not found', engine.purpose]),
    'result',
  );
  const remedies = [
    ...remedyRows(confinement),
    ...engines.filter(engine => engine.version === undefined).map(engine => [engine.program, engine.remedy]),
  ];
  if (remedies.length > 0) {
    terminal.result('\nTo mend what is missing');
    terminal.table(remedies, 'result');
  }
  terminal.result(
    diagnosis.ready
      ? '\n`npx lambent up` starts here.'
      : '\n`npx lambent up` refuses to start here: functions would not be confined. `npx lambent up --dev` starts, for trusted code.',
  );
}
