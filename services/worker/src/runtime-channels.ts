import { fail } from '@lambent/core';
import { openFrameChannel } from '@lambent/runtimes';
import type { OpenChannel } from './runtime-process.ts';

/** The channel a runtime speaks: frames for Lambent's own bootstraps, the HTTP Runtime API for everybody else's. */
export const openRuntimeChannel: OpenChannel = async ({ runtime, sandbox, logSink }) => {
  if (runtime.channel === 'frames') return openFrameChannel({ channel: sandbox.channel, logSink });
  throw fail('runtime-missing', { runtime: runtime.identifier });
};
