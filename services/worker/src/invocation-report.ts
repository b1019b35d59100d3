import type { EnvironmentSpec, Invoke } from '@lambent/contracts';
import type { Clock, Outcome, ResponseSink } from '@lambent/core';
import type { Span, Telemetry } from '@lambent/daemon';
import type { RuntimeEvent } from '@lambent/runtimes';
import type { Completion } from './completion.ts';
import type { EnvironmentLog } from './environment-log.ts';
import type { Fault, RunStatus } from './platform-event.ts';
import { exitMessage, outcomeOf, type RunEnd } from './run-end.ts';

export interface InvocationReportOptions {
  readonly invoke: Invoke;
  /** Who takes the response in parts; undefined: it is given whole. */
  readonly sink: ResponseSink | undefined;
  readonly spec: EnvironmentSpec;
  readonly log: EnvironmentLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** What restoring the environment took before it. */
  readonly restoreMs?: number;
}

/** One invocation from its START line to its REPORT line: its time, its span, its tail of the log. */
export class InvocationReport {
  readonly invoke: Invoke;
  readonly #options: InvocationReportOptions;
  readonly #startedMs: number;
  readonly #span: Span;
  #durationMs: number | undefined;

  constructor(options: InvocationReportOptions) {
    const { invoke, log, clock, telemetry, spec } = options;
    this.invoke = invoke;
    this.#options = options;
    this.#startedMs = clock.monotonicMs();
    this.#span = telemetry.startSpan('lambent.run', {
      traceparent: invoke.traceparent,
      attributes: { 'faas.name': spec.functionName, 'faas.invocation.id': invoke.requestId },
    });
    if (invoke.logTail) log.keepTail();
    log.platform({ type: 'start', requestId: invoke.requestId, version: spec.key?.version ?? '' });
  }

  get sink(): ResponseSink | undefined {
    return this.#options.sink;
  }

  /** What is left of the function's timeout. */
  get remainingMs(): number {
    const { spec, clock } = this.#options;
    return Math.max(0, spec.timeoutMs - (clock.monotonicMs() - this.#startedMs));
  }

  event(): RuntimeEvent {
    const { invoke, clock } = this.#options;
    const tenantId = invoke.key?.tenantId ?? '';
    return {
      requestId: invoke.requestId,
      payload: invoke.payload,
      deadlineEpochMs: Math.floor(clock.nowMs() + this.remainingMs),
      invokedFunctionArn: invoke.invokedArn,
      ...(invoke.traceHeader === '' ? {} : { traceHeader: invoke.traceHeader }),
      ...(invoke.clientContext === '' ? {} : { clientContext: invoke.clientContext }),
      ...(tenantId === '' ? {} : { tenantId }),
    };
  }

  /** The function's own time ends here. */
  stop(): void {
    this.#durationMs ??= this.#options.clock.monotonicMs() - this.#startedMs;
  }

  /** Nothing ran: the platform failed first. */
  abandon(): void {
    this.#options.log.takeTail();
    this.#span.fail('platform');
    this.#span.end();
  }

  /** Writes the last lines of the invocation and says what its caller is told. */
  complete(end: RunEnd, usage: { readonly initMs: number; readonly peakMemoryMb: number }): Completion {
    this.stop();
    const { invoke, spec, log, restoreMs } = this.#options;
    const { requestId } = invoke;
    const outcome = outcomeOf(end, requestId);
    // A timer never fires early; what it fired late is not the function's.
    const durationMs = Math.min(this.#durationMs ?? 0, spec.timeoutMs);
    const metering = {
      durationMs,
      billedMs: Math.max(1, Math.ceil(durationMs)) + Math.ceil(restoreMs ?? 0),
      maxMemoryMb: outcome.kind === 'out-of-memory' ? spec.memoryMb : usage.peakMemoryMb,
      initMs: usage.initMs,
    };
    const said = { requestId, durationMs, ...statusOf(outcome) };
    const fault = faultOf(end);
    if (fault) log.platform({ type: 'fault', requestId, fault });
    log.platform({ type: 'end', ...said, producedBytes: outcome.payload.length });
    log.platform({
      type: 'report',
      ...said,
      billedMs: metering.billedMs,
      memoryMb: spec.memoryMb,
      maxMemoryMb: metering.maxMemoryMb,
      ...(usage.initMs > 0 ? { initMs: usage.initMs } : {}),
      ...(restoreMs === undefined ? {} : { restoreMs }),
    });
    if ('errorType' in outcome) this.#span.fail(outcome.errorType);
    this.#span.end();
    return { outcome, logTail: log.takeTail(), metering };
  }
}

/** An error that the function answered with is no error of its environment: AWS reports such a run as any other. */
function statusOf(outcome: Outcome): { readonly status: RunStatus; readonly errorType?: string } {
  if (outcome.kind === 'ok' || outcome.kind === 'handled') return { status: 'success' };
  if (outcome.kind === 'timeout') return { status: 'timeout' };
  return { status: 'error', errorType: outcome.errorType };
}

function faultOf(end: RunEnd): Fault | undefined {
  if (end.kind === 'timeout') return { kind: 'timeout', timeoutMs: end.timeoutMs };
  if (end.kind !== 'exit') return undefined;
  const errorType = end.exit.outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError';
  return { kind: 'exit', message: exitMessage(end.exit), errorType };
}
