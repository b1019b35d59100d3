import { isFailure, type Reason } from '@lambent/core';

/**
 * How a Lambent process ends. From 70 on they follow BSD's sysexits where it has a word for it; a process ended by
 * a second signal exits with 128 and the signal's number, as shells count.
 */
export const EXIT_CODES = {
  ok: 0,
  /** The command did its work and the answer is bad: the function failed, the machine lacks something. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Nobody answers where a running Lambent was expected, or the servers of a cluster; or another worker is still this one. */
  unavailable: 69,
  /** A programmer's error: the log's last line says which. */
  fatal: 70,
  /** Another Lambent runs on the data directory. */
  dataLocked: 73,
  /** What was still running after the drain's bound was cut off. */
  drainIncomplete: 75,
  /** This machine cannot confine functions. */
  cannotConfine: 77,
  /** A setting, a port, a directory, a certificate or a server cannot be used. */
  configInvalid: 78,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const BY_REASON: Partial<Record<Reason, ExitCode>> = {
  'config-invalid': EXIT_CODES.configInvalid,
  'data-locked': EXIT_CODES.dataLocked,
  'certificate-invalid': EXIT_CODES.configInvalid,
  'registry-unfit': EXIT_CODES.configInvalid,
  'broker-unfit': EXIT_CODES.configInvalid,
  'cluster-mismatch': EXIT_CODES.configInvalid,
  'registry-unavailable': EXIT_CODES.unavailable,
  'broker-unavailable': EXIT_CODES.unavailable,
  // Seen until its session ends, which after a crash takes seconds.
  'worker-id-taken': EXIT_CODES.unavailable,
  'machine-cannot-confine': EXIT_CODES.cannotConfine,
};

/** What a process exits with that could not start because of `error`. */
export function exitCodeOf(error: unknown): ExitCode {
  return isFailure(error) ? (BY_REASON[error.reason] ?? EXIT_CODES.failed) : EXIT_CODES.fatal;
}

/**
 * Starting again would fail in the same way: whoever restarts a process leaves it ended after one of these.
 */
export function isFinal(exitCode: number): boolean {
  return (
    exitCode === EXIT_CODES.ok ||
    exitCode === EXIT_CODES.usage ||
    exitCode === EXIT_CODES.dataLocked ||
    exitCode === EXIT_CODES.drainIncomplete ||
    exitCode === EXIT_CODES.cannotConfine ||
    exitCode === EXIT_CODES.configInvalid
  );
}
