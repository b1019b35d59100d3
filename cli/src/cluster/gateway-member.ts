import { openGateway } from '@lambent/gateway';
import type { CommandContext } from '../command-line.ts';
import { fromListenError } from '../listen-failure.ts';
import type { Settings } from '../settings.ts';
import { openAsyncQueues } from '../wiring/async-queues.ts';
import { connectBroker } from './broker.ts';
import { openClusterRouter } from './cluster-router.ts';
import { FleetRuntimes } from './fleet-runtimes.ts';
import type { Serve } from './member.ts';
import { runMember } from './run-member.ts';

export function runGateway(context: CommandContext): Promise<number> {
  const drainTimeoutMs = ({ gateway }: Settings) => gateway.readinessLingerMs + gateway.gatewayDrainTimeoutMs;
  return runMember({ role: 'gateway', serve, drainTimeoutMs }, context);
}

const serve: Serve = async (stack, member) => {
  const { gateway: config } = member.settings;
  const broker = await connectBroker(stack, member);
  const [bus, blobs, logs] = [
    stack.use(await broker.bus()),
    await broker.blobs(),
    stack.use(await broker.logs()),
  ];
  const router = await openClusterRouter(stack, member, config);
  const runtimes = stack.use(await FleetRuntimes.open(member));
  const gateway = stack.use(
    await openGateway({
      ...member,
      blobs,
      logs,
      asyncQueues: await openAsyncQueues({ ...member, bus }),
      invoker: router,
      config,
      quotas: member.settings.quotas,
      natsBus: bus,
      ...(member.tls && { grpcTls: member.tls }),
      runtimeAvailable: identifier => runtimes.have(identifier),
      prepare: spec => router.prepare(spec),
      retire: functionId => router.retire(functionId),
    }).catch(error => Promise.reject(fromListenError(error, config))),
  );
  return { urls: { api: gateway.url, grpc: `grpc://${gateway.grpcAddress}` } };
};
