export { type Clock, sleep, type Timer } from './clock.ts';
export { Deadline, DeadlineExceeded } from './deadline.ts';
export {
  type Code,
  ERRORS,
  type Fields,
  fail,
  isFailure,
  LambentError,
  type Reason,
  type Retry,
} from './errors.ts';
export {
  type FunctionIdentifier,
  formatFunctionArn,
  type IdentifierProblem,
  parseFunctionIdentifier,
} from './function-identifier.ts';
export { type Outcome, type OutcomeKind, RESTORE_ERRORS } from './outcome.ts';
export { AWS_QUOTAS, createRequestBytes, QUOTAS, type Quotas } from './quotas.ts';
export type { Random } from './random.ts';
export type { ResponseSink } from './response-sink.ts';
export { SeededRandom } from './seeded-random.ts';
export { SimulatedClock } from './simulated-clock.ts';
export { SystemClock } from './system-clock.ts';
export { SystemRandom } from './system-random.ts';
export type { TlsMaterial } from './tls-material.ts';
export { tlsTrouble } from './tls-trouble.ts';
