import { InvalidArgumentError } from 'commander';

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** "90s", "10m", "2h", "1d" in milliseconds. */
export function parseDurationMs(text: string): number {
  const groups = /^(?<amount>\d+)(?<unit>ms|s|m|h|d)$/.exec(text)?.groups;
  if (!groups) throw new InvalidArgumentError('It is a number and a unit: 90s, 10m, 2h or 1d.');
  return Number(groups['amount']) * UNITS_MS[groups['unit'] as keyof typeof UNITS_MS];
}
