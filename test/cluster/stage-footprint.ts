import { access } from 'node:fs/promises';
import type { Footprint } from '@lambent/testing';
import type { ClusterStage } from './cluster-stage.ts';
import { namespaceNames } from './private-network.ts';

/** What a whole stage occupies on this machine, by the kernel's account. */
export class StageFootprint {
  readonly #footprints: readonly Footprint[];
  readonly #directories: readonly string[];
  readonly #switchName: string;

  private constructor(footprints: readonly Footprint[], stage: ClusterStage) {
    this.#footprints = footprints;
    this.#directories = stage.members.map(({ dataDirectory }) => dataDirectory);
    this.#switchName = stage.foundation.network.switchName;
  }

  static async of(stage: ClusterStage): Promise<StageFootprint> {
    return new StageFootprint(await Promise.all(stage.members.map(member => member.footprint())), stage);
  }

  /** How many processes it covers. */
  get processes(): number {
    return this.#footprints.reduce((sum, { processes }) => sum + processes, 0);
  }

  /** What of it is still there, one line each. */
  async remaining(): Promise<readonly string[]> {
    const all = (await Promise.all(this.#footprints.map(footprint => footprint.remaining()))).flat();
    // Interfaces and packet filters of a worker are in its host's namespace and go with it; here they are others'.
    const left = all.filter(line => !/^(interface|packet filter) /.test(line));
    const networks = (await namespaceNames()).filter(name => name === this.#switchName);
    const directories: string[] = [];
    for (const directory of this.#directories)
      await access(directory).then(
        () => directories.push(directory),
        () => {},
      );
    return [
      ...left,
      ...networks.map(name => `namespace ${name}`),
      ...directories.map(each => `directory ${each}`),
    ];
  }
}
