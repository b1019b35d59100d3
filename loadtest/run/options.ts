import { parseArgs } from 'node:util';
import { ANY_ROLE } from '../load/deployed-functions.ts';
import type { Addresses } from '../load/installation.ts';
import { Refusal } from './refusal.ts';

export const HELP = `npm run loadtest -- SCENARIO [options]

SCENARIO is a name in loadtest/scenarios, or the path of a JSON file. Without --endpoint the installation that it asks
for is started for the run and ends with it.

  --endpoint URL        an AWS API that is there: of Lambent, or AWS's own. Elsewhere than on this machine, calls are
                        signed with the credentials and the region that AWS's own clients would use
  --grpc HOST:PORT      where the same is reached over gRPC
  --nats URL            where the same is reached over NATS
  --cluster NAME        the cluster's name, which NATS subjects begin with (default: lambent)
  --certificates DIR    ca.pem, cert.pem and key.pem to show over gRPC and NATS
  --deploy              create the scenario's functions at the endpoint, and delete them at the end
  --role ARN            their role, which AWS needs and Lambent does not ask for
  --duration SECONDS    how long each phase lasts, instead of what the scenario says
  --blocks N            how many blocks, likewise
  --out DIR             where report.json and report.html go (default: a new folder in loadtest/reports)
  --list                what scenarios there are
  --help

It ends with 0, with 1 where a bound of the scenario is broken, with 2 where it cannot begin, and with 130 after Ctrl-C,
with the report of what was measured until then.
`;

export interface Options {
  readonly command: 'run' | 'list' | 'help';
  readonly scenario: string;
  readonly addresses: Addresses | undefined;
  readonly deployRole: string | undefined;
  readonly durationSeconds: number | undefined;
  readonly blocks: number | undefined;
  readonly out: string | undefined;
}

/** Reads the command line; refuses what it does not know, and what contradicts itself. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const { endpoint, grpc, nats, cluster: clusterName, certificates, deploy, role } = values;
  const [scenario = '', ...more] = positionals;
  const command = values.help ? 'help' : values.list ? 'list' : 'run';
  if (command === 'run' && scenario === '') throw new Refusal('which scenario? --list says what there is');
  if (more.length > 0) throw new Refusal(`one scenario at a time, and not ${more.join(' ')} as well`);
  const stray = Object.entries({ grpc, nats, cluster: clusterName, certificates, deploy, role }).find(
    ([, given]) => given !== undefined,
  );
  if (endpoint === undefined && stray) throw new Refusal(`--${stray[0]} goes with --endpoint`);
  if (role !== undefined && !deploy) throw new Refusal('--role goes with --deploy');
  return {
    ...{ command, scenario, out: values.out },
    addresses:
      endpoint === undefined
        ? undefined
        : { origin: originOf(endpoint), grpc, nats, clusterName, certificates },
    deployRole: deploy ? (role ?? ANY_ROLE) : undefined,
    durationSeconds: positive('duration', values.duration),
    blocks: positive('blocks', values.blocks),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        endpoint: { type: 'string' },
        grpc: { type: 'string' },
        nats: { type: 'string' },
        cluster: { type: 'string' },
        certificates: { type: 'string' },
        deploy: { type: 'boolean' },
        role: { type: 'string' },
        duration: { type: 'string' },
        blocks: { type: 'string' },
        out: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new Refusal((cause as Error).message, { cause });
  }
}

function originOf(endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin;
  throw new Refusal(`--endpoint is a URL that begins with http:// or https://, and not ${endpoint}`);
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && (name === 'duration' || Number.isInteger(value))) return value;
  throw new Refusal(`--${name} is a number above 0, and not ${text}`);
}
