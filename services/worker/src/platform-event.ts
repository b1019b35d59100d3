import type { InitializationType } from './initialization-type.ts';

/** What Lambda itself writes into a function's log, before it has a format. */
export type PlatformEvent =
  | ({
      readonly type: 'initStart';
      readonly initializationType: InitializationType;
      readonly functionName: string;
      readonly functionVersion: string;
    } & RuntimeBuild)
  | {
      readonly type: 'initReport';
      readonly initializationType: InitializationType;
      readonly phase: 'init' | 'invoke';
      readonly status: RunStatus;
      readonly errorType?: string;
      readonly durationMs: number;
    }
  | ({ readonly type: 'restoreStart' } & RuntimeBuild)
  | {
      readonly type: 'restoreReport';
      readonly status: RunStatus;
      readonly errorType?: string;
      readonly durationMs: number;
    }
  | { readonly type: 'start'; readonly requestId: string; readonly version: string }
  /** The function's own run ended in a way its log should explain: AWS's one sentence. */
  | { readonly type: 'fault'; readonly requestId: string; readonly fault: Fault }
  | {
      readonly type: 'end';
      readonly requestId: string;
      readonly status: RunStatus;
      readonly errorType?: string;
      readonly durationMs: number;
      readonly producedBytes: number;
    }
  | {
      readonly type: 'report';
      readonly requestId: string;
      readonly status: RunStatus;
      readonly errorType?: string;
      readonly durationMs: number;
      readonly billedMs: number;
      readonly memoryMb: number;
      readonly maxMemoryMb: number;
      /** Only of the first invocation of an environment. */
      readonly initMs?: number;
      /** Likewise, with SnapStart. */
      readonly restoreMs?: number;
    };

/** Which runtime it is, as AWS names it. */
export interface RuntimeBuild {
  readonly runtimeVersion: string;
  readonly runtimeVersionArn: string;
}

export type RunStatus = 'success' | 'error' | 'timeout';

export type Fault =
  | { readonly kind: 'timeout'; readonly timeoutMs: number }
  | { readonly kind: 'exit'; readonly message: string; readonly errorType: string };

/** The line of an event in AWS's text format; undefined where AWS prints none. */
export function textLine(event: PlatformEvent, nowMs: number): string | undefined {
  switch (event.type) {
    case 'initStart':
      return `INIT_START Runtime Version: ${event.runtimeVersion}\tRuntime Version ARN: ${event.runtimeVersionArn}`;
    case 'initReport':
      // With SnapStart, this is the only line that tells of the init.
      if (event.status === 'success')
        return event.initializationType === 'snap-start'
          ? fields(`INIT_REPORT Init Duration: ${ms(event.durationMs)}`, [])
          : undefined;
      return fields(`INIT_REPORT Init Duration: ${ms(event.durationMs)}`, [
        `Phase: ${event.phase}`,
        ...failure(event),
      ]);
    case 'restoreStart':
      return `RESTORE_START Runtime Version: ${event.runtimeVersion}\tRuntime Version ARN: ${event.runtimeVersionArn}`;
    case 'restoreReport':
      return fields(`RESTORE_REPORT Restore Duration: ${ms(event.durationMs)}`, failure(event));
    case 'start':
      return `START RequestId: ${event.requestId} Version: ${event.version}`;
    case 'fault':
      return textFault(event, nowMs);
    case 'end':
      return `END RequestId: ${event.requestId}`;
    case 'report':
      return fields(`REPORT RequestId: ${event.requestId}`, [
        `Duration: ${ms(event.durationMs)}`,
        `Billed Duration: ${event.billedMs} ms`,
        `Memory Size: ${event.memoryMb} MB`,
        `Max Memory Used: ${event.maxMemoryMb} MB`,
        ...(event.initMs === undefined ? [] : [`Init Duration: ${ms(event.initMs)}`]),
        ...(event.restoreMs === undefined
          ? []
          : [
              `Restore Duration: ${ms(event.restoreMs)}`,
              `Billed Restore Duration: ${Math.ceil(event.restoreMs)} ms`,
            ]),
        ...failure(event),
      ]);
  }
}

