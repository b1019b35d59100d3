import type { CommandContext } from '../command-line.ts';
import type { Settings } from '../settings.ts';
import { openEvents } from '../wiring/events.ts';
import { connectBroker } from './broker.ts';
import { openClusterRouter } from './cluster-router.ts';
import type { Serve } from './member.ts';
import { runMember } from './run-member.ts';

export function runEvents(context: CommandContext): Promise<number> {
  const drainTimeoutMs = ({ worker }: Settings) => worker.drainTimeoutMs;
  return runMember({ role: 'events', serve, drainTimeoutMs }, context);
}

const serve: Serve = async (stack, member) => {
  const { windowMax: queueMax, startWaitMs: queueWaitMs } = member.settings.events;
  const broker = await connectBroker(stack, member);
  const bus = stack.use(await broker.bus());
  const invoker = await openClusterRouter(stack, member, { queueMax, queueWaitMs });
  await openEvents(stack, { ...member, bus, invoker });
  return {};
};
