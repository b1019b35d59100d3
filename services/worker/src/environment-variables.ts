import { type EnvironmentSpec, LogFormat } from '@lambent/contracts';
import type { Runtime } from '@lambent/runtimes';
import type { CompileCache } from './compile-caches.ts';
import type { InitializationType } from './initialization-type.ts';
import { COMPILED_ROOT, TASK_ROOT } from './inside-places.ts';

export interface EnvironmentVariablesOptions {
  readonly spec: EnvironmentSpec;
  readonly runtime: Runtime;
  readonly initializationType: InitializationType;
  readonly logStream: string;
  /** Whether the sandbox has a doorway to the gateway's AWS port. */
  readonly awsEndpoint: boolean;
  readonly compileCache: CompileCache;
}

/**
 * The whole environment of a runtime's program, as AWS gives it. The runtime's own variables yield to the owner's,
 * and those to the reserved ones. `{doorway:…}` is filled in by the sandbox.
 */
export function environmentVariables(options: EnvironmentVariablesOptions): Record<string, string> {
  const { spec, runtime } = options;
  return {
    ...runtime.variables,
    TZ: ':UTC',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    ...(options.awsEndpoint ? { AWS_ENDPOINT_URL: 'http://{doorway:aws-endpoint}' } : {}),
    ...spec.variables,
    ...logVariables(spec),
    ...PLACEHOLDER_CREDENTIALS,
    _HANDLER: spec.handler,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: spec.key?.version ?? '',
    AWS_LAMBDA_INITIALIZATION_TYPE: options.initializationType,
    ...logPlace(options),
    LAMBDA_TASK_ROOT: TASK_ROOT,
    ...compiledPlace(options.compileCache),
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    ...(isProvided(runtime) ? {} : { AWS_EXECUTION_ENV: `AWS_Lambda_${runtime.identifier}` }),
    ...(runtime.channel === 'http' ? { AWS_LAMBDA_RUNTIME_API: '{doorway:runtime-api}' } : {}),
  };
}

/** An operating system only: the package brings the runtime as its `bootstrap`. */
export function isProvided(runtime: Runtime): boolean {
  return runtime.identifier.startsWith('provided');
}

/** What a bootstrap takes out again before the function sees its environment. */
function compiledPlace({ kind }: CompileCache): Record<string, string> {
  if (kind === 'none') return {};
  return { LAMBENT_COMPILED: kind === 'kept' ? COMPILED_ROOT : 'take' };
}

/** AWS does not tell it to functions with SnapStart: theirs is not known when the snapshot is taken. */
function logPlace({ spec, logStream, initializationType }: EnvironmentVariablesOptions) {
  if (initializationType === 'snap-start') return {};
  return { AWS_LAMBDA_LOG_GROUP_NAME: spec.log?.group ?? '', AWS_LAMBDA_LOG_STREAM_NAME: logStream };
}

/** Runtimes write JSON by themselves when told so; with the text format AWS sets neither. */
function logVariables({ log }: EnvironmentSpec): Record<string, string> {
  if (log?.format !== LogFormat.JSON) return {};
  return {
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    ...(log.applicationLevel === '' ? {} : { AWS_LAMBDA_LOG_LEVEL: log.applicationLevel }),
  };
}

/** Well-formed and worthless: signatures are not verified yet, but SDKs refuse to send without credentials. */
const PLACEHOLDER_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'ASIALAMBENTFUNCTION0',
  AWS_SECRET_ACCESS_KEY: 'lambent-placeholder-secret-access-key-00',
  AWS_SESSION_TOKEN: 'lambent-placeholder-session-token',
};
