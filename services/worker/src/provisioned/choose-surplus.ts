import type { Environment } from '../environment.ts';

/** Which of a version's provisioned environments go when fewer are asked for: those in use last. */
export function chooseSurplus<E extends Pick<Environment, 'state'>>(all: readonly E[], count: number): E[] {
  return all.toSorted((one, other) => USE[one.state] - USE[other.state]).slice(0, Math.max(0, count));
}

const USE = { ended: 0, ending: 0, starting: 1, idle: 2, busy: 3 };
