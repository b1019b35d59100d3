/** What AWS bounds and an operator may raise. */
export interface Quotas {
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly ephemeralStorageMb: number;
  /** Serialised environment variables. */
  readonly environmentBytes: number;
  /** Of one function. */
  readonly layers: number;
  readonly codeZippedBytes: number;
  /** A function and its layers together. */
  readonly codeUnzippedBytes: number;
  /** Body of an invocation, whatever its type. */
  readonly invokeRequestBytes: number;
  /** Body of an asynchronous invocation. */
  readonly asyncRequestBytes: number;
  /** What a runtime may answer. */
  readonly responseBytes: number;
  /** The same of a response in parts. */
  readonly streamedResponseBytes: number;
  /** Of one event source mapping. */
  readonly eventFilters: number;
}

export const AWS_QUOTAS: Quotas = {
  timeoutSeconds: 900,
  memoryMb: 10_240,
  ephemeralStorageMb: 10_240,
  environmentBytes: 4_096,
  layers: 5,
  codeZippedBytes: 52_428_800,
  codeUnzippedBytes: 262_144_000,
  /** 6 MiB, as the refusal of AWS's front door says. */
  invokeRequestBytes: 6_291_456,
  /** 1 MB since late 2025. */
  asyncRequestBytes: 1_048_576,
  /** 6 MiB and a hundred bytes. */
  responseBytes: 6_291_556,
  streamedResponseBytes: 209_715_200,
  eventFilters: 5,
};

/** Body of a request that carries a package: that in base64, and a quarter of a megabyte; AWS's 70,167,211 of its own. */
export function createRequestBytes({ codeZippedBytes }: Pick<Quotas, 'codeZippedBytes'>): number {
  return Math.ceil((codeZippedBytes * 4) / 3) + 262_144;
}

/** AWS Lambda's other quotas, as its developer guide gives them. Sizes in bytes, times in milliseconds. */
export const QUOTAS = {
  /** Tail of the log that `LogType: Tail` gives back. */
  logTailBytes: 4_096,
  clientContextBase64Bytes: 3_583,
  initMs: 10_000,
  /** Of a provisioned environment, or the function's own timeout where that is longer. */
  provisionedInitMs: 130_000,
  /** What a function with SnapStart may do when it is restored. */
  restoreMs: 10_000,
  accountConcurrency: 1_000,
  unreservedConcurrency: 100,
  /** New environments of one function in ten seconds. */
  scalingPer10s: 1_000,
  codeStorageBytes: 322_122_547_200,
  processes: 1_024,
  fileDescriptors: 1_024,
} as const;
