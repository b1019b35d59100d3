import { createHash } from 'node:crypto';
import type { LambdaOutput } from '@lambent/aws-api';
import { formatFunctionArn } from '@lambent/core';
import {
  type CodeReference,
  type FunctionRecord,
  hasSnapStart,
  logGroupOf,
  type Standing,
  type VersionRecord,
} from '@lambent/functions';
import { toCapacityProviderConfig } from './capacity-provider-config.ts';

export type FunctionConfiguration = LambdaOutput<'GetFunctionConfiguration'>;

/**
 * At which moment of a version's life it is shown. The passing ones exist only in the answer to the request that
 * caused them, with a revision id of their own (docs/decisions/0002).
 */
export type Moment =
  | { readonly kind: 'stored' }
  /** Lists leave out how a version stands. */
  | { readonly kind: 'listed' }
  | { readonly kind: 'creating'; readonly revisionId: string }
  | { readonly kind: 'updating'; readonly revisionId: string };

/** A version as AWS shows it: the members that are always there, and the others only where the owner gave them. */
export function toFunctionConfiguration(options: {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
  readonly region: string;
  /** What the ARN names beside the function. */
  readonly qualifier: string | undefined;
  readonly moment: Moment;
}): FunctionConfiguration {
  const { record, version, region, qualifier, moment } = options;
  const { configuration, code } = version;
  const { variables, kmsKeyArn, vpc, logging, layers } = configuration;
  const passing = moment.kind === 'creating' || moment.kind === 'updating';
  return {
    FunctionName: record.name,
    FunctionArn: formatFunctionArn({
      region,
      accountId: record.accountId,
      name: record.name,
      qualifier,
    }),
    Runtime: configuration.runtime as FunctionConfiguration['Runtime'],
    Role: configuration.role,
    Handler: configuration.handler,
    CodeSize: code.bytes,
    Description: configuration.description,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMb,
    LastModified: lambdaTime(version.lastModifiedMs),
    CodeSha256: base64Digest(code.digest),
    Version: version.version,
    ...(vpc && {
      VpcConfig: {
        VpcId: '',
        SubnetIds: vpc.subnetIds,
        SecurityGroupIds: vpc.securityGroupIds,
        Ipv6AllowedForDualStack: vpc.ipv6Allowed,
      },
    }),
    ...(variables && { Environment: { Variables: variables } }),
    ...(kmsKeyArn !== undefined && { KMSKeyArn: kmsKeyArn }),
    ...(layers && {
      Layers: layers.map(({ arn, code }) => ({ Arn: arn, CodeSize: code.bytes, ...signatureMembers(code) })),
    }),
    ...signatureMembers(code),
    TracingConfig: { Mode: configuration.tracingMode },
    RevisionId: passing ? moment.revisionId : version.revisionId,
    ...standing(version, moment),
    PackageType: 'Zip',
    Architectures: [configuration.architecture],
    EphemeralStorage: { Size: configuration.ephemeralStorageMb },
    SnapStart: {
      ApplyOn: configuration.snapStart,
      OptimizationStatus: hasSnapStart(version) ? 'On' : 'Off',
    },
    ...(configuration.capacityProvider && {
      CapacityProviderConfig: toCapacityProviderConfig(configuration.capacityProvider),
    }),
    ...(configuration.tenantIsolation && {
      TenancyConfig: { TenantIsolationMode: configuration.tenantIsolation },
    }),
    ...(moment.kind !== 'listed' && {
      RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(configuration.runtime, region) },
    }),
    LoggingConfig: {
      LogFormat: logging.format,
      LogGroup: logGroupOf(record.name, configuration),
      ...(logging.applicationLevel && { ApplicationLogLevel: logging.applicationLevel as 'INFO' }),
      ...(logging.systemLevel && { SystemLogLevel: logging.systemLevel as 'INFO' }),
    },
  };
}

/** Of a package that somebody signed whom the installation trusts. */
export function signatureMembers({ signature }: CodeReference) {
  if (signature?.kind !== 'signed') return {};
  return { SigningProfileVersionArn: signature.profileVersionArn, SigningJobArn: signature.jobArn };
}

export function base64Digest(hexDigest: string): string {
  return Buffer.from(hexDigest, 'hex').toString('base64');
}

const CREATING = 'The function is being created.';

function standing({ state, lastUpdate }: VersionRecord, moment: Moment): Partial<FunctionConfiguration> {
  switch (moment.kind) {
    case 'listed':
      return {};
    case 'creating':
      return { State: 'Pending', StateReason: CREATING, StateReasonCode: 'Creating' };
    case 'updating':
      return {
        ...stateMembers(state),
        LastUpdateStatus: 'InProgress',
        LastUpdateStatusReason: CREATING,
        // AWS says so, though its model of this member has no such value.
        LastUpdateStatusReasonCode: 'Creating' as 'InternalError',
      };
    case 'stored':
      return { ...stateMembers(state), ...lastUpdateMembers(lastUpdate) };
  }
}

function stateMembers(state: Standing): Partial<FunctionConfiguration> {
  if (state.kind === 'good') return { State: 'Active' };
  return { State: 'Failed', StateReason: state.reason, StateReasonCode: state.code as 'InvalidRuntime' };
}

function lastUpdateMembers(lastUpdate: Standing): Partial<FunctionConfiguration> {
  if (lastUpdate.kind === 'good') return { LastUpdateStatus: 'Successful' };
  return {
    LastUpdateStatus: 'Failed',
    LastUpdateStatusReason: lastUpdate.reason,
    LastUpdateStatusReasonCode: lastUpdate.code as 'InvalidRuntime',
  };
}

/** `2025-11-21T15:51:13.123+0000`. */
export function lambdaTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

/** AWS names a build of the runtime; here a runtime is what the worker has, so its name is what identifies it. */
export function runtimeVersionArn(runtime: string, region: string): string {
  return `arn:aws:lambda:${region}::runtime:${createHash('sha256').update(runtime).digest('hex')}`;
}
