import { askInterpreter, findInterpreters, NODE, PYTHON } from './interpreter.ts';
import { customRuntimes, nodeRuntimes } from './node-runtimes.ts';
import { pythonRuntimes } from './python-runtimes.ts';
import type { Runtime } from './runtime.ts';

/** The runtimes of this machine, as they were when it was asked. */
export interface Runtimes {
  get(identifier: string): Runtime | undefined;
  /** In the order of their identifiers. */
  list(): readonly Runtime[];
}

export interface RuntimesOptions {
  /** Where to look, in the form of PATH. */
  readonly searchPath: string;
}

/** Finds the languages on this machine by running them once. The Node.js that runs this comes before any other. */
export async function findRuntimes(options: RuntimesOptions): Promise<Runtimes> {
  const [own, nodes, pythons] = await Promise.all([
    askInterpreter(NODE, process.execPath),
    findInterpreters(NODE, options.searchPath),
    findInterpreters(PYTHON, options.searchPath),
  ]);
  const found = [
    ...nodeRuntimes(own ? [own, ...nodes] : nodes),
    ...pythonRuntimes(pythons),
    ...(own ? customRuntimes(own) : []),
  ].sort((left, right) => left.identifier.localeCompare(right.identifier, 'en', { numeric: true }));
  const byIdentifier = new Map(found.map(runtime => [runtime.identifier, runtime]));
  return { get: identifier => byIdentifier.get(identifier), list: () => found };
}
