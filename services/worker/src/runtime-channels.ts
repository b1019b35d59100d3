import { openFrameChannel, openHttpChannel, type ResponseLimits } from '@lambent/runtimes';
import type { OpenChannel } from './runtime-process.ts';

/** The channel a runtime speaks: frames for Lambent's own bootstraps, the HTTP Runtime API for everybody else's. */
export function runtimeChannels(limits: ResponseLimits): OpenChannel {
  return async ({ runtime, sandbox, logSink, clock, random, snapStart, compiled }) => {
    if (runtime.channel === 'frames')
      return openFrameChannel({ channel: sandbox.channel, logSink, clock, limits, snapStart, compiled });
    return openHttpChannel({ server: await sandbox.doorway('runtime-api'), random, limits, snapStart });
  };
}
