import { create } from '@bufbuild/protobuf';
import {
  type EnlistRequest,
  type EnlistResponse,
  EnlistResponseSchema,
  environmentKeyText,
  type NeedRequest,
  type NeedResponse,
  NeedResponseSchema,
  NeedVerdict,
  Revisions,
} from '@lambent/contracts';
import type { Clock, Random } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import type { Link, Stream, StreamEvents } from '@lambent/link';
import { Demand } from './demand.ts';
import { Fleet } from './fleet.ts';
import { type Advice, advise } from './policy.ts';

export interface PlacementOptions {
  readonly address: string;
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Advises where environments start. It holds nothing that a restart could lose: workers report again, routers ask
 * again, and a worker checks every command against what it really has.
 */
export class Placement implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #fleet = new Fleet();
  readonly #demand: Demand;
  readonly #revisions = new Revisions();
  readonly #workers = new Map<string, Stream<EnlistResponse>>();
  #door: AsyncDisposable | undefined;

  private constructor(options: PlacementOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#logger = options.logger.child({ component: 'placement' });
    this.#demand = new Demand({ clock: this.#clock });
  }

  static async open(options: PlacementOptions): Promise<Placement> {
    const placement = new Placement(options);
    placement.#door = await options.link.servePlacement(options.address, {
      need: async request => placement.#need(request),
      enlist: stream => placement.#enlist(stream),
    });
    return placement;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#door?.[Symbol.asyncDispose]();
    this.#door = undefined;
  }

  #need(request: NeedRequest): NeedResponse {
    const { spec, traceparent } = request;
    if (!spec?.key) return create(NeedResponseSchema, { detail: 'the need names no environment' });
    if (this.#revisions.observe(spec.key) === 'stale')
      return create(NeedResponseSchema, { verdict: NeedVerdict.STALE });
    const waiting = this.#demand.state(environmentKeyText(spec.key), request.routerId, request.waiting);
    const advice = advise(this.#fleet.members(), { spec, waiting }, this.#random);
    if (advice.kind === 'start') {
      for (const { workerId, count } of advice.starts) {
        this.#workers
          .get(workerId)
          ?.send(
            create(EnlistResponseSchema, { message: { case: 'start', value: { spec, count, traceparent } } }),
          );
        this.#fleet.debit(workerId, spec, count);
        this.#logger.debug({ workerId, functionName: spec.functionName, count }, 'start advised');
      }
    }
    return create(NeedResponseSchema, answerOf(advice));
  }

  #enlist(stream: Stream<EnlistResponse>): StreamEvents<EnlistRequest> {
    let workerId: string | undefined;
    return {
      message: ({ message }) => {
        if (message.case !== 'report') return;
        const report = message.value;
        workerId = report.workerId;
        this.#workers.set(workerId, stream);
        this.#fleet.report(report);
      },
      closed: () => {
        // A worker that has already come back on a new stream stays.
        if (workerId === undefined || this.#workers.get(workerId) !== stream) return;
        this.#workers.delete(workerId);
        this.#fleet.leave(workerId);
        this.#logger.info({ workerId }, 'worker left');
      },
    };
  }
}

function answerOf(advice: Advice): { verdict: NeedVerdict; starting: number } {
  switch (advice.kind) {
    case 'start': {
      const asked = advice.starts.reduce((sum, start) => sum + start.count, 0);
      return { verdict: NeedVerdict.STARTING, starting: advice.already + asked };
    }
    case 'limit':
      return { verdict: NeedVerdict.LIMIT, starting: advice.already };
    case 'no-room':
      return { verdict: NeedVerdict.NO_ROOM, starting: advice.already };
    case 'no-worker':
      return { verdict: NeedVerdict.NO_WORKER, starting: 0 };
    case 'no-runtime':
      return { verdict: NeedVerdict.NO_RUNTIME, starting: 0 };
  }
}
