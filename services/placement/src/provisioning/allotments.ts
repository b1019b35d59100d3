import type { EnvironmentSpec } from '@lambent/contracts';
import type { Crew } from '../crew.ts';
import type { Fleet } from '../fleet.ts';
import type { Member } from '../member.ts';
import type { ProvisionedHoldings } from './provisioned-holdings.ts';
import { type Holder, spread } from './spread.ts';

export interface AllotmentsOptions {
  readonly fleet: Pick<Fleet, 'members'>;
  /** The workers whose sessions are renewed, whoever hears them. */
  readonly view: { readonly living: ReadonlySet<string> };
  readonly crew: Pick<Crew, 'send'>;
  readonly holdings: ProvisionedHoldings;
}

/** The workers as one round of allotting finds them; memory is counted down as it is given out. */
export interface Round {
  readonly members: readonly Member[];
  readonly memoryMbFree: Map<string, number>;
}

/**
 * How many provisioned environments of each version every worker was told to hold. A worker that is not heard here, and
 * lives, keeps what it was told: it holds it still, or will tell.
 */
export class Allotments {
  readonly #options: AllotmentsOptions;
  /** By limit, then by worker. */
  readonly #told = new Map<string, ReadonlyMap<string, number>>();

  constructor(options: AllotmentsOptions) {
    this.#options = options;
  }

  round(): Round {
    const members = this.#options.fleet.members();
    return { members, memoryMbFree: new Map(members.map(one => [one.workerId, one.memoryMbFree])) };
  }

  /** Tells who holds too many or too few of `count`, again and again until they do. */
  allot(
    limitId: string,
    { spec, count }: { readonly spec: EnvironmentSpec; readonly count: number },
    round: Round,
  ): void {
    const { crew, holdings } = this.#options;
    const before = this.#told.get(limitId);
    const holders = this.#holders(limitId, spec, round);
    const ready = holders.reduce(
      (sum, { workerId }) => sum + (holdings.of(workerId, limitId)?.ready ?? 0),
      0,
    );
    const toldBefore = holders.reduce((sum, { told }) => sum + told, 0);
    const counts = spread(Math.min(count, Math.max(toldBefore, ready + AT_ONCE_MAX)), holders);
    this.#told.set(limitId, new Map([...counts].filter(([, share]) => share > 0)));
    for (const { workerId, held } of holders) {
      const share = counts.get(workerId) ?? 0;
      const freeMb = round.memoryMbFree.get(workerId) ?? 0;
      round.memoryMbFree.set(workerId, freeMb - Math.max(0, share - held) * spec.memoryMb);
      const has = holdings.of(workerId, limitId)?.ready ?? 0;
      if (share !== has || share !== (before?.get(workerId) ?? 0))
        crew.send(workerId, { case: 'provision', value: { spec, count: share } });
    }
  }

  /** Those of all other limits are for others to tell, or for nobody. */
  keep(wanted: ReadonlySet<string>): void {
    for (const limitId of this.#told.keys()) if (!wanted.has(limitId)) this.#told.delete(limitId);
  }

  #holders(limitId: string, spec: EnvironmentSpec, { members, memoryMbFree }: Round): Holder[] {
    const { view, holdings } = this.#options;
    const told = this.#told.get(limitId);
    const heard = new Set<string>();
    const holders: Holder[] = [];
    for (const { workerId, standing, runtimes } of members) {
      if (standing === 'silent') continue;
      heard.add(workerId);
      const holding = holdings.of(workerId, limitId);
      // A replica that has just begun takes what it finds for what was told.
      const own = told ? (told.get(workerId) ?? 0) : (holding?.ready ?? 0);
      if (standing === 'cut-off') holders.push(asToldOnly(workerId, own));
      if (standing !== 'ready' || !runtimes.has(spec.runtime)) continue;
      const held = (holding?.ready ?? 0) + (holding?.starting ?? 0);
      const room = Math.floor(Math.max(0, memoryMbFree.get(workerId) ?? 0) / Math.max(1, spec.memoryMb));
      holders.push({ workerId, told: own, held, room });
    }
    for (const [workerId, own] of told ?? [])
      if (!heard.has(workerId) && view.living.has(workerId)) holders.push(asToldOnly(workerId, own));
    return holders;
  }
}

function asToldOnly(workerId: string, told: number): Holder {
  return { workerId, told, held: told, room: 0 };
}

/** How many of a version come up at once, looked at every second: AWS's 6,000 a minute. */
const AT_ONCE_MAX = 100;
