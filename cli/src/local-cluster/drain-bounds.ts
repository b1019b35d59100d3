import type { Role } from '@lambent/membership';
import type { Settings } from '../settings.ts';

/** Beyond a member's own bound: it leaves the cluster and closes connections, and says that it was too slow. */
const LEAVING_MS = 35_000;
/** Engines bound their end themselves, well below this. */
const ENGINES_MS = 30_000;

/** How long a member may take to end once it is told to; then it is killed. */
export function drainBoundMs(role: Role, { gateway, worker }: Settings): number {
  const own = {
    gateway: gateway.readinessLingerMs + gateway.gatewayDrainTimeoutMs,
    events: worker.drainTimeoutMs,
    worker: worker.drainTimeoutMs,
    placement: 0,
  };
  return own[role] + LEAVING_MS;
}

/** The whole cluster, whose parts end one kind after the other. */
export function clusterDrainBoundMs(settings: Settings): number {
  const roles = ['gateway', 'events', 'worker', 'placement'] as const;
  return roles.reduce((sum, role) => sum + drainBoundMs(role, settings), ENGINES_MS);
}
