import { randomBytes, randomUUID } from 'node:crypto';
import type { Random } from './random.ts';

/** The machine's own randomness. */
export class SystemRandom implements Random {
  fraction(): number {
    return Math.random();
  }

  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }

  uuid(): string {
    return randomUUID();
  }
}
