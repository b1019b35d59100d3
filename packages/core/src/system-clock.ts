import type { Clock, Timer } from './clock.ts';

/** The machine's own time; its monotonic one is the same for all processes of a boot. Timers keep the process alive, as a service's own work should. */
export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return Number(process.hrtime.bigint()) / NANOS_PER_MS;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const handle = setTimeout(fire, delayMs);
    const cancel = () => clearTimeout(handle);
    return { cancel, [Symbol.dispose]: cancel };
  }
}

const NANOS_PER_MS = 1_000_000;
