import { PlacementReporter, type PlacementReporterOptions } from './placement-reporter.ts';

/**
 * Tells where the replicas of placement are, now and after every change, until it is disposed of. Resolves when it
 * has told for the first time.
 */
export type PlacementAddresses = (
  changed: (addresses: readonly string[]) => void,
) => Promise<AsyncDisposable>;

/**
 * A reporter for every live replica of placement: all of them are told, and any of them may advise. That there is none
 * at all says only that nobody sees any: those last seen are kept.
 */
export class PlacementReporters implements AsyncDisposable {
  readonly #options: Omit<PlacementReporterOptions, 'address'>;
  readonly #reporters = new Map<string, PlacementReporter>();
  #watch: AsyncDisposable | undefined;

  private constructor(options: Omit<PlacementReporterOptions, 'address'>) {
    this.#options = options;
  }

  static async open(
    placements: PlacementAddresses,
    options: Omit<PlacementReporterOptions, 'address'>,
  ): Promise<PlacementReporters> {
    const reporters = new PlacementReporters(options);
    reporters.#watch = await placements(addresses => {
      if (addresses.length > 0) reporters.#follow(addresses);
    });
    return reporters;
  }

  /** What would be reported has changed. */
  changed(): void {
    for (const reporter of this.#reporters.values()) reporter.changed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]();
    this.#follow([]);
  }

  #follow(addresses: readonly string[]): void {
    const live = new Set(addresses.slice(0, REPLICAS_MAX));
    for (const [address, reporter] of this.#reporters) {
      if (live.has(address)) continue;
      this.#reporters.delete(address);
      reporter[Symbol.dispose]();
    }
    for (const address of live) {
      if (this.#reporters.has(address)) continue;
      this.#reporters.set(address, new PlacementReporter({ ...this.#options, address }));
    }
  }
}

/** Each is told everything; advice needs no more than a few. */
const REPLICAS_MAX = 16;
