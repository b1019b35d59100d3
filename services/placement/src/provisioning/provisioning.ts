import type { WorkerReport } from '@lambent/contracts';
import type { Clock, Random, Timer } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { decodeProvisioned, PROVISIONED_PREFIX, type ProvisionedRecord } from '@lambent/membership';
import { type Entry, RecordWatch, type Registry } from '@lambent/registry';
import type { ClusterView } from '../cluster-view.ts';
import type { Crew } from '../crew.ts';
import type { Fleet } from '../fleet.ts';
import type { Hearing } from '../hearing.ts';
import { Allotments, type Round } from './allotments.ts';
import { giveUpPrevious } from './give-up-previous.ts';
import { ProvisionedHoldings } from './provisioned-holdings.ts';
import { type ProvisionedPart, partsOf } from './provisioned-part.ts';
import { standingOf } from './standing.ts';
import { Standings } from './standings.ts';
import { VersionSpecs } from './version-specs.ts';

export interface ProvisioningOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly fleet: Fleet;
  readonly view: ClusterView;
  readonly crew: Crew;
  readonly hearing: Hearing;
}

/**
 * Provisioned concurrency: spreads what owners asked for over the workers, and writes down what became of it. Once a
 * second each replica looks at the functions it answers for; what it says to workers is absolute, and repeated until
 * they report as much. Nothing but that is kept: another replica takes what it finds for what was told.
 */
export class Provisioning implements AsyncDisposable {
  readonly #options: ProvisioningOptions;
  readonly #holdings = new ProvisionedHoldings();
  readonly #allotments: Allotments;
  readonly #specs: VersionSpecs;
  readonly #moving = new Set<string>();
  readonly #writes = new Set<Promise<void>>();
  readonly #watches = new AsyncDisposableStack();
  #requests: RecordWatch<Request> | undefined;
  #standings: Standings | undefined;
  #next: Timer | undefined;

  constructor(options: ProvisioningOptions) {
    this.#options = options;
    this.#allotments = new Allotments({ ...options, holdings: this.#holdings });
    this.#specs = new VersionSpecs(options);
  }

  /** Rejects with `registry-unavailable`. */
  async begin(): Promise<void> {
    this.#standings = this.#watches.use(await Standings.open(this.#options));
    const watch = {
      ...this.#options,
      prefix: PROVISIONED_PREFIX,
      decode,
      changed: () => this.#lookAfter(SOON_MS),
    };
    this.#requests = this.#watches.use(await RecordWatch.open<Request>(watch));
    this.#lookAfter(EVERY_MS);
  }

  reported(report: WorkerReport): void {
    this.#holdings.reported(report);
  }

  left(workerId: string): void {
    this.#holdings.left(workerId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watches.disposeAsync();
    this.#next?.cancel();
    await Promise.all(this.#writes);
  }

  #lookAfter(delayMs: number): void {
    this.#next?.cancel();
    this.#next = this.#options.clock.setTimer(delayMs, () => {
      this.#lookAfter(EVERY_MS);
      this.#look();
    });
  }

  #look(): void {
    const { hearing, view } = this.#options;
    // What is not heard yet would be started once more elsewhere.
    if (hearing.isPoor || (hearing.isNew && !hearing.isComplete)) return;
    const requests = [...(this.#requests?.records.values() ?? [])];
    const own = requests.filter(({ record }) => view.answersFor(record.functionId));
    const parts = own.flatMap(({ record }) => partsOf(record));
    const limitIds = new Set(parts.map(({ limitId }) => limitId));
    this.#allotments.keep(limitIds);
    this.#specs.keep(limitIds);
    this.#endOthers(limitIds);
    const round = this.#allotments.round();
    for (const part of parts) this.#allot(part, round);
    for (const request of own) this.#say(request, round);
  }

  /** The division may give less than was asked for, as long as others have not let go. */
  #allot(part: ProvisionedPart, round: Round): void {
    const spec = this.#specs.of(part);
    if (!spec) return;
    const slots = this.#options.view.limit(part.limitId).slots ?? 0;
    this.#allotments.allot(part.limitId, { spec, count: Math.min(part.record.requested, slots) }, round);
  }

  /** Whoever still holds what nobody asks for any more. */
  #endOthers(wanted: ReadonlySet<string>): void {
    const { view, crew } = this.#options;
    for (const { workerId, limitId, holding } of this.#holdings.all()) {
      if (wanted.has(limitId) || !view.answersFor(holding.key.functionId)) continue;
      crew.send(workerId, { case: 'provision', value: { spec: { key: holding.key }, count: 0 } });
    }
  }

  #say({ record, revision }: Request, { members }: Round): void {
    const [part] = partsOf(record);
    const held = { ready: 0, failure: '' };
    for (const { workerId, standing } of members) {
      const holding = part && this.#holdings.of(workerId, part.limitId);
      if (!holding || standing === 'draining' || standing === 'silent') continue;
      held.ready += holding.ready;
      held.failure ||= holding.failure;
    }
    const standing = standingOf(record, held);
    if (this.#standings) this.#write(this.#standings.say(record, revision, standing));
    if (standing.status === 'READY' && record.previousVersion !== undefined)
      this.#write(this.#finishMove(record));
  }

  #write(work: Promise<void>): void {
    const write = work.finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  async #finishMove(record: ProvisionedRecord): Promise<void> {
    const { logger } = this.#options;
    const { requestId, functionName, version } = record;
    if (this.#moving.has(requestId)) return;
    this.#moving.add(requestId);
    try {
      await giveUpPrevious(this.#options, record);
      logger.info({ functionName, version }, 'provisioned concurrency moved to another version');
    } catch (err) {
      logger.warn({ err, functionName }, 'the version before still holds its provisioned concurrency');
    } finally {
      this.#moving.delete(requestId);
    }
  }
}

interface Request {
  readonly record: ProvisionedRecord;
  readonly revision: number;
}

function decode(entry: Entry): Request | undefined {
  const record = decodeProvisioned(entry);
  return record && { record, revision: entry.modRevision };
}

const EVERY_MS = 1_000;
/** After a change: together with what comes with it. */
const SOON_MS = 50;
