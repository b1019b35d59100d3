export { AHEAD_VARIABLE, assign, awaitBooted } from './assignment.ts';
export { FloodGate, RECORD_COST_BYTES } from './flood-gate.ts';
export { openFrameChannel } from './frame-channel.ts';
export { openHttpChannel } from './http-channel.ts';
export type { CommandOptions, Runtime } from './runtime.ts';
export {
  ChannelEnded,
  type CompiledFiles,
  InitFailure,
  type LogSink,
  type ResponseLimits,
  RestoreFailure,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from './runtime-channel.ts';
export { findRuntimes, type Runtimes, type RuntimesOptions } from './runtimes.ts';
export { findStartVariable } from './start-variables.ts';
