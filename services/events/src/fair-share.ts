/**
 * Places for functions to work in, so that none holds more than its share while others wait. First come, first
 * served within a function.
 */
export class FairShare {
  readonly #max: number;
  readonly #held = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: { max: number }) {
    this.#max = options.max;
  }

  /** A place for this function, to be disposed of after use; undefined when the signal came first. */
  async take(functionId: string, signal: AbortSignal): Promise<Disposable | undefined> {
    const held = this.#held.get(functionId) ?? 0;
    if (held >= this.#max) {
      if (!(await this.#turn(functionId, signal))) return undefined;
    } else {
      this.#held.set(functionId, held + 1);
    }
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (taken) this.#giveBack(functionId);
        taken = false;
      },
    };
  }

  /** True: somebody's place was handed over. */
  #turn(functionId: string, signal: AbortSignal): Promise<boolean> {
    return new Promise(resolve => {
      if (signal.aborted) return resolve(false);
      const waiting = this.#waiting.get(functionId) ?? new Set();
      this.#waiting.set(functionId, waiting);
      const leave = (handedOver: boolean) => {
        signal.removeEventListener('abort', giveUp);
        waiting.delete(called);
        if (waiting.size === 0 && this.#waiting.get(functionId) === waiting) this.#waiting.delete(functionId);
        resolve(handedOver);
      };
      const giveUp = () => leave(false);
      const called = () => leave(true);
      waiting.add(called);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #giveBack(functionId: string): void {
    const next = this.#waiting.get(functionId)?.values().next().value;
    if (next) return next();
    const held = (this.#held.get(functionId) ?? 1) - 1;
    if (held > 0) this.#held.set(functionId, held);
    else this.#held.delete(functionId);
  }
}
