import { join } from 'node:path';
import {
  type Authority,
  certificateStanding,
  createAuthority,
  issue,
  type Role,
  readAuthority,
  readMaterial,
  writeAuthority,
  writeMaterial,
} from '@lambent/certificates';
import { type Clock, isFailure } from '@lambent/core';
import type { TlsFiles } from '@lambent/engines';
import type { ClusterPlan } from './cluster-plan.ts';

/** As long as a browser would take one for: renewed at the first start of its last week. */
const DAYS = 397;

/** The certificates of a local cluster, in `certificates/` below its data: made once, and again before they expire. */
export class ClusterCertificates {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async provide(
    dataDirectory: string,
    plan: ClusterPlan,
    { clock }: { readonly clock: Clock },
  ): Promise<ClusterCertificates> {
    const certificates = new ClusterCertificates(join(dataDirectory, 'certificates'));
    const authority = await certificates.#authority(plan.name, clock);
    const wanted: (readonly [Role, string])[] = [
      ...plan.engines.map(({ kind, id }) => [kind, id] as const),
      ...plan.members.map(({ role, id }) => [role, id] as const),
      ['client', 'operator'],
      ['worker', JOINING],
    ];
    for (const [role, id] of wanted)
      await certificates.#issue(authority, { role, id, host: plan.host, clock });
    return certificates;
  }

  /** The directory that holds a part's own. */
  directoryOf(id: string): string {
    return join(this.#directory, id);
  }

  /** The one for workers of other machines. */
  get joining(): string {
    return this.directoryOf(JOINING);
  }

  /** As engines want them. */
  filesOf(id: string): TlsFiles {
    const directory = this.directoryOf(id);
    return {
      ca: join(directory, 'ca.pem'),
      cert: join(directory, 'cert.pem'),
      key: join(directory, 'key.pem'),
    };
  }

  async #authority(name: string, clock: Clock): Promise<Authority> {
    const directory = this.directoryOf('authority');
    try {
      return await readAuthority(directory, { clock });
    } catch (error) {
      if (!isFailure(error, 'certificate-invalid')) throw error;
      // Refused where one is there that is of no use: its end is for its owner to decide.
      const authority = await createAuthority({ clock, name });
      await writeAuthority(directory, authority);
      return authority;
    }
  }

  async #issue(
    authority: Authority,
    options: { readonly role: Role; readonly id: string; readonly host: string; readonly clock: Clock },
  ): Promise<void> {
    const { role, id, host, clock } = options;
    const directory = this.directoryOf(id);
    const material = await readMaterial(directory, { clock }).catch(() => undefined);
    if (material?.ca === authority.ca && certificateStanding(material, clock).state === 'valid') return;
    await writeMaterial(directory, await issue(authority, { role, id, hosts: [host], days: DAYS, clock }));
  }
}

const JOINING = 'joining-worker';
