import type { EnvironmentSpec } from '@lambent/contracts';
import type { Logger } from '@lambent/daemon';
import { readVersionSpec } from '@lambent/functions';
import type { Registry } from '@lambent/registry';
import type { ProvisionedPart } from './provisioned-part.ts';

/** The configurations of the versions that are provisioned, read when first asked for: published ones never change. */
export class VersionSpecs {
  readonly #registry: Registry;
  readonly #logger: Logger;
  /** By limit; bounded by what is provisioned. */
  readonly #specs = new Map<string, EnvironmentSpec>();
  readonly #reading = new Set<string>();

  constructor(options: { readonly registry: Registry; readonly logger: Logger }) {
    this.#registry = options.registry;
    this.#logger = options.logger;
  }

  /** Undefined: it is being read, or cannot be; whoever asks again finds out. */
  of(part: ProvisionedPart): EnvironmentSpec | undefined {
    const spec = this.#specs.get(part.limitId);
    if (!spec) void this.#read(part);
    return spec;
  }

  /** Of all others nothing need be known any more. */
  keep(wanted: ReadonlySet<string>): void {
    for (const limitId of this.#specs.keys()) if (!wanted.has(limitId)) this.#specs.delete(limitId);
  }

  async #read({ limitId, record, version }: ProvisionedPart): Promise<void> {
    if (this.#reading.has(limitId) || this.#reading.size >= READS_MAX) return;
    this.#reading.add(limitId);
    try {
      const spec = await readVersionSpec(this.#registry, { ...record, version });
      if (spec) this.#specs.set(limitId, spec);
    } catch (err) {
      this.#logger.warn({ err, functionName: record.functionName, version }, 'version not read');
    } finally {
      this.#reading.delete(limitId);
    }
  }
}

/** A replica that starts reads those of all it answers for: no flood on the registry, and done in moments. */
const READS_MAX = 16;
