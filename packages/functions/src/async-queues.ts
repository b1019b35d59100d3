import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { Bus, Queue, QueueDepth } from '@lambent/bus';
import { type AsyncInvocation, encodeAsyncInvocation } from './async-invocation.ts';

/** The first partition has the name that the one queue had before there were several: what waits in it is run. */
const FIRST_QUEUE = 'async-invocations';

/** Longer than events leaves a message it works on unextended; a crashed one's messages come again after it. */
export const ASYNC_REDELIVER_AFTER_MS = 60_000;

export interface AsyncQueuesOptions {
  readonly partitions: number;
  /** Of all partitions together, rounded up to as many in each. */
  readonly maxMessages: number;
}

/**
 * All asynchronous invocations, in partitions: a function's stay in one, so that many of one function are in the
 * way of a part of the others at most. Every gateway and every replica of events opens the same ones; whoever
 * pulls shares them with all that do.
 */
export class AsyncQueues {
  readonly queues: readonly Queue[];

  private constructor(queues: readonly Queue[]) {
    this.queues = queues;
  }

  static async open(bus: Bus, { partitions, maxMessages }: AsyncQueuesOptions): Promise<AsyncQueues> {
    assert(partitions >= 1, 'there is at least one partition');
    const options = {
      maxMessages: Math.ceil(maxMessages / partitions),
      redeliverAfterMs: ASYNC_REDELIVER_AFTER_MS,
    };
    const open = (_: unknown, partition: number) => bus.openQueue(queueName(partition), options);
    return new AsyncQueues(await Promise.all(Array.from({ length: partitions }, open)));
  }

  /** The same in every process and every release: what it says is where messages lie. */
  partitionOf(functionId: string): number {
    return hash('sha256', functionId, 'buffer').readUInt32BE() % this.queues.length;
  }

  /** Resolves when it is durable. `queue-full` when its partition is. */
  async enqueue(invocation: AsyncInvocation): Promise<void> {
    const queue = this.queues[this.partitionOf(invocation.functionId)];
    assert(queue);
    await queue.enqueue(encodeAsyncInvocation(invocation));
  }

  /** Of all partitions together; the age is that of the oldest. */
  async depth(): Promise<QueueDepth> {
    const depths = await Promise.all(this.queues.map(queue => queue.depth()));
    return depths.reduce((sum, depth) => ({
      messages: sum.messages + depth.messages,
      inFlight: sum.inFlight + depth.inFlight,
      oldestAgeMs: Math.max(sum.oldestAgeMs, depth.oldestAgeMs),
    }));
  }
}

function queueName(partition: number): string {
  return partition === 0 ? FIRST_QUEUE : `${FIRST_QUEUE}-${partition}`;
}
