import { create } from '@bufbuild/protobuf';
import { OutcomeKind, type Result, ResultSchema, type Vacancy } from '@lambent/contracts';
import type { Outcome } from '@lambent/core';
import type { Completion } from './completion.ts';

/** A completion as a router is told of it. */
export function resultMessage(
  requestId: string,
  completion: Completion,
  { vacancy, partsBytes }: { readonly vacancy: Vacancy; readonly partsBytes: number },
): Result {
  const { outcome, cutOff, logTail, metering } = completion;
  return create(ResultSchema, {
    requestId,
    outcome: cutOff ? OutcomeKind.CUT_OFF : OUTCOME_KINDS[outcome.kind],
    payload: outcome.payload,
    errorType: outcome.kind === 'ok' ? '' : outcome.errorType,
    logTail,
    metering,
    vacancy,
    partsBytes: BigInt(partsBytes),
  });
}

const OUTCOME_KINDS = {
  ok: OutcomeKind.OK,
  handled: OutcomeKind.HANDLED,
  unhandled: OutcomeKind.UNHANDLED,
  timeout: OutcomeKind.TIMEOUT,
  'out-of-memory': OutcomeKind.OUT_OF_MEMORY,
} as const satisfies Record<Outcome['kind'], OutcomeKind>;
