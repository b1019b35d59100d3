import { OutcomeKind, type Result } from '@lambent/contracts';
import type { Outcome } from '@lambent/core';
import type { Completion } from './invoker.ts';

/** What a worker's result means to whoever asked for the run. */
export function completionOf(result: Result): Completion {
  return { outcome: outcomeOf(result), logTail: result.logTail, metering: result.metering };
}

function outcomeOf({ outcome, errorType, payload }: Result): Outcome {
  switch (outcome) {
    case OutcomeKind.OK:
      return { kind: 'ok', payload };
    case OutcomeKind.HANDLED:
      return { kind: 'handled', errorType, payload };
    case OutcomeKind.TIMEOUT:
      return { kind: 'timeout', errorType: 'Sandbox.Timedout', payload };
    case OutcomeKind.OUT_OF_MEMORY:
      return { kind: 'out-of-memory', errorType: 'Runtime.OutOfMemory', payload };
    default:
      // A newer worker may know more kinds of failure: to a caller they are all unhandled ones.
      return { kind: 'unhandled', errorType, payload };
  }
}
