import { AWS_QUOTAS, fail, type Quotas } from '@lambent/core';
import { WORKER_FIELDS } from './config.ts';
import type { WorkerOptions } from './worker-options.ts';

/** The limits of functions, if this worker can keep what they allow. Throws `config-invalid`. */
export function checkQuotas({
  config,
  quotas = AWS_QUOTAS,
}: Pick<WorkerOptions, 'config' | 'quotas'>): Quotas {
  const { grantsTermMs, codeCacheBytes, keptResultBytes } = WORKER_FIELDS;
  const longestMs = quotas.timeoutSeconds * 1_000;
  // A worker that etcd does not answer ends at that term what still runs. Who shortens it below AWS's limit knows.
  if (longestMs > AWS_QUOTAS.timeoutSeconds * 1_000 && config.grantsTermMs <= longestMs)
    throw fail('config-invalid', {
      name: grantsTermMs.variable,
      detail: `functions may run for ${longestMs} ms, and it must be longer`,
    });
  // One package is unpacked while another one is in use.
  if (config.codeCacheBytes < 2 * quotas.codeUnzippedBytes)
    throw fail('config-invalid', {
      name: codeCacheBytes.variable,
      detail: `a function may unpack to ${quotas.codeUnzippedBytes} bytes, and it must be twice as much`,
    });
  if (config.keptResultBytes < quotas.responseBytes)
    throw fail('config-invalid', {
      name: keptResultBytes.variable,
      detail: `a function may answer ${quotas.responseBytes} bytes, and it must be as much`,
    });
  return quotas;
}
