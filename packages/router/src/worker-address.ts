/** A worker as the fleet names it. */
export interface WorkerAddress {
  readonly workerId: string;
  readonly address: string;
  /** Of its present life; left out where that is not known. */
  readonly incarnation?: string;
}
