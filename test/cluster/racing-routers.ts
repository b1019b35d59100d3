/**
 * A process of many routers that race for one function: each invokes again as soon as it was answered. Says `ready`
 * when all of them know the fleet, and on SIGTERM how their invocations ended, as JSON.
 */
import { readMaterial } from '@lambent/certificates';
import { InvocationKind } from '@lambent/contracts';
import { isFailure, SystemClock, SystemRandom, sleep } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { FunctionCatalog } from '@lambent/functions';
import { GrpcLink } from '@lambent/link';
import { watchLimits, watchMembers } from '@lambent/membership';
import { EtcdRegistry } from '@lambent/registry';
import { Placements, Router, watchFleet } from '@lambent/router';
import type { Race } from './router-races.ts';

/** Whoever was refused comes again so soon that every free slot is raced for. */
const REFUSED_PAUSE_MS = 20;
const QUEUE_WAIT_MS = 20_000;

const race: Race = JSON.parse(process.argv[2] ?? '');
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
const [clock, random] = [new SystemClock(), new SystemRandom()];
const counts: Record<string, number> = {};

await using stack = new AsyncDisposableStack();
const logger = createLogger({ level: 'error', service: race.name });
const tls = await readMaterial(race.tls, { clock });
const registry = stack.use(
  await EtcdRegistry.open({ endpoints: race.etcd, namespace: 'lambent', tls, clock, random, logger }),
);
const link = stack.use(new GrpcLink({ tls, clock, random, logger }));
const catalog = stack.use(
  await FunctionCatalog.open({
    registry,
    clock,
    random,
    accountId: '000000000000',
    region: 'us-east-1',
    onWatchBroken: () => undefined,
  }),
);
const placements = new Placements({ clock });
const routers = Array.from({ length: race.routers }, (_, index) =>
  stack.use(
    new Router({
      routerId: `${race.name}-${index}`,
      link,
      placements,
      clock,
      random,
      queueMax: 10,
      queueWaitMs: QUEUE_WAIT_MS,
    }),
  ),
);
const watched = { registry, clock, random };
stack.use(
  await watchMembers({
    ...watched,
    role: 'placement',
    changed: members => placements.set(members.flatMap(({ address }) => address ?? [])),
  }),
);
stack.use(
  await watchFleet({
    ...watched,
    changed: fleet => {
      for (const router of routers) router.setFleet(fleet);
    },
  }),
);
stack.use(
  await watchLimits({
    ...watched,
    changed: limits => {
      for (const router of routers) router.setLimits(limits);
    },
  }),
);
process.stdout.write('ready\n');
const lanes = routers.flatMap(router => Array.from({ length: race.calls }, () => router));
await Promise.all(lanes.map(run));
process.stdout.write(`${JSON.stringify(counts)}\n`);

async function run(router: Router, index: number): Promise<void> {
  for (let number = 0; !stopping.signal.aborted; number += 1) {
    const outcome = await invoke(router, `${race.name}/${index}/${number}`);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    if (outcome !== 'ok') await sleep(clock, REFUSED_PAUSE_MS);
  }
}

async function invoke(router: Router, key: string): Promise<string> {
  try {
    const found = await catalog.resolve({ name: race.functionName });
    if (found.kind !== 'found') return found.kind;
    const { outcome } = await router.invoke({
      requestId: random.uuid(),
      spec: found.spec,
      payload: Buffer.from(JSON.stringify({ key, holdMs: race.holdMs })),
      invokedArn: found.spec.functionArn,
      kind: InvocationKind.SYNC,
      attempt: 1,
      logTail: false,
    });
    return outcome.kind;
  } catch (error) {
    if (isFailure(error)) return error.reason;
    throw error;
  }
}
