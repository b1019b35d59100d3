import { createHash } from 'node:crypto';

/**
 * The members in the order in which they answer for `subject`: everybody who knows the same members comes to the
 * same order, and when one goes only what it answered for moves.
 */
export function byRendezvous(subject: string, members: Iterable<string>): string[] {
  return [...new Set(members)]
    .map(member => ({ member, weight: weigh(subject, member) }))
    .sort((one, other) => other.weight - one.weight || (one.member < other.member ? -1 : 1))
    .map(({ member }) => member);
}

/** 48 bits of a hash that is the same on every machine. */
function weigh(subject: string, member: string): number {
  return createHash('sha256').update(`${subject}\n${member}`).digest().readUIntBE(0, 6);
}
