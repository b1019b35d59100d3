import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/** A language's program found on this machine. */
export interface Interpreter {
  /** "3.11.7". */
  readonly version: string;
  /** The real file, past symbolic links, shims and virtual environments. */
  readonly binary: string;
  /** The directory its libraries are found by. */
  readonly prefix: string;
}

export interface Language {
  /** Names its programs have on PATH. */
  readonly names: RegExp;
  /** Arguments that make the program print an `Interpreter` as JSON. */
  readonly question: readonly string[];
}

export const NODE: Language = {
  names: /^node$/,
  question: [
    '-p',
    'JSON.stringify({ version: process.versions.node, binary: fs.realpathSync(process.execPath), prefix: path.dirname(path.dirname(process.execPath)) })',
  ],
};

export const PYTHON: Language = {
  names: /^python3(\.\d+)?$/,
  question: [
    '-c',
    'import json, os, platform, sys; print(json.dumps({"version": platform.python_version(), "binary": os.path.realpath(sys.executable), "prefix": os.path.realpath(sys.base_prefix)}))',
  ],
};

/** What every sandbox sees of the host: an interpreter there needs no mount. */
const SHARED_DIRECTORY = '/usr';
/** Where a managed runtime of AWS has its language. */
export const LANGUAGE_DIRECTORY = '/var/lang';
/** A PATH has fewer; one that has more is not read to its end. */
const PROGRAMS_MAX = 32;
/** A program that has not said its version by then is not one to run functions with. */
const QUESTION_TIMEOUT_MS = 10_000;

const execute = promisify(execFile);

/** Asks every program of the language on `searchPath` what it is. In the order of the path; what fails is left out. */
export async function findInterpreters(
  language: Language,
  searchPath: string,
): Promise<readonly Interpreter[]> {
  const programs = (
    await Promise.all(searchPath.split(':').map(path => listPrograms(language, path)))
  ).flat();
  const found = await Promise.all(
    programs.slice(0, PROGRAMS_MAX).map(program => askInterpreter(language, program)),
  );
  return found.filter(interpreter => interpreter !== undefined);
}

export async function askInterpreter(language: Language, program: string): Promise<Interpreter | undefined> {
  try {
    const { stdout } = await execute(program, language.question, { timeout: QUESTION_TIMEOUT_MS });
    return JSON.parse(stdout);
  } catch {
    // A shim without a version behind it, or something else that only has the name.
    return undefined;
  }
}

/** Whether a sandbox finds it where the host does. */
export function isShared({ binary }: Interpreter): boolean {
  return isWithin(SHARED_DIRECTORY, binary);
}

/** Whether its prefix can be mounted: the program is in it, and nobody's home directory is. */
export function isMountable({ binary, prefix }: Interpreter): boolean {
  return isWithin(prefix, binary) && !isWithin(prefix, homedir());
}

function isWithin(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return !way.startsWith('..') && !way.startsWith('/');
}

async function listPrograms(language: Language, directory: string): Promise<readonly string[]> {
  if (!directory.startsWith('/')) return [];
  try {
    const names = await readdir(directory);
    return names
      .filter(name => language.names.test(name))
      .sort()
      .map(name => join(directory, name));
  } catch {
    // PATH often names directories that are not there.
    return [];
  }
}