/** The record of an event in the Telemetry schema; undefined when it is below `level` or has none. */
export function jsonLine(event: PlatformEvent, nowMs: number, level: string): string | undefined {
  const record = jsonRecord(event);
  if (!record || SYSTEM_LEVELS.indexOf(record.level) < SYSTEM_LEVELS.indexOf(systemLevel(level)))
    return undefined;
  const time = new Date(nowMs).toISOString();
  return JSON.stringify({ time, type: record.type, record: record.record });
}

interface JsonRecord {
  readonly level: SystemLevel;
  readonly type: string;
  readonly record: object;
}

function jsonRecord(event: PlatformEvent): JsonRecord | undefined {
  switch (event.type) {
    case 'initStart': {
      const { type, initializationType, ...rest } = event;
      const record = { initializationType, phase: 'init', ...rest };
      return { level: 'INFO', type: `platform.${type}`, record };
    }
    case 'initReport': {
      const { type, durationMs, ...rest } = event;
      const record = { ...rest, metrics: { durationMs } };
      return { level: levelOf(event.status, 'DEBUG'), type: `platform.${type}`, record };
    }
    case 'restoreStart': {
      const { type, ...record } = event;
      return { level: 'INFO', type: `platform.${type}`, record };
    }
    case 'restoreReport': {
      const { type, durationMs, ...rest } = event;
      const record = { ...rest, metrics: { durationMs } };
      return { level: levelOf(event.status, 'DEBUG'), type: `platform.${type}`, record };
    }
    case 'start':
      return {
        level: 'INFO',
        type: 'platform.start',
        record: { requestId: event.requestId, version: event.version },
      };
    case 'fault':
      return undefined;
    case 'end': {
      const { type: _type, durationMs, producedBytes, ...rest } = event;
      const record = { ...rest, metrics: { durationMs, producedBytes } };
      return { level: levelOf(event.status, 'DEBUG'), type: 'platform.runtimeDone', record };
    }
    case 'report': {
      const { type, requestId, status, errorType } = event;
      const metrics = {
        durationMs: event.durationMs,
        billedDurationMs: event.billedMs,
        memorySizeMB: event.memoryMb,
        maxMemoryUsedMB: event.maxMemoryMb,
        ...(event.initMs === undefined ? {} : { initDurationMs: event.initMs }),
        ...(event.restoreMs === undefined
          ? {}
          : { restoreDurationMs: event.restoreMs, billedRestoreDurationMs: Math.ceil(event.restoreMs) }),
      };
      const record = { requestId, metrics, status, ...(errorType === undefined ? {} : { errorType }) };
      return { level: levelOf(status, 'INFO'), type: `platform.${type}`, record };
    }
  }
}

function textFault({ requestId, fault }: PlatformEvent & { type: 'fault' }, nowMs: number): string {
  if (fault.kind === 'exit') return `RequestId: ${requestId} Error: ${fault.message}\n${fault.errorType}`;
  const seconds = (fault.timeoutMs / 1_000).toFixed(2);
  return `${new Date(nowMs).toISOString()} ${requestId} Task timed out after ${seconds} seconds`;
}

function failure(event: { status: RunStatus; errorType?: string }): string[] {
  if (event.status === 'success') return [];
  if (event.status === 'timeout') return ['Status: timeout'];
  return ['Status: error', ...(event.errorType === undefined ? [] : [`Error Type: ${event.errorType}`])];
}

/** AWS ends such a line with a tab. */
function fields(first: string, rest: readonly string[]): string {
  return `${[first, ...rest].join('\t')}\t`;
}

function ms(durationMs: number): string {
  return `${durationMs.toFixed(2)} ms`;
}

type SystemLevel = (typeof SYSTEM_LEVELS)[number];

function levelOf(status: RunStatus, ofSuccess: SystemLevel): SystemLevel {
  return status === 'success' ? ofSuccess : 'WARN';
}

function systemLevel(level: string): SystemLevel {
  return SYSTEM_LEVELS.find(known => known === level) ?? 'INFO';
}

const SYSTEM_LEVELS = ['DEBUG', 'INFO', 'WARN'] as const;
