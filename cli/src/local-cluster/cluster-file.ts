import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from '@lambent/membership';

/** What `lambent cluster` leaves in its data directory for itself, for `lambent status` and for scripts. */
export interface ClusterFile {
  readonly name: string;
  /** Not there when nobody keeps the cluster. */
  readonly supervisorPid?: number;
  /** Of etcd and of NATS each. */
  readonly replicas: number;
  /** Where the parts listen. */
  readonly host: string;
  readonly tls: boolean;
  /** The directory of a client's certificate, where there are certificates. */
  readonly operator?: string;
  readonly engines: readonly EnginePart[];
  readonly members: readonly MemberPart[];
}

interface Part {
  readonly id: string;
  readonly data: string;
  /** Of the process to signal; there from when it serves until it ends. */
  readonly pid?: number;
}

export interface EnginePart extends Part {
  readonly kind: 'etcd' | 'nats';
  readonly url: string;
  /** Where the others of its kind reach it. */
  readonly peerPort: number;
  /** Of NATS, while it runs. */
  readonly monitorUrl?: string;
}

export interface MemberPart extends Part {
  readonly role: Role;
  readonly admin: string;
  readonly api?: string;
  readonly grpc?: string;
  /** `host:port` of its link. */
  readonly address?: string;
}

/** What of a part changes with each of its lives. */
export interface PartLife {
  readonly pid: number;
  readonly monitorUrl?: string;
}

const NAME = 'cluster.json';

/** Undefined when there is none, or none that is whole. */
export async function readClusterFile(directory: string): Promise<ClusterFile | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, NAME), 'utf8')) as ClusterFile;
  } catch {
    // A file that is not there and one that is no such file mean the same: no cluster was made here.
    return undefined;
  }
}

/** The file, kept current while it is open: it is there whole at any time, each time as it was at one moment. */
export class OpenClusterFile implements AsyncDisposable {
  readonly #path: string;
  readonly #plan: Omit<ClusterFile, 'supervisorPid'>;
  readonly #lives = new Map<string, PartLife>();
  #supervised = true;
  #written: Promise<void>;

  private constructor(directory: string, plan: Omit<ClusterFile, 'supervisorPid'>) {
    this.#path = join(directory, NAME);
    this.#plan = plan;
    this.#written = this.#write();
  }

  static async open(directory: string, plan: Omit<ClusterFile, 'supervisorPid'>): Promise<OpenClusterFile> {
    const file = new OpenClusterFile(directory, plan);
    await file.#written;
    return file;
  }

  /** Of NATS servers that run: where they tell of themselves. */
  get monitorUrls(): readonly string[] {
    return [...this.#lives.values()].flatMap(({ monitorUrl }) => monitorUrl ?? []);
  }

  /** A part serves, or, without a life, has ended. */
  note(id: string, life: PartLife | undefined): Promise<void> {
    if (life) this.#lives.set(id, life);
    else this.#lives.delete(id);
    return this.#rewrite();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#supervised = false;
    this.#lives.clear();
    await this.#rewrite();
  }

  /** One after the other: a later state never comes before an earlier one. */
  #rewrite(): Promise<void> {
    this.#written = this.#written.then(() => this.#write());
    return this.#written;
  }

  async #write(): Promise<void> {
    const { engines, members, ...rest } = this.#plan;
    const living = <P extends Part>(part: P) => ({ ...part, ...this.#lives.get(part.id) });
    const file: ClusterFile = {
      ...rest,
      ...(this.#supervised && { supervisorPid: process.pid }),
      engines: engines.map(living),
      members: members.map(living),
    };
    const draft = `${this.#path}.${process.pid}`;
    await writeFile(draft, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
    await rename(draft, this.#path);
  }
}
