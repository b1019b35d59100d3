import { type Clock, SystemRandom } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { findRuntimes, type Runtime } from '@lambent/runtimes';
import { type Confinement, openSandboxes } from '@lambent/sandbox';
import { sandboxPlaceOf } from './data-directory.ts';
import { takeDoctorDirectory } from './doctor-directory.ts';
import { readSettings } from './settings.ts';

/** What was found of this machine, by trying it. */
export interface Machine {
  /** Whether `lambent up` starts here. */
  readonly ready: boolean;
  readonly confinement: Confinement;
  readonly runtimes: readonly Runtime[];
}

export async function inspectMachine(world: {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
}): Promise<Machine> {
  const { clock, env } = world;
  const { bubblewrap } = readSettings(env).process;
  using taken = await takeDoctorDirectory();
  await using sandboxes = await openSandboxes({
    ...sandboxPlaceOf(taken.directory),
    wanted: 'as-far-as-possible',
    ...(bubblewrap !== undefined && { bubblewrap }),
    clock,
    random: new SystemRandom(),
    logger: createLogger({ level: 'silent', service: 'doctor' }),
  });
  const { confinement } = sandboxes;
  const runtimes = await findRuntimes({ searchPath: env['PATH'] ?? '' });
  return { ready: isConfined(confinement), confinement, runtimes: runtimes.list() };
}

/** What may be missing: the way out, without which functions are confined all the more, and what only makes them faster. */
function isConfined({ outbound: _, lateMounts: __, ...needed }: Confinement): boolean {
  return Object.values(needed).every(finding => finding.held);
}
