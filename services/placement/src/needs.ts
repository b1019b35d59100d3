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
import { POOL_LIMIT_ID } from '@lambent/membership';
import type { ClusterView } from './cluster-view.ts';
import type { Crew } from './crew.ts';
import type { Demand } from './demand.ts';
import type { Fleet } from './fleet.ts';
import type { GrantAdvice } from './grant-advice.ts';
import type { Hearing } from './hearing.ts';
import { advise } from './policy.ts';
import type { Start } from './spread.ts';

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
    const limitId = request.limitId || POOL_LIMIT_ID;
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
        return answered(NeedVerdict.STARTING, advice.already + this.#start(request, limitId, advice.starts));
      case 'wait':
        grants.takeBack(limitId, advice.giveBack);
        return answered(NeedVerdict.NO_ROOM, advice.already);
      case 'limit':
        return answered(
          grants.isUsedUp(limitId, { waiting: request.waiting, waitedMs })
            ? NeedVerdict.LIMIT
            : NeedVerdict.NO_ROOM,
          advice.already,
        );
      case 'no-room':
        return answered(NeedVerdict.NO_ROOM, advice.already);
      case 'no-worker':
        return answered(NeedVerdict.NO_WORKER);
      case 'no-runtime':
        return answered(hearing.isComplete ? NeedVerdict.NO_RUNTIME : NeedVerdict.NO_WORKER);
    }
  }

  /** Tells the workers; gives back how many environments that is. */
  #start({ spec, traceparent }: NeedRequest, limitId: string, starts: readonly Start[]): number {
    if (!spec) return 0;
    const { crew, fleet, grants, logger, asked } = this.#options;
    let sum = 0;
    for (const { workerId, count } of starts) {
      crew.send(workerId, { case: 'start', value: { spec, count, traceparent } });
      fleet.debit(workerId, spec, { count, limitId });
      grants.startsAt(workerId, limitId);
      logger.debug({ workerId, functionName: spec.functionName, count }, 'start advised');
      sum += count;
    }
    if (sum > 0) asked(sum);
    return sum;
  }
}

function answered(verdict: NeedVerdict, starting = 0): NeedResponse {
  return create(NeedResponseSchema, { verdict, starting });
}
