import { createLogger, runLifecycle, writeEndpointFile } from '@lambent/daemon';
import { DirectoryLock } from '@lambent/worker/keeper';
import type { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../command-line.ts';
import { openDataDirectory } from '../data-directory.ts';
import { readSettings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import { VERSION } from '../version.ts';
import type { ClusterOptions } from './cluster-options.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { clusterDrainBoundMs } from './drain-bounds.ts';
import { openLocalCluster } from './local-cluster.ts';

/** Of six engines and the most members that the options allow. */
const PARTS_MAX = 128;

/** The process that `lambent cluster` is: it starts the others, keeps them, and they end with it. */
export async function runCluster(options: ClusterOptions, context: CommandContext): Promise<number> {
  const { clock, env, terminal } = context;
  const settings = readSettings(env);
  const dataDirectory = await openDataDirectory(options.data);
  using _lock = DirectoryLock.take(dataDirectory);
  const logger = createLogger({ level: options.logLevel, service: 'cluster' });
  // Every part listens for the end of this process, to end with it.
  process.setMaxListeners(PARTS_MAX);
  const failure = Promise.withResolvers<never>();
  // What fails while it starts is told by the start.
  failure.promise.catch(() => undefined);
  const failed = (error: CommandFailure) => failure.reject(error);
  return await runLifecycle({
    logger,
    clock,
    drainTimeoutMs: clusterDrainBoundMs(settings),
    async open(stack, closing) {
      terminal.say(`Lambent ${VERSION}: starting a cluster in ${dataDirectory} …`);
      const shared = { ...options, dataDirectory, settings, env, clock, logger, terminal, closing, failed };
      const plan = await openLocalCluster(stack, shared);
      stack.use(await writeEndpointFile(dataDirectory, endpointOf(plan)));
      tell(plan, options.data, terminal);
    },
    until: () => failure.promise,
  });
}

/** So that `lambent invoke` and `lambent logs` find the cluster as they find `lambent up`. */
function endpointOf({ members }: ClusterPlan) {
  const gateway = members.find(({ role }) => role === 'gateway');
  return {
    ...(gateway?.api !== undefined && { url: gateway.api }),
    ...(gateway?.grpc !== undefined && { grpcUrl: gateway.grpc }),
    adminUrl: gateway?.admin ?? '',
    pid: process.pid,
    version: VERSION,
  };
}

function tell(plan: ClusterPlan, data: string, terminal: Terminal): void {
  const { engines, members } = plan;
  const apis = members.flatMap(({ api }) => api ?? []);
  const counted = (name: string, count: number) => `${count} ${name}`;
  const roles = ['gateway', 'placement', 'worker', 'events'] as const;
  const shape = [
    ...(['etcd', 'nats'] as const).map(kind =>
      counted(kind, engines.filter(engine => engine.kind === kind).length),
    ),
    ...roles.map(role => counted(role, members.filter(member => member.role === role).length)),
  ];
  terminal.say(`${shape.join(', ')}${plan.tls ? ', certificates between all of them' : ''}`);
  terminal.say(`  export AWS_ENDPOINT_URL=${apis[0]}`);
  terminal.say(
    '  export AWS_ACCESS_KEY_ID=lambent AWS_SECRET_ACCESS_KEY=lambent AWS_DEFAULT_REGION=us-east-1',
  );
  for (const line of clientLines(plan)) terminal.say(line);
  terminal.say(`  npx lambent status --data ${data}`);
  terminal.result(`listening on ${apis.join(' and ')}`);
}

/** For clients of the doors that AWS's clients do not know. */
function clientLines({ engines, members, operator }: ClusterPlan): string[] {
  const grpc = members.flatMap(member => member.grpc ?? []);
  const nats = engines.flatMap(({ kind, url }) => (kind === 'nats' ? url : []));
  return [
    ...(grpc.length > 0 ? [`  to invoke over gRPC: ${grpc.join(' or ')}`] : []),
    `  to invoke over NATS: ${nats.join(' or ')}`,
    ...(operator === undefined ? [] : [`  with the certificate in ${operator}`]),
  ];
}
