import { AWS_QUOTAS, QUOTAS } from '@lambent/core';
import { type ConfigOf, flag, integer, text } from '@lambent/daemon';
import type { AwsEndpointAddress } from './aws-endpoint.ts';

/** Every setting of a worker. */
export const WORKER_FIELDS = {
  slots: integer({
    variable: 'LAMBENT_WORKER_SLOTS',
    min: 1,
    max: 100_000,
    default: QUOTAS.accountConcurrency,
    about: 'How many invocations may be in flight here at once, whatever the limits of the account allow.',
  }),
  grantsTermMs: integer({
    variable: 'LAMBENT_GRANTS_TERM_MS',
    min: 5_000,
    max: 86_400_000,
    default: 960_000,
    about:
      "How long a worker's slots stay its own while etcd is silent, longer than any function runs; as long those of a lost machine are gone.",
  }),
  memoryMb: integer({
    variable: 'LAMBENT_WORKER_MEMORY_MB',
    min: 128,
    max: 16_777_216,
    default: undefined,
    about: 'Sum of the memory sizes of all environments here; three quarters of the machine when left out.',
  }),
  startsMax: integer({
    variable: 'LAMBENT_WORKER_STARTS_MAX',
    min: 1,
    max: 1_000,
    default: 16,
    about: 'How many environments start at once; more start no sooner, since starting takes CPU.',
  }),
  keepAliveMs: integer({
    variable: 'LAMBENT_WORKER_KEEP_ALIVE_MS',
    min: 1_000,
    max: 86_400_000,
    default: undefined,
    about:
      'How long an idle environment stays. Left out, as long as its function was seen to make it worth while, and one is started just before it is wanted.',
  }),
  environmentUsesMax: integer({
    variable: 'LAMBENT_WORKER_ENVIRONMENT_USES_MAX',
    min: 1,
    max: 1_000_000_000,
    default: undefined,
    about:
      'How many invocations one environment serves before it is replaced, for code that leaks. Left out, any number.',
  }),
  environmentAgeMsMax: integer({
    variable: 'LAMBENT_WORKER_ENVIRONMENT_AGE_MS_MAX',
    min: 60_000,
    max: 2_592_000_000,
    default: undefined,
    about:
      'How old an environment becomes before it is replaced; what it runs then may finish. Left out, any age.',
  }),
  poolMin: integer({
    variable: 'LAMBENT_WORKER_POOL_MIN',
    min: 0,
    max: 100,
    default: 1,
    about: 'How many sandboxes of each runtime and memory size used lately wait at least for a function.',
  }),
  poolMax: integer({
    variable: 'LAMBENT_WORKER_POOL_MAX',
    min: 0,
    max: 100,
    default: 8,
    about: 'How many of each wait at most, after starts that found none; 0 starts nothing ahead.',
  }),
  poolMemoryMb: integer({
    variable: 'LAMBENT_WORKER_POOL_MEMORY_MB',
    min: 0,
    max: 1_048_576,
    default: 1_024,
    about: 'Memory for all that wait; they give it up when a function needs it.',
  }),
  freezeIdle: flag({
    variable: 'LAMBENT_WORKER_FREEZE_IDLE',
    default: false,
    about:
      'Stops everything in an environment between invocations, as AWS does: no work goes on behind an answer, and each invocation pays for the thaw.',
  }),
  drainTimeoutMs: integer({
    variable: 'LAMBENT_WORKER_DRAIN_TIMEOUT_MS',
    min: 0,
    max: 900_000,
    default: 900_000,
    about: 'How long running invocations may finish before a stopping worker ends them.',
  }),
  codeCacheBytes: integer({
    variable: 'LAMBENT_WORKER_CODE_CACHE_BYTES',
    // Layers that are put together count twice while they are.
    min: 2 * AWS_QUOTAS.codeUnzippedBytes,
    max: Number.MAX_SAFE_INTEGER,
    default: 8 * 1024 ** 3,
    about: 'What unpacked code packages may take on disk.',
  }),
  keptResultBytes: integer({
    variable: 'LAMBENT_WORKER_KEPT_RESULT_BYTES',
    min: AWS_QUOTAS.responseBytes,
    max: 16 * 1024 ** 3,
    default: 64 * 1024 ** 2,
    about: 'Memory for results kept 30 s, for a router whose stream broke before it had them.',
  }),
  awsEndpoint: text({
    variable: 'LAMBENT_WORKER_AWS_ENDPOINT',
    pattern: /^[^\s/]+:\d{1,5}$/,
    allowed: 'host:port',
    default: undefined,
    about:
      "The gateway's public port; functions reach it as AWS_ENDPOINT_URL. Left out, they are given none.",
  }),
};

export type WorkerConfig = ConfigOf<typeof WORKER_FIELDS>;

/** What environments may take of a machine with so much memory. */
export function memoryBudgetMb({ memoryMb }: WorkerConfig, machineBytes: number): number {
  return memoryMb ?? Math.floor((machineBytes / MEGABYTE) * MACHINE_SHARE);
}

export function awsEndpointOf({ awsEndpoint }: WorkerConfig): AwsEndpointAddress | undefined {
  if (awsEndpoint === undefined) return undefined;
  const colon = awsEndpoint.lastIndexOf(':');
  return { host: awsEndpoint.slice(0, colon), port: Number(awsEndpoint.slice(colon + 1)) };
}

const MEGABYTE = 1024 * 1024;
/** The rest is for the worker, the page cache and the sandboxes' own files. */
const MACHINE_SHARE = 0.75;
