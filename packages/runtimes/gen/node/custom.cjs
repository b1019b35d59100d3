"use strict";

// packages/runtimes/node/custom.mjs
var import_node_fs3 = require("node:fs");
var import_node_http = require("node:http");

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

// packages/runtimes/node/doorways.mjs
var import_node_net = require("node:net");
async function handOverDoorways() {
  const doorways = process.env.LAMBENT_DOORWAYS ?? "";
  for (const name of Object.keys(process.env)) if (name.startsWith("LAMBENT_")) delete process.env[name];
  delete process.env.NODE_CHANNEL_FD;
  if (!process.channel) return;
  for (const doorway of doorways.split(",").filter(Boolean)) {
    const [name, port] = doorway.split(":");
    await handOver(name, Number(port));
  }
  process.disconnect();
}
async function handOver(name, port) {
  const server = (0, import_node_net.createServer)();
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve, reject) => {
    process.send(name, server, (error) => error ? reject(error) : resolve());
  });
  server.close();
}

// packages/runtimes/node/executable.mjs
var import_node_fs2 = require("node:fs");
var START_BYTES = 256;
var INTERPRETERS_MAX = 5;
var PATH_BYTES_MAX = 4096;
function findRefusal(path, depth = 0) {
  try {
    (0, import_node_fs2.accessSync)(path, import_node_fs2.constants.X_OK);
    const interpreter = withFile(path, findInterpreter);
    return interpreter === void 0 ? void 0 : findInterpreterRefusal(interpreter, depth + 1);
  } catch (error) {
    if (error instanceof FormatError) return "exec format error";
    return error.code === "EACCES" ? "permission denied" : error.message;
  }
}
function findInterpreterRefusal(interpreter, depth) {
  if (depth > INTERPRETERS_MAX) return "too many levels of interpreters";
  try {
    (0, import_node_fs2.accessSync)(interpreter);
  } catch (error) {
    if (error.code !== "ENOENT") return `interpreter ${interpreter}: ${error.message}`;
    const shown = interpreter.replace(
      /\r$/,
      "\\r (the first line ends in a carriage return: save the file with LF line ends)"
    );
    return `interpreter not found: ${shown}`;
  }
  const refusal = findRefusal(interpreter, depth);
  return refusal && `interpreter ${interpreter}: ${refusal}`;
}
var FormatError = class extends Error {
};
function findInterpreter(file) {
  const start = readAt(file, 0, START_BYTES);
  if (start.toString("latin1", 0, 2) === "#!") return interpreterOfScript(start);
  if (start.toString("latin1", 0, 4) === "ELF") return interpreterOfProgram(file, start);
  throw new FormatError();
}
function interpreterOfScript(start) {
  const interpreter = /^#![ \t]*([^ \t\n\0]+)/.exec(start)?.[1];
  if (interpreter === void 0) throw new FormatError();
  return interpreter;
}
var ELF_MACHINES = { x64: 62, arm64: 183 };
var ELF = { machine: 18, tableOffset: 32, entryBytes: 54, entryCount: 56 };
var ENTRY = { type: 0, offset: 8, bytes: 32, length: 56 };
var ENTRY_OF_INTERPRETER = 3;
function interpreterOfProgram(file, start) {
  if (start.readUInt16LE(ELF.machine) !== ELF_MACHINES[process.arch]) throw new FormatError();
  const tableOffset = Number(start.readBigUInt64LE(ELF.tableOffset));
  const entryBytes = start.readUInt16LE(ELF.entryBytes);
  for (let index = 0; index < start.readUInt16LE(ELF.entryCount); index += 1) {
    const entry = readAt(file, tableOffset + index * entryBytes, ENTRY.length);
    if (entry.readUInt32LE(ENTRY.type) !== ENTRY_OF_INTERPRETER) continue;
    const bytes = Number(entry.readBigUInt64LE(ENTRY.bytes));
    if (bytes > PATH_BYTES_MAX) throw new FormatError();
    return readAt(file, Number(entry.readBigUInt64LE(ENTRY.offset)), bytes).toString("utf8", 0, bytes - 1);
  }
  return void 0;
}
function withFile(path, use) {
  const file = (0, import_node_fs2.openSync)(path);
  try {
    return use(file);
  } finally {
    (0, import_node_fs2.closeSync)(file);
  }
}
function readAt(file, offset, bytes) {
  const buffer = Buffer.alloc(bytes);
  (0, import_node_fs2.readSync)(file, buffer, 0, bytes, offset);
  return buffer;
}

// packages/runtimes/node/custom.mjs
void main();
async function main() {
  const isAhead = process.env.LAMBENT_AHEAD !== void 0;
  await handOverDoorways();
  if (isAhead) awaitAssignment();
  const bootstraps = [`${process.env.LAMBDA_TASK_ROOT}/bootstrap`, "/opt/bootstrap"];
  const bootstrap = bootstraps.find(isThere);
  const problem = bootstrap ? findProblem(bootstrap) : `Couldn't find valid bootstrap(s): [${bootstraps.join(" ")}]`;
  if (problem === void 0) process.execve(bootstrap, [bootstrap], process.env);
  await reportInitError({ errorType: "Runtime.InvalidEntrypoint", errorMessage: problem });
  process.exit(1);
}
function isThere(path) {
  try {
    (0, import_node_fs3.accessSync)(path);
    return true;
  } catch {
    return false;
  }
}
function findProblem(path) {
  const refusal = findRefusal(path);
  return refusal && `fork/exec ${path}: ${refusal}`;
}
function reportInitError(document) {
  return new Promise((resolve, reject) => {
    const post = (0, import_node_http.request)(
      `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/init/error`,
      {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Lambda-Runtime-Function-Error-Type": document.errorType
        }
      },
      (response) => response.resume().once("end", resolve)
    );
    post.once("error", reject);
    post.end(JSON.stringify(document));
  });
}
