import type { Clock } from '@lambent/core';
import {
  type EngineProcess,
  type EnginePrograms,
  startEtcd,
  startNats,
  type TlsFiles,
} from '@lambent/engines';
import type { EnginePart } from './cluster-file.ts';
import { type ClusterPlan, portOf } from './cluster-plan.ts';
import type { RunningPart } from './running-part.ts';

export interface EnginePartOptions {
  readonly plan: ClusterPlan;
  readonly programs: EnginePrograms;
  readonly tls: TlsFiles | undefined;
  readonly clock: Clock;
}

/** Starts an engine with what keeps Lambent's promises; resolves once it answers, together with those of its kind. */
export async function startEngine(part: EnginePart, options: EnginePartOptions): Promise<RunningPart> {
  const { plan, programs, tls, clock } = options;
  const { host } = plan;
  const { id: name, data: directory } = part;
  const shared = { name, directory, host, clock, ...(tls && { tls }) };
  const port = portOf(part.url) ?? 0;
  const peers = plan.engines
    .filter(({ kind }) => kind === part.kind)
    .map(({ id, peerPort }) => ({ name: id, host, port: peerPort, peerPort }));
  const { peerPort } = part;
  if (part.kind === 'etcd')
    return running(
      await startEtcd({ ...shared, program: programs.etcd, clientPort: port, peerPort, cluster: peers }),
    );
  const nats = await startNats({
    ...shared,
    program: programs.natsServer,
    port,
    ...(peers.length > 1 && { cluster: { name: plan.name, port: peerPort, peers } }),
  });
  return running(nats, nats.monitorUrl);
}

function running(engine: EngineProcess, monitorUrl?: string): RunningPart {
  return {
    life: { pid: engine.pid, ...(monitorUrl !== undefined && { monitorUrl }) },
    ended: engine.exited,
    stop: () => engine.stop(),
  };
}
