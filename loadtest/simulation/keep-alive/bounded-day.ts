import { type FunctionDay, type Score, scoreOf } from './score.ts';
import type { TracedFunction } from './traced-function.ts';

/** Which environments go when there is no room: those worth least, and of those the longest idle. */
export interface EvictionOrder {
  /** `idleMinutes` since its last use. */
  used(functionId: string, idleMinutes: number): void;
  worth(functionId: string, idleMinutes: number): number;
}

export const LEAST_RECENTLY_USED: EvictionOrder = { used: () => undefined, worth: () => 0 };

/** The day with room for so many environments, each of which stays until it is evicted. */
export function playBounded(functions: readonly TracedFunction[], room: number, order: EvictionOrder): Score {
  const environments = new Map<string, Resident>();
  const lastUsed = new Map<string, number>();
  const days = functions.map(({ id, counts }) => ({
    id,
    counts,
    cold: 0,
    idleMinutes: 0,
    prewarmed: 0,
    invocations: counts.reduce((sum, n) => sum + n, 0),
  }));
  for (let minute = 0; minute < MINUTES; minute += 1) {
    for (const day of days.filter(one => (one.counts[minute] ?? 0) > 0)) {
      const before = lastUsed.get(day.id);
      if (before !== undefined) order.used(day.id, minute - before - 1);
      if (!environments.has(day.id)) day.cold += 1;
      lastUsed.set(day.id, minute);
      // Anew, so that of those used in the same minute the order of the trace decides.
      environments.delete(day.id);
      environments.set(day.id, { day, usedAt: minute });
    }
    evict(environments, { room, minute, order });
    for (const { day, usedAt } of environments.values()) if (usedAt < minute) day.idleMinutes += 1;
  }
  return scoreOf(days);
}

interface Resident {
  readonly day: FunctionDay & { readonly id: string };
  readonly usedAt: number;
}

function evict(
  environments: Map<string, Resident>,
  { room, minute, order }: { room: number; minute: number; order: EvictionOrder },
): void {
  if (environments.size <= room) return;
  const idle = [...environments.values()].filter(({ usedAt }) => usedAt < minute);
  const ranked = idle.map(({ day, usedAt }) => ({
    id: day.id,
    usedAt,
    worth: order.worth(day.id, minute - usedAt),
  }));
  ranked.sort((a, b) => a.worth - b.worth || a.usedAt - b.usedAt);
  for (const { id } of ranked.slice(0, environments.size - room)) environments.delete(id);
}

const MINUTES = 1_440;
