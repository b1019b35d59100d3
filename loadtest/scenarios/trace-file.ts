import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Refusal } from '../run/refusal.ts';

const unpack = promisify(gunzip);

/** A function, an application and an owner by their hashes; the minutes follow. */
const NAMES = 3;

export interface TraceWanted {
  readonly file: string;
  /** How many functions of it. */
  readonly functions: number;
  readonly firstMinute: number;
  readonly minutes: number;
  /** Of the invocations. */
  readonly share: number;
}

/**
 * Invocations per minute of functions of a trace, as Azure publishes it: a row for each function, a column for each
 * minute, packed by gzip. The functions are taken evenly from the whole file. Of a share, what is less than one
 * invocation is kept for the next minute, so that rare functions stay rare and do not go silent.
 */
export async function readTrace(wanted: TraceWanted): Promise<readonly (readonly number[])[]> {
  const { file, functions, firstMinute, minutes, share } = wanted;
  const packed = await readFile(file).catch(cause => {
    throw new Refusal(`the trace ${file} cannot be read: ${cause.message}`, { cause });
  });
  const [, ...rows] = (await unpack(packed)).toString().trimEnd().split('\n');
  const step = rows.length / functions;
  return Array.from({ length: functions }, (_, index) => {
    const row = rows[Math.floor(index * step)]?.split(',').slice(NAMES) ?? [];
    let due = 0;
    return row.slice(firstMinute, firstMinute + minutes).map(invocations => {
      due += Number(invocations) * share;
      const whole = Math.floor(due);
      due -= whole;
      return whole;
    });
  });
}
