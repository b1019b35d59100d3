import { AWS_QUOTAS, type Quotas } from '@lambent/core';
import { type ConfigField, integer } from '@lambent/daemon';

/** AWS's limits, which an operator may raise. Gateways and workers must agree on them. */
export const QUOTA_FIELDS = {
  timeoutSeconds: integer({
    variable: 'LAMBENT_LIMIT_TIMEOUT_SECONDS',
    min: AWS_QUOTAS.timeoutSeconds,
    max: 86_400,
    default: AWS_QUOTAS.timeoutSeconds,
    about: 'The longest timeout of a function. LAMBENT_GRANTS_TERM_MS must be longer still.',
  }),
  memoryMb: integer({
    variable: 'LAMBENT_LIMIT_MEMORY_MB',
    min: AWS_QUOTAS.memoryMb,
    max: 1_048_576,
    default: AWS_QUOTAS.memoryMb,
    about: 'The most memory that a function may ask for.',
  }),
  ephemeralStorageMb: integer({
    variable: 'LAMBENT_LIMIT_EPHEMERAL_STORAGE_MB',
    min: AWS_QUOTAS.ephemeralStorageMb,
    max: 1_048_576,
    default: AWS_QUOTAS.ephemeralStorageMb,
    about: 'The largest /tmp that a function may ask for; it counts as memory.',
  }),
  environmentBytes: integer({
    variable: 'LAMBENT_LIMIT_ENVIRONMENT_BYTES',
    min: AWS_QUOTAS.environmentBytes,
    // Linux gives a process 128 KB of one variable and 2 MB of all; each version's record holds them, too.
    max: 65_536,
    default: AWS_QUOTAS.environmentBytes,
    about: 'What the environment variables of a function may take, as JSON.',
  }),
  layers: integer({
    variable: 'LAMBENT_LIMIT_LAYERS',
    min: AWS_QUOTAS.layers,
    max: 50,
    default: AWS_QUOTAS.layers,
    about: 'How many layers a function may have.',
  }),
  codeZippedBytes: integer({
    variable: 'LAMBENT_LIMIT_CODE_ZIPPED_BYTES',
    min: AWS_QUOTAS.codeZippedBytes,
    max: 268_435_456,
    default: AWS_QUOTAS.codeZippedBytes,
    about: 'The largest package that is uploaded. A gateway holds each in memory while it is checked.',
  }),
  codeUnzippedBytes: integer({
    variable: 'LAMBENT_LIMIT_CODE_UNZIPPED_BYTES',
    min: AWS_QUOTAS.codeUnzippedBytes,
    max: 4_294_967_296,
    default: AWS_QUOTAS.codeUnzippedBytes,
    about:
      'What the code of a function and its layers may unpack to. LAMBENT_WORKER_CODE_CACHE_BYTES must be twice as much.',
  }),
  invokeRequestBytes: integer({
    variable: 'LAMBENT_LIMIT_REQUEST_BYTES',
    min: AWS_QUOTAS.invokeRequestBytes,
    // Below what one message between services may have, 16 MB.
    max: 14_680_064,
    default: AWS_QUOTAS.invokeRequestBytes,
    about: 'The largest event of an invocation that is waited for.',
  }),
  asyncRequestBytes: integer({
    variable: 'LAMBENT_LIMIT_ASYNC_REQUEST_BYTES',
    min: AWS_QUOTAS.asyncRequestBytes,
    // Below what one message of a queue may have, headers included: 2 MB.
    max: 2_000_000,
    default: AWS_QUOTAS.asyncRequestBytes,
    about: 'The largest event that is left for later.',
  }),
  responseBytes: integer({
    variable: 'LAMBENT_LIMIT_RESPONSE_BYTES',
    min: AWS_QUOTAS.responseBytes,
    // As above.
    max: 14_680_064,
    default: AWS_QUOTAS.responseBytes,
    about:
      'The largest response that a function gives whole. LAMBENT_WORKER_KEPT_RESULT_BYTES must be as much.',
  }),
  streamedResponseBytes: integer({
    variable: 'LAMBENT_LIMIT_STREAMED_RESPONSE_BYTES',
    min: AWS_QUOTAS.streamedResponseBytes,
    max: 1_099_511_627_776,
    default: AWS_QUOTAS.streamedResponseBytes,
    about: 'The largest response that a function gives in parts; none of it is kept.',
  }),
  eventFilters: integer({
    variable: 'LAMBENT_LIMIT_EVENT_FILTERS',
    min: AWS_QUOTAS.eventFilters,
    max: 100,
    default: AWS_QUOTAS.eventFilters,
    about: 'How many filter patterns an event source mapping may have.',
  }),
} as const satisfies Record<keyof Quotas, ConfigField<number>>;
