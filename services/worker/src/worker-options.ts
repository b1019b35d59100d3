import type { Blobs } from '@lambent/blobs';
import type { Clock, Quotas, Random } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import type { FunctionLogs } from '@lambent/function-logs';
import type { Link } from '@lambent/link';
import type { Registry } from '@lambent/registry';
import type { Runtime } from '@lambent/runtimes';
import type { Sandboxes } from '@lambent/sandbox';
import type { CodeSource } from './code-source.ts';
import type { WorkerConfig } from './config.ts';
import type { Keeper } from './kept-deadline.ts';
import type { PlacementAddresses } from './placement-reporters.ts';
import type { OpenChannel } from './runtime-process.ts';

/** What a worker is given. It closes none of it. */
export interface WorkerOptions {
  /** Its identity across restarts. */
  readonly id: string;
  /** Where routers reach it. */
  readonly address: string;
  /**
   * The machine's boot and the data directory, as this worker's record among the members tells: that record is written
   * after this worker was opened, so that one of another place is found out.
   */
  readonly place: string;
  /** Of this life, as that record tells; left out, it has one of its own. */
  readonly incarnation?: string;
  /** Whether the members see this one now; only then does it start environments. Left out where nobody looks. */
  readonly present?: () => boolean;
  readonly placements: PlacementAddresses;
  /** Left out where nobody enforces this process's end. */
  readonly keeper?: Keeper;
  readonly link: Link;
  readonly blobs: Blobs;
  readonly sandboxes: Sandboxes;
  readonly runtimes: readonly Runtime[];
  readonly logs: FunctionLogs;
  readonly registry: Registry;
  /** Its own; for unpacked code. */
  readonly codeDirectory: string;
  /** Its own; for what runtimes compile. Undefined: nothing of that is kept. */
  readonly compiledDirectory?: string;
  readonly config: WorkerConfig;
  /** AWS's own when left out. */
  readonly quotas?: Quotas;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Only tests and simulations give their own of these two. */
  readonly openChannel?: OpenChannel;
  readonly code?: CodeSource;
}
