import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly help: boolean;
  readonly blocks: number;
  readonly seconds: number;
  readonly only: readonly string[];
  readonly out: string | undefined;
}

export const USAGE =
  'npm run bench -- [--only FIGURE,…] [--blocks 1…100] [--seconds 0.1…60] [--out FILE.json] [--help]';

/** What the command line asks for, or what is wrong with it. */
export function readOptions(args: readonly string[], figures: readonly string[]): BenchOptions | string {
  const parsed = parse(args);
  if (typeof parsed === 'string') return parsed;
  const blocks = Number(parsed.blocks);
  if (!Number.isInteger(blocks) || blocks < 1 || blocks > 100)
    return `--blocks ${parsed.blocks}: a whole number from 1 to 100`;
  const seconds = Number(parsed.seconds);
  if (!(seconds >= 0.1 && seconds <= 60)) return `--seconds ${parsed.seconds}: a number from 0.1 to 60`;
  const only = parsed.only?.split(',') ?? figures;
  const unknown = only.find(name => !figures.includes(name));
  if (unknown !== undefined) return `--only ${unknown}: there are ${figures.join(', ')}`;
  return { help: parsed.help, blocks, seconds, only, out: parsed.out };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        blocks: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '2' },
        only: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}
