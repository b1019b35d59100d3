"use strict";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// packages/runtimes/node/assignment.mjs
var import_node_fs = require("node:fs");
var CHANNEL_FD = 4;
var HEADER_BYTES = 5;
var BOOTED_FRAME = Buffer.from([0, 0, 0, 0, 7]);
function awaitAssignment() {
  (0, import_node_fs.writeSync)(CHANNEL_FD, BOOTED_FRAME);
  const length = read(HEADER_BYTES).readUInt32BE(0);
  const { environment } = JSON.parse(read(length).utf8Slice());
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.chdir(process.env.LAMBDA_TASK_ROOT);
}
function read(length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = (0, import_node_fs.readSync)(CHANNEL_FD, bytes, at, length - at, null);
    if (count === 0) process.exit(0);
    at += count;
  }
  return bytes;
}

// packages/runtimes/node/context.mjs
var HAS_CALLBACKS = Number.parseInt(process.versions.node, 10) < 24;
function readEnvironment() {
  const { env } = process;
  return {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME
  };
}
function readHead(head) {
  const { deadlineMs } = head;
  return {
    clientContext: head.clientContext === void 0 ? void 0 : JSON.parse(head.clientContext),
    identity: void 0,
    invokedFunctionArn: head.arn,
    awsRequestId: head.requestId,
    tenantId: head.tenantId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now()
  };
}

// packages/runtimes/node/callback-handler.mjs
function callbackHandler(handler, invocations) {
  let whenEmpty = () => {
  };
  process.on("beforeExit", () => whenEmpty());
  return (head, text) => {
    const { requestId } = head;
    let finished = false;
    let waitsForEmptyEventLoop = true;
    const once = (act) => (first, second) => {
      if (finished) return;
      finished = true;
      whenEmpty = () => {
      };
      act(first, second);
    };
    const succeed = (result) => invocations.succeed(requestId, result);
    const fail = (error) => invocations.fail(requestId, error);
    const isError = (error) => error !== void 0 && error !== null;
    const callback = once((error, result) => {
      if (isError(error)) fail(error);
      else if (!waitsForEmptyEventLoop) succeed(result);
      else whenEmpty = () => setImmediate(succeed, result);
    });
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waitsForEmptyEventLoop;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waitsForEmptyEventLoop = value;
      },
      succeed: once(succeed),
      fail: once((error) => fail(isError(error) ? error : "handled")),
      done: once((error, result) => isError(error) ? fail(error) : succeed(result))
    };
    invocations.begin(head);
    whenEmpty = once(() => succeed(null));
    try {
      Object.assign(context, invocations.environment, readHead(head));
      const result = handler(JSON.parse(text), context, callback);
      if (typeof result?.then === "function") result.then(context.succeed, context.fail);
    } catch (error) {
      callback(error);
    }
  };
}

