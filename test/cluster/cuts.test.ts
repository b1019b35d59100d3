/** Ways between the processes of a cluster are cut under a steady load: both directions, and each by itself. */
import type { ClusterStage } from './cluster-stage.ts';
import { faultSuite, type StagedFault } from './fault-suite.ts';
import { elapsed } from './fault-trial.ts';

/** Longer than five heartbeats and than a session. */
const CUT_MS = 6_000;

type Way = readonly [from: string, to: string];

const LINKS: readonly Way[] = [
  ['gateway-1', 'worker-1'],
  ['worker-1', 'etcd-1'],
  ['worker-1', 'placement-1'],
  ['gateway-1', 'nats-1'],
  ['events-1', 'worker-1'],
];

function cutOf(link: Way, ways: readonly Way[]): StagedFault {
  const [one, other] = link;
  const told = ways.map(([from, to]) => `${from} to ${to}`).join(' and ');
  return {
    title: `cut from ${told} for ${CUT_MS} ms, only calls on that way fail`,
    name: ways.length === 2 ? `cut-${one}-${other}` : `cut-from-${ways[0]?.[0]}-to-${ways[0]?.[1]}`,
    hit: { link: [one, other] },
    strike: stage => cut(stage, ways),
  };
}

async function cut(stage: ClusterStage, ways: readonly Way[]): Promise<void> {
  const { network } = stage.foundation;
  for (const [from, to] of ways) await network.cut(stage.host(from), stage.host(to));
  await elapsed(CUT_MS);
  for (const [from, to] of ways) await network.mend(stage.host(from), stage.host(to));
}

const CUTS = LINKS.flatMap(([one, other]) => {
  const [there, back]: readonly [Way, Way] = [
    [one, other],
    [other, one],
  ];
  return [cutOf(there, [there, back]), cutOf(there, [there]), cutOf(there, [back])];
});

faultSuite('cut off under a steady load', CUTS);
