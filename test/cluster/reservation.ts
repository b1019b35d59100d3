import {
  DeleteFunctionConcurrencyCommand,
  type LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { readMaterial } from '@lambent/certificates';
import { SystemClock, SystemRandom } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { decodeLimit, LIMITS_PREFIX, type LimitRecord } from '@lambent/membership';
import { EtcdRegistry, RecordWatch } from '@lambent/registry';
import type { ClusterStage } from './cluster-stage.ts';

/** How much later than etcd a change may be seen here. */
const SEEN_MS = 1_000;

export interface ReservationOptions {
  readonly stage: ClusterStage;
  readonly client: LambdaClient;
  /** The only function of the stage of which anything is reserved. */
  readonly functionName: string;
  /** Begins the keys of its calls. */
  readonly keys: string;
}

/**
 * The reserved concurrency of one function, beside what the function itself tells: whenever one of its invocations
 * begins, as many may run as the registry says are its own.
 */
export class Reservation implements AsyncDisposable {
  /** What ran where it must not have. */
  readonly violations: string[] = [];
  readonly #options: ReservationOptions;
  /** The latest, and those before it as long as they may not have been seen to end. */
  readonly #held: { readonly slots: number; endedMs: number }[] = [];
  readonly #stack = new AsyncDisposableStack();

  private constructor(options: ReservationOptions) {
    this.#options = options;
    const { counter } = options.stage;
    this.#stack.use(counter.watch(() => this.#check()));
  }

  static async watch(options: ReservationOptions): Promise<Reservation> {
    const reservation = new Reservation(options);
    const { certificates, etcd } = options.stage.foundation;
    const [clock, random] = [new SystemClock(), new SystemRandom()];
    const tls = await readMaterial(await certificates.directoryOf('gateway', ['observer']), { clock });
    const logger = createLogger({ level: 'silent', service: 'observer' });
    const endpoints = etcd.map(({ address }) => `https://${address}`);
    const namespace = 'lambent';
    const registry = reservation.#stack.use(
      await EtcdRegistry.open({ endpoints, namespace, tls, clock, random, logger }),
    );
    reservation.#stack.use(
      await RecordWatch.open<LimitRecord>({
        registry,
        clock,
        random,
        prefix: LIMITS_PREFIX,
        decode: decodeLimit,
        changed: records => reservation.#changed(records),
      }),
    );
    return reservation;
  }

  /** How many run now. */
  get inFlight(): number {
    return this.#options.stage.counter.inFlightOf(this.#options.keys);
  }

  async put(slots: number): Promise<void> {
    const { client, functionName: FunctionName } = this.#options;
    const input = { FunctionName, ReservedConcurrentExecutions: slots };
    await client.send(new PutFunctionConcurrencyCommand(input));
  }

  async remove(): Promise<void> {
    const { client, functionName: FunctionName } = this.#options;
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  }

  /** Nothing is reserved any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    await this.remove();
  }

  #changed(records: ReadonlyMap<string, LimitRecord>): void {
    const reserved = [...records.values()].find(record => record.reserved !== undefined);
    const last = this.#held.at(-1);
    if (last) last.endedMs = performance.now();
    this.#held.push({
      slots: reserved?.held ?? Number.POSITIVE_INFINITY,
      endedMs: Number.POSITIVE_INFINITY,
    });
  }

  #check(): void {
    const sinceMs = performance.now() - SEEN_MS;
    const [first] = this.#held;
    if (first && first.endedMs < sinceMs) this.#held.shift();
    const most = Math.max(...this.#held.map(({ slots }) => slots));
    if (this.inFlight > most && this.violations.length < VIOLATIONS_TOLD)
      this.violations.push(`${this.inFlight} in flight of ${most}`);
  }
}

const VIOLATIONS_TOLD = 20;
