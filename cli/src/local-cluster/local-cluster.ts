import { join } from 'node:path';
import type { Clock } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { type EnginePrograms, provideEngines } from '@lambent/engines';
import type { CommandFailure } from '../command-failure.ts';
import { PROJECT } from '../project.ts';
import type { Settings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import { ClusterCertificates } from './cluster-certificates.ts';
import { type EnginePart, type MemberPart, OpenClusterFile, readClusterFile } from './cluster-file.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { type ClusterPlan, planCluster } from './cluster-plan.ts';
import { drainBoundMs } from './drain-bounds.ts';
import { startEngine } from './engine-part.ts';
import { writeJoinFile } from './join-file.ts';
import { KeptPart } from './kept-part.ts';
import { startMember } from './member-process.ts';
import { memberSettings } from './member-settings.ts';

export interface LocalClusterOptions extends ClusterOptions {
  /** There, locked, and nobody else's. */
  readonly dataDirectory: string;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly terminal: Terminal;
  /** Aborted when the cluster is wanted no more. */
  readonly closing: AbortSignal;
  /** A part will not do: the cluster should end. */
  failed(error: CommandFailure): void;
}

/** In this order they start; they stop in the opposite one: who takes work in goes first, what keeps it last. */
const ROLES = ['placement', 'worker', 'events', 'gateway'] as const;

/** Starts every part of a cluster on this machine, and keeps it. Disposing the stack stops them in order. */
export async function openLocalCluster(
  stack: AsyncDisposableStack,
  options: LocalClusterOptions,
): Promise<ClusterPlan> {
  const { dataDirectory, settings, env, terminal, tls, closing } = options;
  const name = settings.cluster.cluster;
  const plan = await planCluster({ ...options, name }, await readClusterFile(dataDirectory));
  const toolsDirectory = join(PROJECT, '.cache');
  const programs = await provideEngines({ toolsDirectory, env, tell: line => terminal.say(line) });
  const certificates = tls ? await ClusterCertificates.provide(dataDirectory, plan, options) : undefined;
  if (certificates)
    await writeJoinFile(join(dataDirectory, 'join.json'), plan, certificates.joining, options);
  const file = stack.use(await OpenClusterFile.open(dataDirectory, plan));
  const parts = new Parts({ ...options, plan, programs, certificates, file });
  await keepAll(stack, plan.engines, engine => parts.keepEngine(engine), closing);
  const started = ROLES.map(role => {
    const members = plan.members.filter(member => member.role === role);
    return keepAll(stack, members, member => parts.keepMember(member), closing);
  });
  await Promise.all(started);
  return plan;
}

/** Some parts that start, and later stop, at the same time. Resolves when all serve. */
async function keepAll<Part>(
  stack: AsyncDisposableStack,
  parts: readonly Part[],
  keep: (part: Part) => KeptPart,
  closing: AbortSignal,
): Promise<void> {
  const kept = parts.map(keep);
  stack.defer(async () => {
    await Promise.all(kept.map(part => part[Symbol.asyncDispose]()));
  });
  const closed = Promise.withResolvers<never>();
  const onClosing = () => closed.reject(closing.reason);
  if (closing.aborted) onClosing();
  closing.addEventListener('abort', onClosing, { once: true });
  await Promise.race([Promise.all(kept.map(part => part.served)), closed.promise]).finally(() =>
    closing.removeEventListener('abort', onClosing),
  );
}

interface PartsOptions extends LocalClusterOptions {
  readonly plan: ClusterPlan;
  readonly programs: EnginePrograms;
  readonly certificates: ClusterCertificates | undefined;
  readonly file: OpenClusterFile;
}

/** How each part is started and kept. */
class Parts {
  readonly #options: PartsOptions;

  constructor(options: PartsOptions) {
    this.#options = options;
  }

  keepEngine(part: EnginePart): KeptPart {
    const { certificates } = this.#options;
    const tls = certificates?.filesOf(part.id);
    return this.#keep(part.id, () => startEngine(part, { ...this.#options, tls }));
  }

  keepMember(part: MemberPart): KeptPart {
    const { certificates, settings, file, dev } = this.#options;
    const tls = certificates?.directoryOf(part.id);
    const drainTimeoutMs = drainBoundMs(part.role, settings);
    const args = part.role === 'worker' && dev ? ['--dev'] : [];
    return this.#keep(part.id, stopping => {
      const [monitorUrl] = file.monitorUrls;
      const env = memberSettings(part, { ...this.#options, tls, monitorUrl });
      return startMember({ ...this.#options, part, env, args, drainTimeoutMs }, stopping);
    });
  }

  #keep(id: string, start: ConstructorParameters<typeof KeptPart>[0]['start']): KeptPart {
    const { file, logger } = this.#options;
    const changed = (life: Parameters<OpenClusterFile['note']>[1]) =>
      void file.note(id, life).catch(err => logger.error({ err }, 'cluster file not written'));
    return new KeptPart({ ...this.#options, id, start, changed });
  }
}
