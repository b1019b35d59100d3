export { type SweepOptions, sweepLeftovers } from './leftovers.ts';
export { openSandboxes, type SandboxesOptions } from './open-sandboxes.ts';
export type {
  Confinement,
  DoorwayName,
  Equipment,
  Finding,
  Sandbox,
  SandboxExit,
  Sandboxes,
  SandboxPlan,
} from './sandbox.ts';
