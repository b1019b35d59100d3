import type { ClusterStage } from './cluster-stage.ts';
import type { Hit } from './fault-record.ts';
import { faultSuite, type StagedFault } from './fault-suite.ts';
import { elapsed } from './fault-trial.ts';

/** The one where most runs when the fault comes. */
export const WORKER = 'worker';

/** A way between two hosts of a stage, by name. */
export type Way = readonly [one: string, other: string];

/** Longer than five heartbeats and than a session. */
const CUT_MS = 6_000;

/** Each way is cut under a steady load: in both directions, and in each by itself. */
export function cutSuite(title: string, ways: readonly Way[]): void {
  faultSuite(title, ways.flatMap(cutsOf));
}

function cutsOf([one, other]: Way): readonly StagedFault[] {
  const oneWay = ([from, to]: Way): StagedFault => ({
    title: `what ${from} sends to ${to} is lost for ${CUT_MS} ms, and only calls on that way fail`,
    name: `cut-from-${from}-to-${to}`,
    strike: stage => cut(stage, [from, to], { back: false }),
  });
  return [
    {
      title: `${one} and ${other} are cut off from each other for ${CUT_MS} ms, and only calls on that way fail`,
      name: `cut-${one}-${other}`,
      strike: stage => cut(stage, [one, other], { back: true }),
    },
    oneWay([one, other]),
    oneWay([other, one]),
  ];
}

async function cut(stage: ClusterStage, way: Way, { back }: { readonly back: boolean }): Promise<Hit> {
  const { network } = stage.foundation;
  const { name } = stage.busiestWorker;
  const [one, other] = [way[0] === WORKER ? name : way[0], way[1] === WORKER ? name : way[1]];
  const [from, to] = [stage.host(one), stage.host(other)];
  await network.cut(from, to);
  if (back) await network.cut(to, from);
  await elapsed(CUT_MS);
  await network.mend(from, to);
  if (back) await network.mend(to, from);
  return { link: [one, other] };
}
