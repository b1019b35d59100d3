/** What a day came to, at minute grain and with one environment of one size for each function. */
export interface Score {
  readonly cold: number;
  /** Minutes that environments were there and not used. */
  readonly idleMinutes: number;
  /** Starts that nobody waited for. */
  readonly prewarmed: number;
  /** The share of its invocations that start cold, which three of four functions do not exceed. */
  readonly coldShareP75: number;
}

/** One function's day. */
export interface FunctionDay {
  cold: number;
  idleMinutes: number;
  prewarmed: number;
  readonly invocations: number;
}

export function scoreOf(days: readonly FunctionDay[]): Score {
  const shares = days.map(({ cold, invocations }) => cold / invocations).sort((a, b) => a - b);
  const sum = (of: (day: FunctionDay) => number) => days.reduce((total, day) => total + of(day), 0);
  return {
    cold: sum(day => day.cold),
    idleMinutes: sum(day => day.idleMinutes),
    prewarmed: sum(day => day.prewarmed),
    coldShareP75: shares[Math.floor(shares.length * 0.75)] ?? 0,
  };
}
