import { EXIT_CODES } from '@lambent/daemon';
import type { Command } from 'commander';
import { addAccessOptions } from '../access-options.ts';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../command-line.ts';

interface ForgetOptions extends Readonly<Record<string, unknown>> {
  readonly force?: true;
}

/** `lambent worker forget`: for the worker of a machine that will not come back soon. */
export function addForget(worker: Command, context: CommandContext): void {
  const command = worker
    .command('forget')
    .description('Free the slots of a worker whose machine is off, and take it out of the cluster.')
    .argument('<id>', 'as `lambent status` shows it')
    .option('--force', 'although it says that it runs: limits may be exceeded until it finds out');
  addAccessOptions(command).action((id: string, options: ForgetOptions) => forget(id, options, context));
}

async function forget(id: string, options: ForgetOptions, context: CommandContext): Promise<void> {
  const { clock, terminal } = context;
  // Loaded here: the keeper of a worker, which reads this file too, stays as small as it can be.
  const { locateCluster, openClusterRegistry } = await import('../cluster-access.ts');
  const { forgetWorker } = await import('@lambent/membership');
  await using registry = await openClusterRegistry(await locateCluster(options, clock), clock);
  const forgotten = await forgetWorker(registry, id, { force: options.force ?? false });
  if (forgotten.kind === 'alive')
    throw new CommandFailure(
      `${id} runs: stop it or switch its machine off first, or give --force`,
      EXIT_CODES.failed,
    );
  if (forgotten.kind === 'not-there')
    throw new CommandFailure(
      `there is no worker ${id}; \`npx lambent status\` shows those there are`,
      EXIT_CODES.failed,
    );
  const freed = Object.entries(forgotten.freed);
  const total = freed.reduce((sum, [, slots]) => sum + slots, 0);
  terminal.result(`${id} is forgotten; ${total === 1 ? '1 slot is' : `${total} slots are`} free again`);
  if (freed.length > 1)
    terminal.table(
      freed.map(([limit, slots]) => [limit, String(slots)]),
      'result',
    );
}
