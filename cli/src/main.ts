import { SystemClock } from '@lambent/core';
import { runCommandLine } from './command-line.ts';
import { openTerminal } from './terminal.ts';

process.exit(
  await runCommandLine(process.argv.slice(2), {
    terminal: openTerminal(),
    clock: new SystemClock(),
    env: process.env,
  }),
);
