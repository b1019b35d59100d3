import type { Blobs } from '@lambent/blobs';
import type { Clock, Random } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import type { FunctionLogs } from '@lambent/function-logs';
import type { Link } from '@lambent/link';
import type { Registry } from '@lambent/registry';
import type { Runtime } from '@lambent/runtimes';
import type { Sandboxes } from '@lambent/sandbox';
import type { WorkerConfig } from './config.ts';
import type { OpenChannel } from './runtime-process.ts';

/** What a worker is given. It closes none of it. */
export interface WorkerOptions {
  /** Its identity across restarts. */
  readonly id: string;
  /** Where routers reach it. */
  readonly address: string;
  readonly placementAddress: string;
  readonly link: Link;
  readonly blobs: Blobs;
  readonly sandboxes: Sandboxes;
  readonly runtimes: readonly Runtime[];
  readonly logs: FunctionLogs;
  /** Left out where the fleet is known otherwise: one worker in one process. */
  readonly registry?: Registry;
  /** Its own; for unpacked code. */
  readonly codeDirectory: string;
  readonly config: WorkerConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Only tests give their own. */
  readonly openChannel?: OpenChannel;
}
