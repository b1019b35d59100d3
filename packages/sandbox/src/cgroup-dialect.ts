import type { Controller } from './cgroup-hierarchies.ts';

/** What a sandbox is bounded to. */
export interface CgroupLimits {
  readonly memoryBytes: number;
  readonly processesMax: number;
}

/** How the two versions of cgroups say the same things. */
export interface CgroupDialect {
  /** Files and what to write to them, in order; optional ones are missing on kernels built without them. */
  limits(controller: Controller, limits: CgroupLimits): readonly LimitFile[];
  /** CPU share in thousandths of a core; 0 lifts the bound. */
  cpu(milliCores: number): LimitFile;
  /** What it gets of a processor that others want too. */
  weight(weight: CpuWeight): LimitFile;
  freezer(state: 'frozen' | 'thawed'): LimitFile;
  readonly peakMemoryFile: string;
  readonly outOfMemoryFile: string;
}

/** `lowest`: next to nothing, unless nobody else wants the processor. */
export type CpuWeight = 'normal' | 'lowest';

export interface LimitFile {
  readonly file: string;
  readonly value: string;
  readonly optional?: boolean;
}

/** The kernel's own default: short enough that a stalled function goes on soon, long enough to be cheap. */
const CPU_PERIOD_US = 100_000;
/** The kernel refuses less. */
const CPU_QUOTA_MIN_US = 1_000;

const quota = (milliCores: number) => Math.max(CPU_QUOTA_MIN_US, (milliCores * CPU_PERIOD_US) / 1000);

/** How often the kernel killed for memory: a line `oom_kill N` in both versions. */
export function countOutOfMemoryKills(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

const V2: CgroupDialect = {
  limits(controller, { memoryBytes, processesMax }) {
    if (controller === 'memory') {
      return [
        { file: 'memory.max', value: String(memoryBytes) },
        // Swap would let a function have more than it asked for, slowly.
        { file: 'memory.swap.max', value: '0', optional: true },
        // Half a function is worse than none: all of it goes, as on AWS.
        { file: 'memory.oom.group', value: '1' },
      ];
    }
    return controller === 'pids' ? [{ file: 'pids.max', value: String(processesMax) }] : [];
  },
  cpu: milliCores => ({
    file: 'cpu.max',
    value: `${milliCores === 0 ? 'max' : quota(milliCores)} ${CPU_PERIOD_US}`,
  }),
  weight: weight => ({ file: 'cpu.weight', value: weight === 'lowest' ? '1' : '100' }),
  freezer: state => ({ file: 'cgroup.freeze', value: state === 'frozen' ? '1' : '0' }),
  peakMemoryFile: 'memory.peak',
  outOfMemoryFile: 'memory.events',
};

const V1: CgroupDialect = {
  limits(controller, { memoryBytes, processesMax }) {
    if (controller === 'memory') {
      return [
        { file: 'memory.limit_in_bytes', value: String(memoryBytes) },
        // Memory and swap together; missing where the kernel does not account for swap.
        { file: 'memory.memsw.limit_in_bytes', value: String(memoryBytes), optional: true },
      ];
    }
    if (controller === 'pids') return [{ file: 'pids.max', value: String(processesMax) }];
    if (controller === 'freezer') return [];
    return [{ file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) }];
  },
  cpu: milliCores => ({
    file: 'cpu.cfs_quota_us',
    value: milliCores === 0 ? '-1' : String(quota(milliCores)),
  }),
  weight: weight => ({ file: 'cpu.shares', value: weight === 'lowest' ? '2' : '1024' }),
  freezer: state => ({ file: 'freezer.state', value: state.toUpperCase() }),
  peakMemoryFile: 'memory.max_usage_in_bytes',
  outOfMemoryFile: 'memory.oom_control',
};

/**
 * What makes way for the end of those inside: none is added, none waits for the share of the processor that it needs
 * even to die, and none is frozen, which in version 1 keeps it from dying. In either version's words; a directory has the
 * files of its own version and controllers.
 */
export const MAKING_WAY: readonly LimitFile[] = [
  { file: 'pids.max', value: '0' },
  ...[V1, V2].flatMap(({ cpu, weight, freezer }) => [cpu(0), weight('normal'), freezer('thawed')]),
];

export function dialectOf(version: 1 | 2): CgroupDialect {
  return version === 2 ? V2 : V1;
}
