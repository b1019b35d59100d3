import { tiedToThisProcess } from '@lambent/engines';
import type { Registry } from '@lambent/registry';
import { startCluster, zipOf } from '@lambent/testing';
import { startFloor } from '../floors/start-floor.ts';
import { ApiTarget, type ApiTargetOptions } from '../load/api-target.ts';
import { ANY_ROLE, DeployedFunctions } from '../load/deployed-functions.ts';
import type { Target } from '../load/target.ts';
import { median, ratioOf } from '../report/ratio.ts';
import { openClusterEngines } from './cluster-engines.ts';
import type { Bench, Figures, Finding } from './figure.ts';
import { CONNECTIONS, load } from './interleaved.ts';

/** How often functions are created, changed and read in a second, beside what has to be written and sent for it. */
export const control = { name: 'control', measure: measureControl } as const;

const CALLERS = 8;
const FUNCTIONS = '/2015-03-31/functions';
/** Changed in turn: one is not asked for its next change before it has made its last. */
const CHANGED = 256;
/** What a function's record has. */
const RECORD = Buffer.alloc(1_500, 'r');

async function measureControl(bench: Bench): Promise<Figures> {
  const { clock } = bench;
  await using cluster = await startCluster({ enter: tiedToThisProcess() });
  await using engines = await openClusterEngines(cluster, clock);
  const { registry, blobs } = engines;
  const names = Array.from({ length: CHANGED }, (_, index) => `bench-changed-${index}`);
  const plan = { runtime: 'nodejs24.x', memoryMb: 256, timeoutSeconds: 30 } as const;
  await using _functions = await DeployedFunctions.deploy(
    cluster.client(0),
    names.map(name => ({ ...plan, name })),
  );
  const open = (name: string, call: ApiTargetOptions['call']) =>
    new ApiTarget({ ...CONNECTIONS, name, origin: cluster.urls[0] ?? '', call });
  const created: string[] = [];
  let turn = 0;
  await using create = open('create', async send => {
    const name = `bench-created-${turn++}`;
    const ZipFile = Buffer.from(await uniqueZip(name)).toString('base64');
    const settings = { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ANY_ROLE };
    const body = JSON.stringify({ FunctionName: name, ...settings, Code: { ZipFile } });
    await send({ method: 'POST', path: FUNCTIONS, body });
    created.push(name);
  });
  await using update = open('update', async send => {
    const name = names.shift() ?? '';
    const body = JSON.stringify({ Description: `turn ${turn++}` });
    await send({ method: 'PUT', path: `${FUNCTIONS}/${name}/configuration`, body });
    names.push(name);
  });
  await using get = open('get', async send => {
    await send({ method: 'GET', path: `${FUNCTIONS}/${names[turn++ % names.length]}/configuration` });
  });
  await using putThree = floor('two puts and an object', async () => {
    const name = `bench-put-${turn++}`;
    await put(registry, name);
    await put(registry, `${name}/more`);
    await blobs.put(await uniqueZip(name));
  });
  await using putOne = floor('a put', () => put(registry, `bench-put-${turn++ % CHANGED}`));
  await using echo = await startFloor('http-echo', CONNECTIONS);
  const rates = new Map<string, number[]>();
  for (let block = 0; block <= bench.blocks; block++) {
    for (const target of [create, putThree, update, putOne, get, echo]) {
      bench.progress(`control: block ${block}/${bench.blocks}, ${target.name}`);
      const { throughput } = await load(target, { callers: CALLERS, block, bench });
      if (block > 0) rates.set(target.name, [...(rates.get(target.name) ?? []), throughput]);
    }
    for (const name of created.splice(0))
      await create.send({ method: 'DELETE', path: `${FUNCTIONS}/${name}` });
  }
  const finding = (about: string, [above, below]: readonly [Target, Target], atLeast: number): Finding => ({
    about,
    goal: { atLeast },
    ratio: ratioOf(rates.get(above.name) ?? [], rates.get(below.name) ?? []),
  });
  return {
    tables: [
      {
        title: `per second, ${CALLERS} callers, on a cluster`,
        columns: ['per s'],
        rows: [...rates].map(([name, values]) => [name, median(values)] as const),
      },
    ],
    findings: [
      finding('CreateFunction ÷ two etcd puts and an object put', [create, putThree], 0.5),
      finding('UpdateFunctionConfiguration ÷ an etcd put', [update, putOne], 0.3),
      finding('GetFunctionConfiguration ÷ HTTP echo', [get, echo], 0.5),
    ],
  };
}

/** As large as small functions are, and like no other, so that nothing is stored twice. */
function uniqueZip(name: string): Promise<Uint8Array> {
  return zipOf({ 'index.mjs': `export const handler = async event => event; // ${name}\n` });
}

async function put(registry: Registry, key: string): Promise<void> {
  const { kind } = await registry.transact({ compare: [], write: [{ kind: 'put', key, value: RECORD }] });
  if (kind !== 'committed') throw new Error(kind);
}

function floor(name: string, work: () => Promise<void>): Target {
  return {
    name,
    async call() {
      return work().then(
        () => ({ kind: 'ok', cold: false }) as const,
        (error: Error) => ({ kind: 'error', error: error.message }) as const,
      );
    },
    async [Symbol.asyncDispose]() {},
  };
}
