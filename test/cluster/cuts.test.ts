/** Ways between the processes of a cluster are cut under a steady load: both directions, and each by itself. */
import type { ClusterStage } from './cluster-stage.ts';
import type { Hit } from './fault-record.ts';
import { faultSuite, type StagedFault } from './fault-suite.ts';
import { elapsed } from './fault-trial.ts';

/** Longer than five heartbeats and than a session. */
const CUT_MS = 6_000;
/** The one where most runs when the fault comes. */
const WORKER = 'worker';

type Link = readonly [one: string, other: string];

const LINKS: readonly Link[] = [
  ['gateway-1', WORKER],
  [WORKER, 'etcd-1'],
  [WORKER, 'placement-1'],
  ['gateway-1', 'nats-1'],
  ['events-1', WORKER],
];

const CUTS: readonly StagedFault[] = LINKS.flatMap(([one, other]) => [
  {
    title: `${one} and ${other} are cut off from each other for ${CUT_MS} ms, and only calls on that way fail`,
    name: `cut-${one}-${other}`,
    strike: (stage: ClusterStage) => cut(stage, [one, other], { back: true }),
  },
  ...[[one, other] as const, [other, one] as const].map(([from, to]) => ({
    title: `what ${from} sends to ${to} is lost for ${CUT_MS} ms, and only calls on that way fail`,
    name: `cut-from-${from}-to-${to}`,
    strike: (stage: ClusterStage) => cut(stage, [from, to], { back: false }),
  })),
]);

async function cut(stage: ClusterStage, link: Link, { back }: { readonly back: boolean }): Promise<Hit> {
  const { network } = stage.foundation;
  const { name } = stage.busiestWorker;
  const [one, other] = [link[0] === WORKER ? name : link[0], link[1] === WORKER ? name : link[1]];
  const [from, to] = [stage.host(one), stage.host(other)];
  await network.cut(from, to);
  if (back) await network.cut(to, from);
  await elapsed(CUT_MS);
  await network.mend(from, to);
  if (back) await network.mend(to, from);
  return { link: [one, other] };
}

faultSuite('cut off under a steady load', CUTS);
