import path from 'node:path';
import type { Rule } from './rule.ts';
import type { SourceFile } from './source-tree.ts';

type Layer = 'cli' | 'services' | 'packages' | 'outside';

interface Manifest {
  readonly path: string;
  readonly name: string;
  readonly layer: Layer;
  readonly dependencies: readonly string[];
}

/** Which layers a layer may lean on: arrows point down, and a service never leans on a service. */
const ALLOWED: Readonly<Record<Layer, readonly Layer[]>> = {
  cli: ['services', 'packages'],
  services: ['packages'],
  packages: ['packages'],
  // Tests and the load test look at Lambent from outside, through its packages.
  outside: ['packages', 'services', 'cli'],
};

/** The dependency arrows, read from every package.json; tools for tests may be leant on by tests only. */
export const arrows: Rule = files => {
  const manifests = files.filter(file => path.basename(file.path) === 'package.json').map(readManifest);
  const layers = new Map(manifests.map(({ name, layer }) => [name, layer]));
  return manifests.flatMap(manifest =>
    manifest.dependencies.flatMap(dependency => {
      const layer = layers.get(dependency);
      if (layer === undefined || ALLOWED[manifest.layer].includes(layer)) return [];
      return [`${manifest.path}: ${manifest.layer} must not lean on ${layer} (${dependency})`];
    }),
  );
};

function readManifest(file: SourceFile): Manifest {
  const manifest = JSON.parse(file.text) as {
    readonly name?: string;
    readonly dependencies?: Record<string, string>;
    readonly devDependencies?: Record<string, string>;
  };
  return {
    path: file.path,
    name: manifest.name ?? '',
    layer: layerOf(file.path),
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
  };
}

function layerOf(file: string): Layer {
  const [first] = file.split('/');
  return first === 'cli' || first === 'services' || first === 'packages' ? first : 'outside';
}
