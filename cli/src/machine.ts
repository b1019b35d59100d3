import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, SystemRandom } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { findRuntimes, type Runtime } from '@lambent/runtimes';
import { type Confinement, openSandboxes } from '@lambent/sandbox';
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
  const folder = await mkdtemp(join(tmpdir(), 'lambent-doctor-'));
  try {
    await using sandboxes = await openSandboxes({
      ownerId: `doctor-${process.pid}`,
      runDirectory: join(folder, 'sandboxes'),
      wanted: 'as-far-as-possible',
      ...(bubblewrap !== undefined && { bubblewrap }),
      clock,
      random: new SystemRandom(),
      logger: createLogger({ level: 'silent', service: 'doctor' }),
    });
    const { confinement } = sandboxes;
    const runtimes = await findRuntimes({ searchPath: env['PATH'] ?? '' });
    return { ready: isConfined(confinement), confinement, runtimes: runtimes.list() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The way out is the one thing that may be missing: without it functions are confined all the more. */
function isConfined({ outbound: _, ...needed }: Confinement): boolean {
  return Object.values(needed).every(finding => finding.held);
}
