import { readdir } from 'node:fs/promises';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { ClusterProcess, type LambentProcess, startLambent } from '@lambent/testing';

/** What conformance is asked of: `lambent up`, or a cluster, each request at the next of its gateways. */
export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  /** The process below which everything runs. */
  readonly pid: number;
  readonly dataDirectory: string;
  readonly clientEnvironment: Readonly<Record<string, string>>;
  client(): LambdaClient;
  /** What is stored of functions' code, in words that change when that does. */
  storedCode(): Promise<readonly string[]>;
}

/** The data directory of the cluster that all test files share; without it each has a `lambent up` of its own. */
const SHARED_CLUSTER = process.env['LAMBENT_TEST_CLUSTER'];

export async function openTarget(): Promise<Target> {
  if (SHARED_CLUSTER === undefined) return embedded(await startLambent());
  return clustered(await ClusterProcess.attach(SHARED_CLUSTER));
}

function embedded(lambent: LambentProcess): Target {
  return Object.assign(lambent, {
    /** Every package, by its path in the data directory. */
    async storedCode() {
      const files = await readdir(lambent.dataDirectory, { recursive: true });
      return files.filter(file => file.startsWith('blobs/') && /\/[0-9a-f]{64}$/.test(file)).sort();
    },
  });
}

function clustered(cluster: ClusterProcess): Target {
  return Object.assign(cluster, {
    /** How much the stream of packages holds. */
    async storedCode() {
      const { monitorUrl } = await cluster.part('nats-1');
      const response = await fetch(new URL('/jsz?streams=true', monitorUrl));
      const { account_details: accounts } = (await response.json()) as Streams;
      return accounts
        .flatMap(({ stream_detail: streams }) => streams)
        .filter(({ name }) => name.endsWith('-blobs'))
        .map(({ name, state }) => `${name} ${state.messages} ${state.bytes}`);
    },
  });
}

interface Streams {
  readonly account_details: readonly {
    readonly stream_detail: readonly {
      readonly name: string;
      readonly state: { readonly messages: number; readonly bytes: number };
    }[];
  }[];
}
