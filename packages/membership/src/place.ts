import { encodeKeyPart } from '@lambent/registry';

/** Where a process lives. */
export interface Place {
  /** Told from all others, and the same after a boot. */
  readonly machine: string;
  readonly boot: string;
  /** The data directory, within the boot. A lock there lets only one process live. */
  readonly directory: string;
}

/** As a record carries it. */
export function placeText({ machine, boot, directory }: Place): string {
  return [machine, boot, directory].map(encodeKeyPart).join('/');
}

/**
 * Whether a process that starts `here` shows that the one that lived in `earlier` is dead: it has the lock of its
 * directory, or the machine has booted since.
 */
export function outlives(here: string, earlier: string): boolean {
  if (here === earlier) return true;
  const [own, other] = [here.split('/'), earlier.split('/')];
  if (own.length !== PLACE_PARTS || other.length !== PLACE_PARTS) return false;
  return own[0] === other[0] && own[1] !== other[1];
}

const PLACE_PARTS = 3;
