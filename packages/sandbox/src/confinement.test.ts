import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeConfinement, type Evidence, lacksOf } from './confinement.ts';
import { NAMESPACES } from './confinement-probe.ts';

const ALL: Evidence = {
  platform: 'linux',
  architecture: 'x64',
  asRoot: true,
  bubblewrap: 'bubblewrap 0.8.0',
  cgroups: { detail: 'v2: memory, cpu, pids', lacking: [] },
  observed: { ownNamespaces: NAMESPACES, userId: 50_001, seccomp: true },
  firstUserId: 50_000,
  failures: [],
  lateMountsFailure: undefined,
  outbound: { kind: 'laid', range: '100.64.0.0/16', nameservers: [] },
  install: name => `install ${name}`,
};
const NOTHING = { ownNamespaces: [], userId: 0, seccomp: false };
const described = (changes: Partial<Evidence>) => describeConfinement({ ...ALL, ...changes });

test('a machine that can do everything lacks nothing', () => {
  const confinement = described({});
  assert.ok(Object.values(confinement).every(({ held }) => held));
  assert.deepEqual(lacksOf(confinement), []);
});

test('bubblewrap that is not installed is named with the command that installs it', () => {
  const confinement = described({ bubblewrap: undefined, observed: NOTHING });
  assert.deepEqual(confinement.namespaces, {
    held: false,
    detail: 'bubblewrap is not installed',
    remedy: 'install bubblewrap',
  });
  assert.match(
    lacksOf(confinement).join('; '),
    /^namespaces: bubblewrap is not installed \(install bubblewrap\); seccomp/,
  );
});

test('bubblewrap that fails is told by what it said, with what usually mends that', () => {
  const failing = (failure: string) => described({ observed: NOTHING, failures: [failure] }).namespaces;
  assert.equal(
    failing('bwrap: setting up uid map: Permission denied').remedy,
    'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  );
  assert.equal(
    failing('bwrap: No permissions to create new namespace').remedy,
    'sysctl -w kernel.unprivileged_userns_clone=1',
  );
  assert.deepEqual(failing('bwrap: odd'), { held: false, detail: 'bwrap: odd' });
});

test('controllers that are missing are named', () => {
  const cgroups = { detail: 'v2: cpu', lacking: ['memory', 'pids'] as const };
  assert.equal(described({ cgroups }).cgroup.detail, 'no memory, pids: v2: cpu');
  assert.match(described({ cgroups, asRoot: false }).cgroup.remedy ?? '', /Delegate=yes/);
});

test('an architecture without a filter, and an id that is not its own, are lacks', () => {
  const confinement = described({
    observed: { ...ALL.observed, seccomp: false, userId: 0 },
    architecture: 'riscv64',
  });
  assert.deepEqual(lacksOf(confinement), [
    'seccomp: no filter for riscv64',
    "ownUid: sandboxes run under the caller's own id",
  ]);
});

test('a way out that is missing is told and is no lack', () => {
  const failed = { kind: 'failed', detail: 'nft not installed', missing: ['nftables'] } as const;
  const confinement = described({ outbound: failed });
  assert.deepEqual(confinement.outbound, {
    held: false,
    detail: 'nft not installed',
    remedy: 'install nftables',
  });
  assert.deepEqual(lacksOf(confinement), []);
  assert.equal(described({ outbound: { kind: 'denied' } }).outbound.detail, 'denied by the settings');
});
