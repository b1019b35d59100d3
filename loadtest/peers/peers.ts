import path from 'node:path';
import type { PeerInstallation } from './provide-peers.ts';

/** Something else that runs functions, and how it is started with the one that gives its event back. */
export interface Peer {
  readonly name: string;
  /** What lies between the start of its process and its first answer: no two are the same thing. */
  readonly coldStart: string;
  /** The path that a call of the function is sent to. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What carries the event, where that is not the body as it is. */
  readonly wrap?: (event: Uint8Array) => Uint8Array;
  /** How many calls may overlap; as many as there are callers when left out. */
  readonly overlapMax?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Of how many ports it listens on; it is called on the first. */
  readonly ports: number;
  command(installation: PeerInstallation, ports: readonly number[]): readonly string[];
}

const JSON_CONTENT = { 'content-type': 'application/json' };

const RUNTIME_INTERFACE_EMULATOR: Peer = {
  name: 'runtime-interface-emulator',
  coldStart: "emulator, then AWS's runtime client for Node.js, started by the first call",
  path: '/2015-03-31/functions/function/invocations',
  // It ends with a panic when a second call comes while one is under way.
  overlapMax: 1,
  env: { LAMBDA_TASK_ROOT: '.' },
  ports: 2,
  command: ({ directory, emulator }, [port, runtimePort]) => [
    emulator,
    ...['--runtime-interface-emulator-address', `127.0.0.1:${port}`],
    ...['--runtime-api-address', `127.0.0.1:${runtimePort}`],
    ...['--log-level', 'error'],
    ...[process.execPath, packageFile(directory, 'aws-lambda-ric/index.mjs'), 'function.handler'],
  ],
};

const SERVERLESS_OFFLINE: Peer = {
  name: 'serverless-offline',
  coldStart: 'Serverless Framework, its plug-in, then a worker thread, started by the first call',
  path: '/2015-03-31/functions/peer-dev-echo/invocations',
  env: { SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' },
  ports: 3,
  command: ({ directory }, [port, httpPort, balancerPort]) => [
    process.execPath,
    ...[packageFile(directory, 'serverless/bin/serverless.js'), 'offline', 'start', '--host', '127.0.0.1'],
    ...['--lambdaPort', `${port}`, '--httpPort', `${httpPort}`, '--albPort', `${balancerPort}`],
  ],
};

const FUNCTIONS_FRAMEWORK: Peer = {
  name: 'functions-framework',
  coldStart: 'one Node.js process with an Express server and the function in it',
  path: '/',
  headers: JSON_CONTENT,
  ports: 1,
  command: ({ directory }, [port]) => [
    ...[process.execPath, '--require', './on-loopback.js'],
    packageFile(directory, '@google-cloud/functions-framework/build/src/main.js'),
    ...['--source=http-function.js', '--target=handler', `--port=${port}`],
  ],
};

const LAMBDA_LOCAL: Peer = {
  name: 'lambda-local',
  coldStart: 'one Node.js process with the function in it',
  path: '/',
  wrap: event => Buffer.from(`{"event":${Buffer.from(event)}}`),
  ports: 1,
  command: ({ directory }, [port]) => [
    ...[process.execPath, '--require', './on-loopback.js'],
    packageFile(directory, 'lambda-local/build/cli.js'),
    ...['--lambda-path', 'function.js', '--watch', `${port}`, '--verboselevel', '0'],
  ],
};

const WORKERD: Peer = {
  name: 'workerd',
  coldStart: 'one process that is a server and runs the function in a V8 isolate, without Node.js',
  path: '/',
  ports: 1,
  command: ({ workerd }, [port]) => [
    workerd,
    ...['serve', 'workerd.capnp', '--socket-addr', `http=127.0.0.1:${port}`],
  ],
};

/** All five; a report has every one of them. */
export const PEERS: readonly Peer[] = [
  RUNTIME_INTERFACE_EMULATOR,
  SERVERLESS_OFFLINE,
  FUNCTIONS_FRAMEWORK,
  LAMBDA_LOCAL,
  WORKERD,
];

function packageFile(directory: string, file: string): string {
  return path.join(directory, 'node_modules', file);
}
