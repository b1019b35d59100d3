/** Whether the kernel would run a file, and if not, why. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';

/** What the kernel reads of a file to find out how to run it; a first line is cut off there. */
const START_BYTES = 256;
/** A script's interpreter may be a script in turn; the kernel follows no further than this. */
const INTERPRETERS_MAX = 5;
/** The kernel's own bound. */
const PATH_BYTES_MAX = 4_096;

/** Undefined where it would run. A refused `execve` cannot be asked: it ends the process. */
export function findRefusal(path, depth = 0) {
  try {
    accessSync(path, constants.X_OK);
    const interpreter = withFile(path, findInterpreter);
    return interpreter === undefined ? undefined : findInterpreterRefusal(interpreter, depth + 1);
  } catch (error) {
    if (error instanceof FormatError) return 'exec format error';
    return error.code === 'EACCES' ? 'permission denied' : error.message;
  }
}

function findInterpreterRefusal(interpreter, depth) {
  if (depth > INTERPRETERS_MAX) return 'too many levels of interpreters';
  try {
    accessSync(interpreter);
  } catch (error) {
    if (error.code !== 'ENOENT') return `interpreter ${interpreter}: ${error.message}`;
    const shown = interpreter.replace(
      /\r$/,
      '\\r (the first line ends in a carriage return: save the file with LF line ends)',
    );
    return `interpreter not found: ${shown}`;
  }
  const refusal = findRefusal(interpreter, depth);
  return refusal && `interpreter ${interpreter}: ${refusal}`;
}

class FormatError extends Error {}

/** What the kernel would start in its place, or to load it; undefined where nothing is needed. */
function findInterpreter(file) {
  const start = readAt(file, 0, START_BYTES);
  if (start.toString('latin1', 0, 2) === '#!') return interpreterOfScript(start);
  if (start.toString('latin1', 0, 4) === '\x7fELF') return interpreterOfProgram(file, start);
  throw new FormatError();
}

function interpreterOfScript(start) {
  const interpreter = /^#![ \t]*([^ \t\n\0]+)/.exec(start)?.[1];
  if (interpreter === undefined) throw new FormatError();
  return interpreter;
}

/** The machine of an ELF file, by the name Node.js has for it. */
const ELF_MACHINES = { x64: 62, arm64: 183 };
/** Where 64-bit ELF, which both machines have, keeps what is asked for here. */
const ELF = { machine: 18, tableOffset: 32, entryBytes: 54, entryCount: 56 };
const ENTRY = { type: 0, offset: 8, bytes: 32, length: 56 };
const ENTRY_OF_INTERPRETER = 3;

function interpreterOfProgram(file, start) {
  if (start.readUInt16LE(ELF.machine) !== ELF_MACHINES[process.arch]) throw new FormatError();
  const tableOffset = Number(start.readBigUInt64LE(ELF.tableOffset));
  const entryBytes = start.readUInt16LE(ELF.entryBytes);
  for (let index = 0; index < start.readUInt16LE(ELF.entryCount); index += 1) {
    const entry = readAt(file, tableOffset + index * entryBytes, ENTRY.length);
    if (entry.readUInt32LE(ENTRY.type) !== ENTRY_OF_INTERPRETER) continue;
    const bytes = Number(entry.readBigUInt64LE(ENTRY.bytes));
    if (bytes > PATH_BYTES_MAX) throw new FormatError();
    // A zero byte ends it.
    return readAt(file, Number(entry.readBigUInt64LE(ENTRY.offset)), bytes).toString('utf8', 0, bytes - 1);
  }
  return undefined;
}

function withFile(path, use) {
  const file = openSync(path);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

/** Zeros stand for what is beyond the end. */
function readAt(file, offset, bytes) {
  const buffer = Buffer.alloc(bytes);
  readSync(file, buffer, 0, bytes, offset);
  return buffer;
}
