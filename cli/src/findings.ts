import type { Confinement, Finding } from '@lambent/sandbox';

const LABELS: Readonly<Record<keyof Confinement, string>> = {
  namespaces: 'namespaces',
  seccomp: 'seccomp',
  cgroup: 'cgroup',
  ownUid: 'own uid',
  network: 'network',
  outbound: 'outbound',
  lateMounts: 'pools',
};

/** One row per kind of confinement: what it is, whether this machine has it, what was found. */
export function confinementRows(confinement: Confinement): string[][] {
  return entries(confinement).map(([name, finding]) => [
    LABELS[name],
    finding.held ? 'yes' : 'no',
    finding.detail,
  ]);
}

/** The commands that mend what is missing, each with what it is for. */
export function remedyRows(confinement: Confinement): string[][] {
  return entries(confinement).flatMap(([name, finding]) =>
    finding.held || finding.remedy === undefined ? [] : [[LABELS[name], finding.remedy]],
  );
}

function entries(confinement: Confinement): [keyof Confinement, Finding][] {
  return (Object.keys(LABELS) as (keyof Confinement)[]).map(name => [name, confinement[name]]);
}
