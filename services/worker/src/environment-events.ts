import type { EnvironmentEvents } from './environment.ts';
import type { Environments } from './environments.ts';
import type { WorkerDuties } from './worker-duties.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** Passes on what environments tell to those whose duty it is. */
export function environmentEvents({
  environments,
  metrics,
  duties,
}: {
  readonly environments: Environments;
  readonly metrics: WorkerMetrics;
  readonly duties: WorkerDuties;
}): EnvironmentEvents {
  return {
    rested: (environment, { late }) => {
      duties.invocations.freed(environment, { tell: late });
      duties.slotsChanged();
    },
    answered: (environment, invoke, completion) => {
      duties.invocations.answered(invoke, completion);
      metrics.completed(environment, completion);
    },
    notStarted: (_environment, invoke) => duties.invocations.notStarted(invoke),
    ending: environment => duties.invocations.lost(environment),
    ended: environment => {
      environments.remove(environment);
      duties.provisioned.ended(environment);
      duties.slotsChanged();
    },
  };
}
