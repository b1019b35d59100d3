import { create } from '@bufbuild/protobuf';
import {
  environmentKeyText,
  type NeedRequest,
  type NeedResponse,
  NeedResponseSchema,
  NeedVerdict,
  Revisions,
} from '@lambent/contracts';
import type { Clock, Random } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import type { ClusterView } from './cluster-view.ts';
import type { Crew } from './crew.ts';
import type { Demand } from './demand.ts';
import type { Fleet } from './fleet.ts';
import type { GrantAdvice, UsedUp } from './grant-advice.ts';
import type { Hearing } from './hearing.ts';
import { advise } from './policy.ts';
import type { ScalingRate } from './scaling-rate.ts';
import { type Start, startsOf, upTo } from './spread.ts';

export interface NeedsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly fleet: Fleet;
  readonly demand: Demand;
  readonly crew: Crew;
  readonly view: ClusterView;
  readonly grants: GrantAdvice;
  readonly hearing: Hearing;
  readonly rate: ScalingRate;
  /** So many environments were asked for. */
  readonly asked: (count: number) => void;
}

/** Answers routers: asks workers to start what is waited for, or says why nothing starts. */
export class Needs {
  readonly #options: NeedsOptions;
  readonly #revisions = new Revisions();

  constructor(options: NeedsOptions) {
    this.#options = options;
  }

  answer(request: NeedRequest): NeedResponse {
    const { fleet, demand, view, grants, hearing, random } = this.#options;
    const { spec, routerId, waitedMs } = request;
    if (!spec?.key) return create(NeedResponseSchema, { detail: 'the need names no environment' });
    if (this.#revisions.observe(spec.key) === 'stale') return answered(NeedVerdict.STALE);
    // Whoever has heard of a reservation is right: the other one's watch is behind.
    const { functionId } = spec.key;
    const limitId = request.limitId === functionId ? functionId : view.limitOf(functionId);
    grants.asked(limitId);
    const waiting = demand.state(environmentKeyText(spec.key), routerId, request.waiting);
    if (hearing.isPoor) {
      if (!request.regardless)
        return create(NeedResponseSchema, { verdict: NeedVerdict.BLIND, heard: hearing.heard });
      if (hearing.isNew) return answered(NeedVerdict.NO_ROOM);
    }
    const advice = advise(fleet.view(), { spec, waiting }, view.limit(limitId), random);
    switch (advice.kind) {
      case 'start':
        return this.#start(request, limitId, advice);
      case 'wait':
        grants.takeBack(limitId, advice.giveBack);
        return answered(NeedVerdict.NO_ROOM, advice.already);
      case 'limit':
        return pastLimit(grants.usedUp(limitId, { waiting: request.waiting, waitedMs }), advice.already);
      case 'no-room':
        return answered(NeedVerdict.NO_ROOM, advice.already);
      case 'no-worker':
        return answered(NeedVerdict.NO_WORKER);
      case 'no-runtime':
        return answered(hearing.isComplete ? NeedVerdict.NO_RUNTIME : NeedVerdict.NO_WORKER);
    }
  }

  /** As many as the function's rate allows; for the rest of this router's the answer is no. */
  #start(
    request: NeedRequest,
    limitId: string,
    { already, starts }: { readonly already: number; readonly starts: readonly Start[] },
  ): NeedResponse {
    const functionId = request.spec?.key?.functionId ?? '';
    const wanted = startsOf(starts);
    const allowed = wanted > 0 ? this.#options.rate.take(functionId, wanted) : 0;
    this.#tell(request, limitId, upTo(starts, allowed));
    if (allowed === wanted) return answered(NeedVerdict.STARTING, already + wanted);
    return answered(NeedVerdict.RATE, Math.max(0, request.waiting - (wanted - allowed)));
  }

  #tell({ spec, traceparent }: NeedRequest, limitId: string, starts: readonly Start[]): void {
    if (!spec || starts.length === 0) return;
    const { crew, fleet, grants, logger, asked } = this.#options;
    for (const { workerId, count } of starts) {
      crew.send(workerId, { case: 'start', value: { spec, count, traceparent } });
      fleet.debit(workerId, spec, { count, limitId });
      grants.startsAt(workerId, limitId);
      logger.debug({ workerId, functionName: spec.functionName, count }, 'start advised');
    }
    asked(startsOf(starts));
  }
}

/** Refuses all but those for whom something starts, for whom a slot may be free, and who is to prove it anew. */
function pastLimit({ proof, unused }: UsedUp, already: number): NeedResponse {
  if (proof === 'none') return answered(NeedVerdict.NO_ROOM, already);
  return answered(NeedVerdict.LIMIT, Math.max(already, unused, proof === 'old' ? 1 : 0));
}

function answered(verdict: NeedVerdict, starting = 0): NeedResponse {
  return create(NeedResponseSchema, { verdict, starting });
}
