/**
 * W3C Trace Context's `traceparent`: `00-<trace id>-<parent id>-<flags>`, all lower-case hexadecimal.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 */
export interface TraceParent {
  /** 32 digits, not all zero. */
  readonly traceId: string;
  /** 16 digits, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT =
  /^(?<version>[\da-f]{2})-(?<traceId>[\da-f]{32})-(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?<rest>-.*)?$/;
const ZEROS = /^0+$/;
const SAMPLED_FLAG = 1;

/** Undefined for anything that the recommendation says to ignore. Later versions may carry more parts. */
export function parseTraceparent(text: string): TraceParent | undefined {
  const groups = TRACEPARENT.exec(text)?.groups;
  if (!groups) return undefined;
  const { version = '', traceId = '', spanId = '', flags = '', rest } = groups;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED_FLAG) !== 0 };
}

export function formatTraceparent(parent: TraceParent): string {
  return `00-${parent.traceId}-${parent.spanId}-${parent.sampled ? '01' : '00'}`;
}
