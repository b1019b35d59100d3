import { styleText } from 'node:util';

/**
 * What people read. Results go to standard output, so that they can be piped; everything said about them goes to
 * standard error. Colours only where the stream is a terminal that shows them.
 */
export interface Terminal {
  /** Aborted when nobody reads the results any more, as after `| head`. What is written then goes nowhere. */
  readonly gone: AbortSignal;
  /** A result, as text with a line end or as bytes, as they are. */
  result(text: string | Uint8Array): void;
  /** One line for the person watching. */
  say(line?: string): void;
  /** What went wrong, in one line. */
  complain(problem: string): void;
  /** Rows with their columns aligned. */
  table(rows: readonly (readonly string[])[], to?: 'result' | 'say'): void;
  paint(style: Style, text: string): string;
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const INDENT = '  ';

export function openTerminal(streams: Streams = process): Terminal {
  const { stdout, stderr } = streams;
  const gone = new AbortController();
  stdout.on('error', () => gone.abort());
  // Whoever does not read what is said misses nothing that the exit code does not tell.
  stderr.on('error', () => {});
  const result = (text: string | Uint8Array) => {
    stdout.write(typeof text === 'string' ? `${text}\n` : text);
  };
  const say = (line = '') => {
    stderr.write(`${line}\n`);
  };
  const paint = (style: Style, text: string) =>
    stderr.isTTY === true ? styleText(style, text, { stream: stderr, validateStream: true }) : text;
  return {
    gone: gone.signal,
    result,
    say,
    paint,
    complain: problem => say(`${paint('red', 'error:')} ${problem}`),
    table: (rows, to = 'say') => {
      for (const line of alignColumns(rows)) (to === 'say' ? say : result)(`${INDENT}${line}`);
    },
  };
}

/** The last column is not padded, so that no line ends in blanks. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(INDENT)
      .trimEnd(),
  );
}