// packages/runtimes/node/channel.mjs
var import_node_fs2 = require("node:fs");
var import_node_net = require("node:net");
var CHANNEL_FD2 = 4;
var NEXT = 1;
var RESPONSE = 2;
var ERROR = 3;
var OVERSIZE = 4;
var INIT_ERROR = 5;
var LOG = 6;
var BEGIN = 10;
var PART = 11;
var COMPILED = 12;
var INVOKE = 16;
var TAKEN = 19;
var HEADER_BYTES2 = 5;
var NEXT_FRAME = Buffer.from([0, 0, 0, 0, NEXT]);
var ANSWER_BYTES_MAX = 6291556;
var RECORD_BYTES_MAX = 256 * 1024;
var PART_BYTES_MAX = 64 * 1024;
var WINDOW_BYTES = 128 * 1024;
var COMPILED_BYTES_MAX = 8 * 1024 * 1024;
var READ_BYTES = 64 * 1024;
var FULL_PAUSE_MS = 1;
var pause = new Int32Array(new SharedArrayBuffer(4));
function openChannel(take) {
  const incoming = new IncomingFrames({ take, taken: (head, bytes) => channel.taken(head, bytes) });
  const socket = new import_node_net.Socket({
    fd: CHANNEL_FD2,
    onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: incoming.read }
  });
  socket.on("close", () => process.exit(0));
  socket.on("error", () => process.exit(0));
  socket.unref();
  const channel = new Channel(socket);
  return channel;
}
var Channel = class {
  #socket;
  /** What goes out of a response as its reader takes it: whose it is, how far it is out, and whom to tell. */
  #parts;
  /** Which invocation's response went out in parts last, and how much more of it may. */
  #streaming;
  #windowBytes = 0;
  /** What the invocation that runs may answer. */
  answerBytesMax = ANSWER_BYTES_MAX;
  constructor(socket) {
    this.#socket = socket;
  }
  /** Asks for the first event. */
  next() {
    write(NEXT_FRAME);
    this.#socket.ref();
  }
  /** Called when an event was taken: from here on only the handler keeps the process alive. */
  busy({ answerBytesMax = ANSWER_BYTES_MAX }) {
    this.answerBytesMax = answerBytesMax;
    this.#socket.unref();
  }
  /** The response comes in parts. */
  begin(requestId, contentType) {
    write(answer(BEGIN, [requestId], contentType, false));
    this.#streaming = requestId;
    this.#windowBytes = WINDOW_BYTES;
  }
  /** Calls `done` when all the bytes are out: the handler goes on meanwhile. One at a time. */
  part(requestId, bytes, done) {
    this.#parts = { requestId, bytes, at: 0, done };
    this.#writeParts();
  }
  /** The reader has taken so much. Nothing else keeps a process alive that only waits for this. */
  taken(requestId, bytes) {
    if (this.#streaming !== requestId) return;
    this.#windowBytes += bytes;
    if (!this.#parts) return;
    this.#socket.unref();
    this.#writeParts();
  }
  #writeParts() {
    const parts = this.#parts;
    while (parts.at < parts.bytes.length) {
      if (this.#windowBytes <= 0) return this.#socket.ref();
      const part = parts.bytes.subarray(parts.at, parts.at + PART_BYTES_MAX);
      write(answer(PART, [parts.requestId], part, false));
      parts.at += part.length;
      this.#windowBytes -= part.length;
    }
    this.#parts = void 0;
    parts.done();
  }
  /** Answers, and asks for the next event in the same write. */
  respond(requestId, payload) {
    write(answer(RESPONSE, [requestId], payload, true, this.answerBytesMax));
    this.#socket.ref();
  }
  /** The answer had so many bytes that it was not kept. */
  respondOversize(requestId, bytes) {
    write(oversize(requestId, bytes, true));
    this.#socket.ref();
  }
  fail(requestId, errorType, document) {
    write(answer(ERROR, [requestId, errorType], document, true, this.answerBytesMax));
    this.#socket.ref();
  }
  /** The error that ends this process: nothing is asked for any more. */
  failForGood(requestId, errorType, document) {
    write(answer(ERROR, [requestId, errorType], document, false, this.answerBytesMax));
  }
  /** A file of what was compiled; one without a name is the last. */
  compiled(path, content) {
    if (content.length > COMPILED_BYTES_MAX) return;
    const name = Buffer.from(path);
    const head = Buffer.allocUnsafe(HEADER_BYTES2 + 2);
    writeHeader(head, COMPILED, 2 + name.length + content.length);
    head.writeUInt16BE(name.length, HEADER_BYTES2);
    write(Buffer.concat([head, name, content]));
  }
  failInit(errorType, document) {
    write(answer(INIT_ERROR, [errorType], document, false));
  }
  log(record) {
    const bytes = Buffer.byteLength(record);
    if (bytes > RECORD_BYTES_MAX) return this.#logLong(Buffer.from(record));
    const frame = Buffer.allocUnsafe(HEADER_BYTES2 + bytes);
    writeHeader(frame, LOG, bytes);
    frame.utf8Write(record, HEADER_BYTES2);
    write(frame);
  }
  #logLong(bytes) {
    for (let at = 0; at < bytes.length; ) {
      let end = Math.min(at + RECORD_BYTES_MAX, bytes.length);
      while (end < bytes.length && (bytes[end] & 192) === 128) end -= 1;
      const header = Buffer.allocUnsafe(HEADER_BYTES2);
      writeHeader(header, LOG, end - at);
      write(header);
      write(bytes.subarray(at, end));
      at = end;
    }
  }
};
function answer(type, texts, payload, goesOn, maxBytes = ANSWER_BYTES_MAX) {
  const isText = typeof payload === "string";
  const payloadBytes = isText ? Buffer.byteLength(payload) : payload.length;
  if (payloadBytes > maxBytes) return oversize(texts[0], payloadBytes, goesOn);
  const shorts = texts.map((text) => Buffer.from(text).subarray(0, 255));
  const bodyBytes = shorts.reduce((sum, short) => sum + 1 + short.length, payloadBytes);
  const frame = Buffer.allocUnsafe(HEADER_BYTES2 + bodyBytes + (goesOn ? HEADER_BYTES2 : 0));
  writeHeader(frame, type, bodyBytes);
  let at = HEADER_BYTES2;
  for (const short of shorts) {
    frame[at] = short.length;
    frame.set(short, at + 1);
    at += 1 + short.length;
  }
  if (isText) frame.utf8Write(payload, at);
  else frame.set(payload, at);
  if (goesOn) frame.set(NEXT_FRAME, at + payloadBytes);
  return frame;
}
function oversize(requestId, bytes, goesOn) {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes);
  return answer(OVERSIZE, [requestId], size, goesOn);
}
function writeHeader(frame, type, bodyBytes) {
  frame.writeUInt32BE(bodyBytes, 0);
  frame[4] = type;
}
function write(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += (0, import_node_fs2.writeSync)(CHANNEL_FD2, bytes, at);
    } catch (error) {
      if (error.code !== "EAGAIN") process.exit(0);
      Atomics.wait(pause, 0, 0, FULL_PAUSE_MS);
    }
  }
}
var IncomingFrames = class {
  #take;
  #taken;
  /** An event that has not arrived whole: its bytes so far, in a buffer of the whole length once that is known. */
  #partial;
  #filled = 0;
  constructor({ take, taken }) {
    this.#take = take;
    this.#taken = taken;
  }
  read = (count, buffer) => {
    let bytes = buffer.subarray(0, count);
    if (this.#partial) bytes = this.#join(bytes);
    if (bytes) this.#find(bytes);
    return true;
  };
  #find(bytes) {
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES2) {
      const end = at + HEADER_BYTES2 + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      if (bytes[at + 4] === INVOKE) this.#event(bytes, at + HEADER_BYTES2, end);
      else if (bytes[at + 4] === TAKEN)
        this.#taken(bytes.utf8Slice(at + HEADER_BYTES2 + 4, end), bytes.readUInt32BE(at + HEADER_BYTES2));
      at = end;
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at));
  }
  #event(bytes, at, end) {
    const payloadAt = at + 4 + bytes.readUInt32BE(at);
    const head = JSON.parse(bytes.utf8Slice(at + 4, payloadAt));
    this.#take(head, bytes.utf8Slice(payloadAt, end));
  }
  #keep(start) {
    const length = start.length < HEADER_BYTES2 ? HEADER_BYTES2 : HEADER_BYTES2 + start.readUInt32BE(0);
    this.#partial = Buffer.allocUnsafeSlow(length);
    this.#filled = start.copy(this.#partial);
  }
  /** Adds to the unfinished event; gives it back, with what follows it, once it is whole. */
  #join(bytes) {
    const partial = this.#partial;
    if (partial.length === HEADER_BYTES2) {
      this.#partial = void 0;
      return Buffer.concat([partial.subarray(0, this.#filled), bytes]);
    }
    const copied = bytes.copy(partial, this.#filled);
    this.#filled += copied;
    if (this.#filled < partial.length) return void 0;
    this.#partial = void 0;
    return copied === bytes.length ? partial : Buffer.concat([partial, bytes.subarray(copied)]);
  }
};

// packages/runtimes/node/compiled.mjs
var import_node_fs3 = require("node:fs");
var import_node_module = __toESM(require("node:module"), 1);
var import_node_path = require("node:path");
var OWN_DIRECTORY = "/tmp/.lambent-compiled";
var TAKE = "take";
function keepCompiled(wish = process.env.LAMBENT_COMPILED) {
  delete process.env.LAMBENT_COMPILED;
  if (!wish || !import_node_module.default.flushCompileCache || import_node_module.default.getCompileCacheDir()) return () => {
  };
  try {
    if (wish !== TAKE) pretendOwn(wish);
    import_node_module.default.enableCompileCache(OWN_DIRECTORY);
  } catch {
  }
  return wish === TAKE ? handOver : remove;
}
function pretendOwn(kept) {
  (0, import_node_fs3.mkdirSync)(OWN_DIRECTORY);
  for (const folder of (0, import_node_fs3.readdirSync)(kept))
    (0, import_node_fs3.symlinkSync)((0, import_node_path.join)(kept, folder), (0, import_node_path.join)(OWN_DIRECTORY, folder.replace(/\d+$/, process.getuid())));
}
function handOver(channel) {
  try {
    import_node_module.default.flushCompileCache();
    for (const file of (0, import_node_fs3.readdirSync)(OWN_DIRECTORY, { recursive: true, withFileTypes: true })) {
      const path = (0, import_node_path.join)(file.parentPath, file.name);
      if (file.isFile()) channel.compiled((0, import_node_path.relative)(OWN_DIRECTORY, path), (0, import_node_fs3.readFileSync)(path));
    }
    channel.compiled("", Buffer.alloc(0));
  } catch {
  }
  remove();
}
function remove() {
  (0, import_node_fs3.rmSync)(OWN_DIRECTORY, { recursive: true, force: true });
}

// packages/runtimes/node/doorways.mjs
var import_node_net2 = require("node:net");
async function handOverDoorways() {
  const doorways = process.env.LAMBENT_DOORWAYS ?? "";
  for (const name of Object.keys(process.env)) if (name.startsWith("LAMBENT_")) delete process.env[name];
  delete process.env.NODE_CHANNEL_FD;
  if (!process.channel) return;
  for (const doorway of doorways.split(",").filter(Boolean)) {
    const [name, port] = doorway.split(":");
    await handOver2(name, Number(port));
  }
  process.disconnect();
}
async function handOver2(name, port) {
  const server = (0, import_node_net2.createServer)();
  await new Promise((resolve2, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve2);
  });
  await new Promise((resolve2, reject) => {
    process.send(name, server, (error) => error ? reject(error) : resolve2());
  });
  server.close();
}

// packages/runtimes/node/faults.mjs
var ImportModuleError = class extends Error {
};
var UserCodeSyntaxError = class extends Error {
};
var HandlerNotFound = class extends Error {
};
var MalformedHandlerName = class extends Error {
};
var MalformedStreamingHandler = class extends Error {
};
var InvalidStreamingOperation = class extends Error {
};
var CallbackHandlerDeprecated = class extends Error {
};
var JSONStringifyError = class extends Error {
};
var ExecWrapperUnsupported = class extends Error {
};
var UnhandledPromiseRejection = class extends Error {
  constructor(reason, promise) {
    super(String(reason));
    this.reason = reason;
    this.promise = promise;
  }
};
for (const fault of [
  ImportModuleError,
  UserCodeSyntaxError,
  HandlerNotFound,
  MalformedHandlerName,
  MalformedStreamingHandler,
  InvalidStreamingOperation,
  CallbackHandlerDeprecated,
  JSONStringifyError,
  ExecWrapperUnsupported,
  UnhandledPromiseRejection
]) {
  fault.prototype.name = `Runtime.${fault.name}`;
}
function errorDocument(thrown) {
  try {
    if (!looksLikeError(thrown)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
    return {
      errorType: escapeDelete(thrown.name) ?? "Error",
      errorMessage: escapeDelete(thrown.message),
      trace: escapeDelete(thrown.stack)?.split("\n") ?? []
    };
  } catch {
    return {
      errorType: "handled",
      errorMessage: "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
      trace: []
    };
  }
}
function looksLikeError(value) {
  if (value instanceof Error) return true;
  return [value?.name, value?.message, value?.stack].every((part) => typeof part === "string" && part !== "");
}
function escapeDelete(text) {
  return text?.replaceAll("", "%7F");
}

// packages/runtimes/node/handler.mjs
var import_node_fs4 = require("node:fs");
var import_node_module2 = require("node:module");
var import_node_path2 = require("node:path");
var import_node_url = require("node:url");
var EXTENSIONS = ["", ".js", ".mjs", ".cjs"];
async function loadHandler(taskRoot, handler) {
  if (handler.includes(".."))
    throw new MalformedHandlerName(
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`
    );
  const file = (0, import_node_path2.basename)(handler);
  const directory = handler.slice(0, handler.indexOf(file));
  const dot = file.indexOf(".");
  if (dot < 0) throw new MalformedHandlerName("Bad handler");
  const loaded = await loadModule(taskRoot, directory, file.slice(0, dot));
  const path = file.slice(dot + 1).split(".");
  const found = follow(loaded, path) ?? follow(loaded?.default, path);
  if (!found) throw new HandlerNotFound(`${handler} is undefined or not exported`);
  if (typeof found !== "function") throw new HandlerNotFound(`${handler} is not a function`);
  return found;
}
async function loadModule(taskRoot, directory, name) {
  const path = (0, import_node_path2.resolve)(taskRoot, directory, name);
  try {
    const extension = EXTENSIONS.find((candidate) => isFile(path + candidate));
    if (extension !== void 0) return await import((0, import_node_url.pathToFileURL)(path + extension).href);
    const require2 = (0, import_node_module2.createRequire)((0, import_node_path2.join)((0, import_node_path2.dirname)(process.argv[1]), "index.mjs"));
    return require2(require2.resolve(name, { paths: [taskRoot, (0, import_node_path2.join)(taskRoot, directory)] }));
  } catch (error) {
    throw toFault(error);
  }
}
function toFault(error) {
  if (error instanceof SyntaxError) {
    const fault = new UserCodeSyntaxError(String(error), { cause: error });
    fault.stack = error.stack;
    return fault;
  }
  if (error?.code === "MODULE_NOT_FOUND") return new ImportModuleError(String(error));
  return error;
}
function isFile(path) {
  return (0, import_node_fs4.statSync)(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
function follow(start, path) {
  return path.reduce((value, key) => isObject(value) ? value[key] : void 0, start);
}
function isObject(value) {
  return typeof value === "object" && value !== null || typeof value === "function";
}

// packages/runtimes/node/invocations.mjs
var Invocations = class {
  environment = readEnvironment();
  #channel;
  #logs;
  /** Of the invocation that runs or ran last. */
  #requestId;
  #isAnswered = true;
  #trace;
  constructor(channel, logs) {
    this.#channel = channel;
    this.#logs = logs;
  }
  begin(head) {
    this.#channel.busy(head);
    this.#requestId = head.requestId;
    this.#isAnswered = false;
    this.#logs.invocation.requestId = head.requestId;
    this.#logs.invocation.tenantId = head.tenantId;
    this.#publishTrace(head.trace);
  }
  /** What the invocation that runs may answer. */
  get answerBytesMax() {
    return this.#channel.answerBytesMax;
  }
  /** The context of a handler that answers by returning. */
  context(head) {
    const own = readHead(head);
    if (!HAS_CALLBACKS) own.xRayTraceId = head.trace;
    return Object.assign(own, this.environment);
  }
  /** Answers with what the handler returned. */
  succeed(requestId, result) {
    let payload;
    try {
      payload = JSON.stringify(result === void 0 ? null : result);
    } catch {
      return this.fail(requestId, stringifyFault());
    }
    if (payload === void 0) return this.fail(requestId, new TypeError("Wrong arguments"));
    this.respond(requestId, payload);
  }
  respond(requestId, payload) {
    if (this.#close(requestId)) this.#channel.respond(requestId, payload);
  }
  /** The response comes in parts, until `respond` says that it is whole or `fail` that it never will be. */
  beginResponse(requestId, contentType) {
    if (!this.#isOver(requestId)) this.#channel.begin(requestId, contentType);
  }
  respondPart(requestId, bytes, done) {
    if (this.#isOver(requestId)) done();
    else this.#channel.part(requestId, bytes, done);
  }
  respondOversize(requestId, bytes) {
    if (this.#close(requestId)) this.#channel.respondOversize(requestId, bytes);
  }
  fail(requestId, error) {
    if (this.#isOver(requestId)) return;
    this.#logs.error("Invoke Error", error);
    this.#close(requestId);
    const document = errorDocument(error);
    this.#channel.fail(requestId, document.errorType, JSON.stringify(document));
  }
  /** The process ends because of `error`: it is the answer to whatever runs, or the reason why nothing ever will. */
  end(title, error) {
    this.#logs.flush();
    this.#logs.error(title, error);
    const document = errorDocument(error);
    const text = JSON.stringify(document);
    if (this.#requestId === void 0) this.#channel.failInit(document.errorType, text);
    else this.#channel.failForGood(this.#requestId, document.errorType, text);
  }
  /** Puts the trace header where tracing libraries look for it. */
  #publishTrace(header) {
    if (header === this.#trace) return;
    this.#trace = header;
    if (header === void 0) delete process.env._X_AMZN_TRACE_ID;
    else process.env._X_AMZN_TRACE_ID = header;
  }
  #isOver(requestId) {
    return this.#isAnswered || requestId !== this.#requestId;
  }
  /** False when the invocation has its answer already. */
  #close(requestId) {
    if (this.#isOver(requestId)) return false;
    this.#isAnswered = true;
    this.#logs.flush();
    return true;
  }
};
function stringifyFault() {
  const text = "Unable to stringify response body";
  return HAS_CALLBACKS ? new Error(text) : new JSONStringifyError(text);
}

// packages/runtimes/node/logs.mjs
var import_node_stream = require("node:stream");
var import_node_string_decoder = require("node:string_decoder");
var import_node_util = require("node:util");
var LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
var LINE_LENGTH_MAX = 64 * 1024;
function openLogs(channel, { isJson, level, noRequestId }) {
  const invocation = { requestId: noRequestId, tenantId: void 0 };
  const toRecord = isJson ? jsonRecord : textRecord;
  const write2 = (name, parts) => channel.log(toRecord(invocation, name, parts));
  const lines = [new Lines(channel, 1), new Lines(channel, 2)];
  patchConsole(write2, level);
  replaceStream("stdout", lines[0]);
  replaceStream("stderr", lines[1]);
  return {
    invocation,
    /** What was printed without a line end becomes a record of its own. */
    flush: () => {
      for (const stream of lines) stream.flush();
    },
    error: (title, thrown) => {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      write2("ERROR", isJson ? [error] : [title, describeError(error)]);
    }
  };
}
function patchConsole(write2, level) {
  const least = Math.max(0, LEVELS.indexOf(level));
  const methods = {};
  for (const [index, name] of LEVELS.entries())
    methods[name.toLowerCase()] = index < least ? () => {
    } : (...parts) => write2(name, parts);
  Object.assign(globalThis.console, methods, { log: methods.info });
}
function replaceStream(name, lines) {
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => lines.stream });
}
var Lines = class {
  stream;
  #channel;
  #decoder = new import_node_string_decoder.StringDecoder("utf8");
  #unfinished = "";
  constructor(channel, fd) {
    this.#channel = channel;
    this.stream = new import_node_stream.Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        this.#add(typeof chunk === "string" ? chunk : this.#decoder.write(chunk));
        done();
      }
    });
    this.stream.fd = fd;
    this.stream.destroy = () => this.stream;
  }
  flush() {
    if (this.#unfinished !== "") this.#channel.log(this.#unfinished);
    this.#unfinished = "";
  }
  #add(text) {
    const lines = (this.#unfinished + text).split("\n");
    this.#unfinished = lines.pop();
    for (const line of lines) this.#channel.log(line);
    if (this.#unfinished.length > LINE_LENGTH_MAX) this.flush();
  }
};
function textRecord({ requestId }, level, parts) {
  return `${(/* @__PURE__ */ new Date()).toISOString()}	${requestId}	${level}	${(0, import_node_util.format)(...parts)}`;
}
function jsonRecord({ requestId, tenantId }, level, parts) {
  const record = { timestamp: (/* @__PURE__ */ new Date()).toISOString(), level, requestId };
  if (tenantId) record.tenantId = tenantId;
  if (parts.length === 1) {
    try {
      return JSON.stringify(
        { ...record, message: parts[0] },
        (_key, value) => value instanceof Error ? { ...errorFields(value), ...value } : value
      );
    } catch {
      return JSON.stringify({ ...record, message: (0, import_node_util.format)(parts[0]) });
    }
  }
  const error = parts.find((part) => part instanceof Error);
  return JSON.stringify({ ...record, message: (0, import_node_util.format)(...parts), ...error && errorFields(error) });
}
function errorFields(error) {
  return {
    errorType: error.constructor?.name ?? "UnknownError",
    errorMessage: error.message,
    stackTrace: typeof error.stack === "string" ? error.stack.split("\n") : error.stack
  };
}
function describeError(error) {
  try {
    return `	${JSON.stringify(error, (_key, value) => value instanceof Error ? withOwnFields(value) : value)}`;
  } catch {
    return `	${JSON.stringify(errorDocument(error))}`;
  }
}
function withOwnFields(error) {
  const fields = { errorType: error.name, errorMessage: error.message, code: error.code, ...error };
  if (typeof error.stack === "string") fields.stack = error.stack.split("\n");
  return fields;
}

// packages/runtimes/node/returning-handler.mjs
var CALLBACK_REMOVED = "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";
function returningHandler(handler, invocations) {
  if (handler.length >= 3) throw new CallbackHandlerDeprecated(CALLBACK_REMOVED);
  return (head, text) => {
    const { requestId } = head;
    const succeed = (result) => setImmediate(() => invocations.succeed(requestId, result));
    const fail = (error) => setImmediate(() => invocations.fail(requestId, error));
    invocations.begin(head);
    try {
      const result = handler(JSON.parse(text), invocations.context(head));
      if (typeof result?.then === "function") Promise.resolve(result).then(succeed, fail);
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  };
}

// packages/runtimes/node/streaming-handler.mjs
var import_node_stream2 = require("node:stream");
var STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
var HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
var INTEGRATION_TYPE = "application/vnd.awslambda.http-integration-response";
var DELIMITER = new Uint8Array(8);
function provideStreaming() {
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse: (handler, options) => {
      handler[STREAMING] = "response";
      if (typeof options?.highWaterMark === "number") handler[HIGH_WATER_MARK] = options.highWaterMark;
      return handler;
    },
    HttpResponseStream: {
      from: (stream, prelude) => {
        stream.setContentType(INTEGRATION_TYPE);
        stream.begin(Buffer.concat([Buffer.from(JSON.stringify(prelude)), DELIMITER]));
        return stream;
      }
    }
  };
}
function isStreaming(handler) {
  const mark = handler[STREAMING];
  if (!mark) return false;
  if (mark !== "response") throw new MalformedStreamingHandler("Only response streaming is supported.");
  return true;
}
function streamingHandler(handler, invocations) {
  const highWaterMark = handler[HIGH_WATER_MARK];
  return (head, text) => {
    const { requestId } = head;
    const answer2 = head.inParts ? new PartedAnswer(requestId, invocations) : new CollectedAnswer(requestId, invocations);
    const stream = new ResponseStream({ highWaterMark, answer: answer2 });
    invocations.begin(head);
    run(handler, text, stream, invocations.context(head)).then(
      () => answer2.end(),
      (error) => invocations.fail(requestId, error)
    );
  };
}
async function run(handler, text, stream, context) {
  const finished = new Promise((resolve2, reject) => {
    stream.once("finish", resolve2);
    stream.once("error", reject);
    stream.once("close", () => reject(new Error("Response stream is not finished.")));
  });
  finished.catch(() => {
  });
  const result = handler(JSON.parse(text), stream, context);
  if (typeof result?.then !== "function") throw new Error("Streaming does not support non-async handlers.");
  await result;
  await finished;
}
var ResponseStream = class extends import_node_stream2.Writable {
  #answer;
  #contentType = "application/octet-stream";
  #prelude;
  #isBegun = false;
  constructor({ highWaterMark, answer: answer2 }) {
    super({ highWaterMark });
    this.#answer = answer2;
  }
  setContentType(contentType) {
    if (this.#isBegun) throw new InvalidStreamingOperation("Cannot set content-type, too late.");
    this.#contentType = contentType;
  }
  /** Puts `prelude` before what will be written first. */
  begin(prelude) {
    this.#prelude = prelude;
  }
  write(chunk, ...rest) {
    const isPlain = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(isPlain ? chunk : JSON.stringify(chunk), ...rest);
  }
  _write(chunk, _encoding, done) {
    this.#start();
    const prelude = this.#prelude;
    this.#prelude = void 0;
    this.#answer.part(prelude ? Buffer.concat([prelude, chunk]) : chunk, done);
  }
  /** A response that is nothing but its prelude is one too. */
  _final(done) {
    this.#start();
    if (this.#prelude) this.#answer.part(this.#prelude, done);
    else done();
  }
  #start() {
    if (!this.#isBegun) this.#answer.begin(this.#contentType);
    this.#isBegun = true;
  }
};
var PartedAnswer = class {
  #requestId;
  #invocations;
  constructor(requestId, invocations) {
    this.#requestId = requestId;
    this.#invocations = invocations;
  }
  begin(contentType) {
    this.#invocations.beginResponse(this.#requestId, contentType);
  }
  part(bytes, done) {
    this.#invocations.respondPart(this.#requestId, bytes, done);
  }
  end() {
    this.#invocations.respond(this.#requestId, "");
  }
};
var CollectedAnswer = class {
  #requestId;
  #invocations;
  /** What was written, until it is more than an answer may have. */
  #chunks = [];
  #bytes = 0;
  constructor(requestId, invocations) {
    this.#requestId = requestId;
    this.#invocations = invocations;
  }
  begin() {
  }
  part(bytes, done) {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#invocations.answerBytesMax) this.#chunks = [];
    else this.#chunks.push(bytes);
    done();
  }
  end() {
    if (this.#bytes > this.#invocations.answerBytesMax)
      this.#invocations.respondOversize(this.#requestId, this.#bytes);
    else this.#invocations.respond(this.#requestId, Buffer.concat(this.#chunks));
  }
};

// packages/runtimes/node/index.mjs
var EXIT_REJECTION = 128;
var EXIT_EXCEPTION = 129;
var NOTHING = "data:text/javascript,";
void main();
async function main() {
  process.mainModule = void 0;
  const isAhead = process.env.LAMBENT_AHEAD !== void 0;
  const wish = process.env.LAMBENT_COMPILED;
  await handOverDoorways();
  if (isAhead) {
    await import(NOTHING);
    awaitAssignment();
  }
  const handOverCompiled = keepCompiled(wish);
  let take;
  const channel = openChannel((head, payload) => take(head, payload));
  const logs = openLogs(channel, {
    isJson: process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON",
    level: process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase(),
    noRequestId: HAS_CALLBACKS ? void 0 : "-"
  });
  const invocations = new Invocations(channel, logs);
  process.on("exit", logs.flush);
  process.on("uncaughtException", (error) => {
    invocations.end("Uncaught Exception", error);
    process.exit(EXIT_EXCEPTION);
  });
  process.on("unhandledRejection", (reason, promise) => {
    invocations.end("Unhandled Promise Rejection", new UnhandledPromiseRejection(reason, promise));
    process.exit(EXIT_REJECTION);
  });
  try {
    take = await prepare(invocations);
  } catch (error) {
    invocations.end(HAS_CALLBACKS ? "Uncaught Exception" : "Init Error", error);
    process.exit(EXIT_EXCEPTION);
  }
  setImmediate(() => {
    handOverCompiled(channel);
    channel.next();
  });
}
async function prepare(invocations) {
  const { AWS_LAMBDA_EXEC_WRAPPER, LAMBDA_TASK_ROOT, _HANDLER } = process.env;
  if (AWS_LAMBDA_EXEC_WRAPPER)
    throw new ExecWrapperUnsupported("Lambent does not start a runtime through AWS_LAMBDA_EXEC_WRAPPER.");
  provideStreaming();
  const handler = await loadHandler(LAMBDA_TASK_ROOT, _HANDLER);
  if (isStreaming(handler)) return streamingHandler(handler, invocations);
  return HAS_CALLBACKS ? callbackHandler(handler, invocations) : returningHandler(handler, invocations);
}
