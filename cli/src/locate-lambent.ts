import { resolve } from 'node:path';
import { EXIT_CODES, readEndpointFile } from '@lambent/daemon';
import { InvalidArgumentError, Option } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { type ClusterFile, readClusterFile } from './local-cluster/cluster-file.ts';

/** Beside whatever is being worked on, as `lambent up` without a directory makes it. */
export const DEFAULT_DATA_DIRECTORY = './.lambent';

export function dataOption(): Option {
  return new Option('--data <dir>', 'data directory')
    .env('LAMBENT_DATA')
    .argParser(directory)
    .default(DEFAULT_DATA_DIRECTORY);
}

/** An empty one would be the current directory: what a script with a misspelt variable asks for. */
function directory(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It is the path of a directory.');
}

type Which = 'url' | 'adminUrl';

/** Which Lambent a command talks to: the address it was given, or the one running on the data directory. */
export async function locateLambent(
  options: { readonly data: string; readonly given?: string | undefined },
  which: Which,
): Promise<string> {
  if (options.given !== undefined) return checkedUrl(options.given);
  const directory = resolve(options.data);
  const [endpoint, cluster] = await Promise.all([readEndpointFile(directory), readClusterFile(directory)]);
  const address = (endpoint && cluster && livingGateway(cluster, which)) ?? endpoint?.[which];
  if (address !== undefined) return address;
  if (endpoint)
    throw new CommandFailure(
      `${options.data} is that of a ${endpoint.role}: say where the gateway is`,
      EXIT_CODES.usage,
    );
  const command = cluster ? 'npx lambent cluster' : 'npx lambent up';
  throw new CommandFailure(
    `no Lambent runs on ${options.data}: start one with \`${command}\`, or say where it is`,
    EXIT_CODES.unavailable,
  );
}

/** Any gateway of a cluster does; one that has ended has no process in the cluster's file. */
function livingGateway({ members }: ClusterFile, which: Which): string | undefined {
  const gateway = members.find(({ role, pid }) => role === 'gateway' && pid !== undefined);
  return which === 'url' ? gateway?.api : gateway?.admin;
}

/** What a failed connection means to the person who typed the command; anything else is handed on as it is. */
export function explainConnection(error: unknown, url: string): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  return new CommandFailure(`nobody answers at ${url} (${code})`, EXIT_CODES.unavailable, { cause: error });
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
]);

/** `fetch` hides the socket's error in `cause`, and a name with several addresses in `errors`. */
function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && CONNECTION_CODES.has(String(error.code))) return String(error.code);
  if (error instanceof AggregateError) return error.errors.map(errorCode).find(code => code !== undefined);
  return errorCode(error.cause);
}

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text.replace(/\/$/, '');
  throw new CommandFailure(`${JSON.stringify(text)} is not an http:// address`, EXIT_CODES.usage);
}
