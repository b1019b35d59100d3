import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { format } from 'node:util';
import { errorDocument } from './faults.mjs';

/** Log levels, the least urgent first. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
/** A line that never ends is cut here. */
const LINE_LENGTH_MAX = 64 * 1024;

/**
 * What the function prints, as records on the channel: each `console` call is one record in the form that
 * `AWS_LAMBDA_LOG_FORMAT` asks for, each line written to `process.stdout` or `process.stderr` is one as it is.
 */
export function openLogs(channel, { isJson, level, noRequestId }) {
  const invocation = { requestId: noRequestId, tenantId: undefined };
  const toRecord = isJson ? jsonRecord : textRecord;
  const write = (name, parts) => channel.log(toRecord(invocation, name, parts));
  const lines = [new Lines(channel, 1), new Lines(channel, 2)];
  patchConsole(write, level);
  replaceStream('stdout', lines[0]);
  replaceStream('stderr', lines[1]);
  return {
    invocation,
    /** What was printed without a line end becomes a record of its own. */
    flush: () => {
      for (const stream of lines) stream.flush();
    },
    error: (title, thrown) => {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      write('ERROR', isJson ? [error] : [title, describeError(error)]);
    },
  };
}

function patchConsole(write, level) {
  const least = Math.max(0, LEVELS.indexOf(level));
  const methods = {};
  for (const [index, name] of LEVELS.entries())
    methods[name.toLowerCase()] = index < least ? () => {} : (...parts) => write(name, parts);
  Object.assign(globalThis.console, methods, { log: methods.info });
}

function replaceStream(name, lines) {
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => lines.stream });
}

/** Cuts what is written to a stream into lines. */
class Lines {
  stream;
  #channel;
  #decoder = new StringDecoder('utf8');
  #unfinished = '';

  constructor(channel, fd) {
    this.#channel = channel;
    this.stream = new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        this.#add(typeof chunk === 'string' ? chunk : this.#decoder.write(chunk));
        done();
      },
    });
    this.stream.fd = fd;
    // Nobody may end the process's own streams.
    this.stream.destroy = () => this.stream;
  }

  flush() {
    if (this.#unfinished !== '') this.#channel.log(this.#unfinished);
    this.#unfinished = '';
  }

  #add(text) {
    const lines = (this.#unfinished + text).split('\n');
    this.#unfinished = lines.pop();
    for (const line of lines) this.#channel.log(line);
    if (this.#unfinished.length > LINE_LENGTH_MAX) this.flush();
  }
}

function textRecord({ requestId }, level, parts) {
  return `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...parts)}`;
}

function jsonRecord({ requestId, tenantId }, level, parts) {
  const record = { timestamp: new Date().toISOString(), level, requestId };
  if (tenantId) record.tenantId = tenantId;
  if (parts.length === 1) {
    try {
      return JSON.stringify({ ...record, message: parts[0] }, (_key, value) =>
        value instanceof Error ? { ...errorFields(value), ...value } : value,
      );
    } catch {
      // It refers to itself: shown as the text console would show it.
      return JSON.stringify({ ...record, message: format(parts[0]) });
    }
  }
  const error = parts.find(part => part instanceof Error);
  return JSON.stringify({ ...record, message: format(...parts), ...(error && errorFields(error)) });
}

function errorFields(error) {
  return {
    errorType: error.constructor?.name ?? 'UnknownError',
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : error.stack,
  };
}

/** An error as it stands behind "Invoke Error" in a text log. */
function describeError(error) {
  try {
    return `\t${JSON.stringify(error, (_key, value) => (value instanceof Error ? withOwnFields(value) : value))}`;
  } catch {
    return `\t${JSON.stringify(errorDocument(error))}`;
  }
}

function withOwnFields(error) {
  const fields = { errorType: error.name, errorMessage: error.message, code: error.code, ...error };
  if (typeof error.stack === 'string') fields.stack = error.stack.split('\n');
  return fields;
}
