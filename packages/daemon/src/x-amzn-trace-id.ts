import type { Clock, Random } from '@lambent/core';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

/**
 * AWS's tracing header and W3C's, each as the other: `Root=1-<8 digits>-<24 digits>` is the trace id in two parts,
 * `Parent` the span id, `Sampled` the flag. `Lineage` counts how often a request came back to the same function
 * (AWS's loop detection); it has no place in `traceparent`, so whoever translates back hands the old header in.
 */
export interface XAmznTraceId {
  /** 32 digits, as W3C writes it. */
  readonly traceId: string;
  readonly parentId?: string;
  /** Undefined when the header leaves it open (`Sampled=?`) or out. */
  readonly sampled?: boolean;
  readonly lineage?: string;
}

const ROOT = /^1-(?<seconds>[\da-f]{8})-(?<rest>[\da-f]{24})$/;
const SPAN_ID = /^[\da-f]{16}$/;
/** AWS sends `<hash>:<count>|…`; a longer or stranger one is dropped rather than handed on. */
const LINEAGE = /^[\w:|.-]{1,256}$/;

export function parseXAmznTraceId(header: string): XAmznTraceId | undefined {
  const parts = new Map(
    header.split(';').map((part): [string, string] => {
      const at = part.indexOf('=');
      return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  const root = ROOT.exec(parts.get('Root')?.toLowerCase() ?? '')?.groups;
  if (!root) return undefined;
  const parentId = parts.get('Parent')?.toLowerCase() ?? '';
  const sampled = parts.get('Sampled');
  const lineage = parts.get('Lineage') ?? '';
  return {
    traceId: `${root['seconds']}${root['rest']}`,
    ...(SPAN_ID.test(parentId) && { parentId }),
    ...((sampled === '0' || sampled === '1') && { sampled: sampled === '1' }),
    ...(LINEAGE.test(lineage) && { lineage }),
  };
}

export function formatXAmznTraceId(trace: XAmznTraceId): string {
  const parts = [`Root=1-${trace.traceId.slice(0, 8)}-${trace.traceId.slice(8)}`];
  if (trace.parentId !== undefined) parts.push(`Parent=${trace.parentId}`);
  if (trace.sampled !== undefined) parts.push(`Sampled=${trace.sampled ? 1 : 0}`);
  if (trace.lineage !== undefined) parts.push(`Lineage=${trace.lineage}`);
  return parts.join(';');
}

/** Empty when the header names no span to continue. An open sampling decision is taken as no. */
export function traceparentFromXAmznTraceId(header: string): string {
  const trace = parseXAmznTraceId(header);
  if (trace?.parentId === undefined) return '';
  return formatTraceparent({
    traceId: trace.traceId,
    spanId: trace.parentId,
    sampled: trace.sampled === true,
  });
}

/** The header that tells a function of this span. The lineage is kept from the header the request came with. */
export function xAmznTraceIdFromTraceparent(traceparent: string, incoming = ''): string | undefined {
  const parent = parseTraceparent(traceparent);
  if (!parent) return undefined;
  const lineage = parseXAmznTraceId(incoming)?.lineage;
  return formatXAmznTraceId({
    traceId: parent.traceId,
    parentId: parent.spanId,
    sampled: parent.sampled,
    ...(lineage !== undefined && { lineage }),
  });
}

/** The header of an invocation that came without one: AWS gives every function one, not sampled. */
export function newXAmznTraceId(clock: Clock, random: Random): string {
  const seconds = Math.floor(clock.nowMs() / 1_000)
    .toString(16)
    .padStart(8, '0');
  const hex = (bytes: number) => Buffer.from(random.bytes(bytes)).toString('hex');
  return formatXAmznTraceId({ traceId: seconds + hex(12), parentId: hex(8), sampled: false });
}
