/** AWS Lambda's own quotas, as its developer guide gives them. Sizes in bytes, times in milliseconds. */
export const QUOTAS = {
  /** Body of an invocation, whatever its type: 6 MiB, as the refusal of AWS's front door says. */
  invokeRequestBytes: 6_291_456,
  /** What a runtime may answer: 6 MiB and a hundred bytes. */
  responseBytes: 6_291_556,
  /** The same of a response in parts. */
  streamedResponseBytes: 209_715_200,
  /** Body of an asynchronous invocation: 1 MB since late 2025. */
  asyncRequestBytes: 1_048_576,
  /** Body of CreateFunction and UpdateFunctionCode. */
  createRequestBytes: 70_167_211,
  codeZippedBytes: 52_428_800,
  codeUnzippedBytes: 262_144_000,
  /** Serialised environment variables. */
  environmentBytes: 4_096,
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
