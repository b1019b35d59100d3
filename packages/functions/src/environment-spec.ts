import { create } from '@bufbuild/protobuf';
import { type EnvironmentSpec, EnvironmentSpecSchema, LogFormat } from '@lambent/contracts';
import { formatFunctionArn } from '@lambent/core';
import type { FunctionRecord } from './function-record.ts';
import { logGroupOf } from './version-configuration.ts';
import { hasSnapStart, type VersionRecord } from './version-record.ts';

const MS_PER_SECOND = 1_000;

/** The same for one tenant of a function that keeps them apart: its key, and so its environments, are the tenant's own. */
export function tenantSpecOf(spec: EnvironmentSpec, tenantId: string): EnvironmentSpec {
  return { ...spec, ...(spec.key && { key: { ...spec.key, tenantId } }) };
}

/** A version as workers start it. */
export function environmentSpecOf(
  record: FunctionRecord,
  version: VersionRecord,
  region: string,
): EnvironmentSpec {
  const { configuration, code } = version;
  const { logging } = configuration;
  return create(EnvironmentSpecSchema, {
    key: {
      functionId: record.id,
      version: version.version,
      revision: BigInt(version.configurationRevision),
    },
    functionName: record.name,
    functionArn: formatFunctionArn({ region, accountId: record.accountId, name: record.name }),
    accountId: record.accountId,
    region,
    runtime: configuration.runtime,
    handler: configuration.handler,
    role: configuration.role,
    architecture: configuration.architecture,
    memoryMb: configuration.memoryMb,
    timeoutMs: configuration.timeoutSeconds * MS_PER_SECOND,
    ephemeralStorageMb: configuration.ephemeralStorageMb,
    codeSha256: code.digest,
    codeBytes: BigInt(code.bytes),
    variables: configuration.variables ?? {},
    snapStart: hasSnapStart(version),
    layers: (configuration.layers ?? []).map(layer => ({
      codeSha256: layer.code.digest,
      codeBytes: BigInt(layer.code.bytes),
    })),
    log: {
      group: logGroupOf(record.name, configuration),
      format: logging.format === 'JSON' ? LogFormat.JSON : LogFormat.TEXT,
      applicationLevel: logging.applicationLevel ?? '',
      systemLevel: logging.systemLevel ?? '',
    },
  });
}
