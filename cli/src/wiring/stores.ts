import type { Blobs } from '@lambent/blobs';
import type { Bus } from '@lambent/bus';
import type { Clock, Random } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import type { FunctionLogs } from '@lambent/function-logs';
import type { Registry } from '@lambent/registry';

/** Where a Lambent keeps what lasts: on its own disk, or in a cluster's engines. */
export interface Stores {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly blobs: Blobs;
  readonly logs: FunctionLogs;
}

/** What every service of a process is handed. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}
