import type { Metering } from '@lambent/contracts';
import type { Outcome } from '@lambent/core';

/** One invocation's end, as its caller is told of it. */
export interface Completion {
  readonly outcome: Outcome;
  /** The platform ended the runtime; the outcome is the log's, and nobody's who waits. */
  readonly cutOff?: boolean;
  readonly logTail: Uint8Array;
  readonly metering: Pick<Metering, 'durationMs' | 'billedMs' | 'maxMemoryMb' | 'initMs'>;
}
