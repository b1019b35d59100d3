import type {
  EnvironmentSpec,
  LowerCommand,
  ProvisionCommand,
  RaiseCommand,
  StartCommand,
} from '@lambent/contracts';
import type { Grants } from './grants/grants.ts';
import type { WorkerDuties } from './worker-duties.ts';

/** What placement may ask of a worker. */
export interface PlacementAdvice {
  start(spec: EnvironmentSpec, command: StartCommand): void;
  /** Resolves with what is held of that limit when the turn is over. */
  raise(command: RaiseCommand): Promise<number>;
  lower(command: LowerCommand): void;
  provision(command: ProvisionCommand): void;
}

/** Gives advice to those who may follow it. */
export function placementAdvice({
  grants,
  starter,
  provisioned,
}: Pick<WorkerDuties, 'starter' | 'provisioned'> & { readonly grants: Grants }): PlacementAdvice {
  return {
    start: (spec, command) => starter.start(spec, command),
    raise: ({ limitId, slots }) => grants.raise(limitId, slots),
    lower: ({ limitId, slots }) => grants.lower(limitId, slots),
    provision: command => provisioned.provision(command),
  };
}
