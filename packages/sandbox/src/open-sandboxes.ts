import { type Clock, fail, type Random } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { lacksOf } from './confinement.ts';
import { layGround } from './ground.ts';
import { sweepLeftovers } from './leftovers.ts';
import { MachineSandboxes } from './machine-sandboxes.ts';
import type { Sandboxes } from './sandbox.ts';
import { findWay } from './ways.ts';

export interface SandboxesOptions {
  /** Whose sandboxes these are; at most one process of an owner may be at work. `[a-z0-9-]{1,32}`. */
  readonly ownerId: string;
  /** An absolute path, for nothing else; emptied at the start, removed at the end. */
  readonly runDirectory: string;
  /** `confined` refuses a machine on which anything but the way out is lacking. */
  readonly wanted: 'confined' | 'as-far-as-possible';
  /** Whether sandboxes may reach the world; `allow` where not given. */
  readonly outbound?: 'allow' | 'deny';
  /** Addresses and ranges (`10.0.0.0/8`) that sandboxes may not reach: Lambent's own ports elsewhere, for a start. */
  readonly outboundDenied?: readonly string[];
  /** Host path of bubblewrap, where it is not an installed one. */
  readonly bubblewrap?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Finds out what this machine can do, by starting a sandbox in the best way first, and gives what works. Fails with
 * `machine-cannot-confine` where that is less than wanted. Whatever an earlier run of the owner left is gone before.
 */
export async function openSandboxes(options: SandboxesOptions): Promise<Sandboxes> {
  const { ownerId, wanted, logger } = options;
  const swept = await sweepLeftovers(options);
  await using held = new AsyncDisposableStack();
  const ground = await layGround(options, held);
  const { starter, confinement } = await findWay(ground, options);
  const lacks = lacksOf(confinement);
  if (wanted === 'confined' && lacks.length > 0) {
    throw fail('machine-cannot-confine', { detail: lacks.join('; ') });
  }
  logger.info({ ownerId, confinement, swept }, 'sandboxes open');
  const shared = held.move();
  return new MachineSandboxes({ starter, confinement, swept, release: () => shared.disposeAsync() });
}
