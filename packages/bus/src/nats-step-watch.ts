/** A message in a delay step that is known to fall due. */
interface Waiting {
  readonly dueAtMs: number;
  /** How often it was brought here too early and given back: deliveries that nobody saw. */
  readonly early: number;
}

interface WatchedStep {
  /** By sequence. */
  readonly waiting: Map<number, Waiting>;
  lookAtMs: number;
}

/** Of one step; the earliest are kept. What is forgotten is found when the step is looked at. */
const WAITING_MAX = 1_000;
/** A message given back until its time is there again a moment after it: the broker counts from when it heard. */
const RETURN_MS = 5;
/** For one that is not there at its time: somebody else has it, or it comes in a moment. */
const LATE_INTERVAL_MS = 20;
const LATE_MAX_MS = 1_000;
/** A step of whose messages nothing is known: others hold them. */
const UNKNOWN_INTERVAL_MS = 1_000;
/** However far away its head is, for what was given back or not acknowledged in it. */
const LOOK_INTERVAL_MS = 5_000;

/**
 * When to look at which delay step next. What lies in a step falls due in that order, so only its head matters.
 * Looking at a step brings messages here, of which some may come before their time; these are given back, and
 * known from then on. All times are of the monotonic clock.
 */
export class NatsStepWatch {
  /** Bounded by the ladder. */
  readonly #steps = new Map<number, WatchedStep>();

  /** What a survey that was asked for at `askedAtMs` found: which steps hold anything. */
  learn(held: ReadonlySet<number>, askedAtMs: number): void {
    for (const [stepMs, { waiting }] of this.#steps) {
      const expected = [...waiting.values()].some(({ dueAtMs }) => dueAtMs > askedAtMs);
      if (!held.has(stepMs) && !expected) this.#steps.delete(stepMs);
    }
    for (const stepMs of held) if (stepMs > 0) this.#stepOf(stepMs);
  }

  /** This process put a message there. */
  expect(stepMs: number, sequence: number, dueAtMs: number): void {
    const known = this.#steps.has(stepMs);
    const step = this.#stepOf(stepMs);
    remember(step, sequence, { dueAtMs, early: 0 });
    const lookAtMs = dueAtMs + RETURN_MS;
    step.lookAtMs = known ? Math.min(step.lookAtMs, lookAtMs) : lookAtMs;
  }

  /** A message came before its time, and was given back. */
  tooEarly(stepMs: number, sequence: number, dueAtMs: number): void {
    const step = this.#stepOf(stepMs);
    remember(step, sequence, { dueAtMs, early: 1 + (step.waiting.get(sequence)?.early ?? 0) });
  }

  /** A message is delivered. Answers how many deliveries of it nobody saw. */
  delivered(stepMs: number, sequence: number): number {
    const waiting = this.#steps.get(stepMs)?.waiting;
    const early = waiting?.get(sequence)?.early ?? 0;
    waiting?.delete(sequence);
    return early;
  }

  /** The step was looked at; `more` says that it may hold more that is due. */
  looked(stepMs: number, nowMs: number, more: boolean): void {
    const step = this.#stepOf(stepMs);
    for (const [sequence, { dueAtMs }] of step.waiting)
      if (dueAtMs < nowMs - LATE_MAX_MS) step.waiting.delete(sequence);
    step.lookAtMs = more ? nowMs : nextLookMs(step, nowMs);
  }

  /** Something in the step can be had again at once. */
  wake(stepMs: number): void {
    this.#stepOf(stepMs).lookAtMs = 0;
  }

  /** The steps to look at, the most urgent first. */
  due(nowMs: number): readonly number[] {
    return [...this.#steps]
      .filter(([, { lookAtMs }]) => lookAtMs <= nowMs)
      .sort(([, a], [, b]) => a.lookAtMs - b.lookAtMs)
      .map(([stepMs]) => stepMs);
  }

  /** When the next one is due; `Infinity` when none holds anything. */
  get nextLookAtMs(): number {
    return [...this.#steps.values()].reduce((next, { lookAtMs }) => Math.min(next, lookAtMs), Infinity);
  }

  /** How many messages lie here given back until their time. */
  get earlyMessages(): number {
    const all = [...this.#steps.values()].flatMap(({ waiting }) => [...waiting.values()]);
    return all.filter(({ early }) => early > 0).length;
  }

  #stepOf(stepMs: number): WatchedStep {
    const step = this.#steps.get(stepMs) ?? { waiting: new Map(), lookAtMs: 0 };
    this.#steps.set(stepMs, step);
    return step;
  }
}

function remember({ waiting }: WatchedStep, sequence: number, message: Waiting): void {
  waiting.set(sequence, message);
  if (waiting.size <= WAITING_MAX) return;
  const [latest] = [...waiting].reduce((a, b) => (b[1].dueAtMs > a[1].dueAtMs ? b : a));
  waiting.delete(latest);
}

function nextLookMs({ waiting }: WatchedStep, nowMs: number): number {
  const dueAtMs = [...waiting.values()].reduce((next, message) => Math.min(next, message.dueAtMs), Infinity);
  if (dueAtMs === Infinity) return nowMs + UNKNOWN_INTERVAL_MS;
  if (dueAtMs <= nowMs) return nowMs + LATE_INTERVAL_MS;
  return Math.min(dueAtMs + RETURN_MS, nowMs + LOOK_INTERVAL_MS);
}
