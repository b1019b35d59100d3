import type { NatsConnection } from '@lambent/nats';
import type { QueueStatus } from './cluster-status.ts';

/** What waits in the cluster's queues, asked of the broker itself, whoever of the members runs. */
export async function readQueues(connection: NatsConnection): Promise<readonly QueueStatus[]> {
  const { manager } = connection;
  const prefix = connection.streamName('queue-');
  const queues: QueueStatus[] = [];
  for await (const { config } of manager.streams.list(connection.subject('queue', '>'))) {
    const { state, ts } = await manager.streams.info(config.name);
    const consumers = await manager.consumers.list(config.name).next();
    queues.push({
      name: config.name.startsWith(prefix) ? config.name.slice(prefix.length) : config.name,
      messages: state.messages,
      inFlight: consumers.reduce((sum, { num_ack_pending }) => sum + num_ack_pending, 0),
      // The broker's own time: clocks of machines differ.
      oldestAgeMs: state.messages === 0 ? 0 : Math.max(0, Date.parse(ts ?? '') - Date.parse(state.first_ts)),
    });
  }
  return queues.sort((one, other) => (one.name < other.name ? -1 : 1));
}
