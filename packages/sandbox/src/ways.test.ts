import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { isFailure, SystemClock, SystemRandom } from '@lambent/core';
import { BubblewrapStarter } from './bubblewrap-starter.ts';
import { NAMESPACES, observe } from './confinement-probe.ts';
import { layGround } from './ground.ts';
import { findProgram } from './host-programs.ts';
import { codeDirectory, SandboxesUnderTest } from './sandboxes-under-test.ts';
import { findWay } from './ways.ts';

const clock = new SystemClock();
const random = new SystemRandom();

test('a machine that cannot do what is wanted is refused, with the reason and nothing left behind', async () => {
  await assert.rejects(SandboxesUnderTest.open({ bubblewrap: '/nowhere/bwrap' }), error => {
    assert.ok(isFailure(error, 'machine-cannot-confine'));
    assert.match(error.message, /namespaces: .*\/nowhere\/bwrap/s);
    return true;
  });
});

test('as far as possible is without namespaces where there are none, and says so', async () => {
  await using under = await SandboxesUnderTest.open({
    bubblewrap: '/nowhere/bwrap',
    wanted: 'as-far-as-possible',
  });
  const { namespaces, seccomp, network, cgroup } = under.sandboxes.confinement;
  assert.deepEqual([namespaces.held, seccomp.held, network.held, cgroup.held], [false, false, false, true]);
});

test("where ids cannot be the sandboxes' own, a user namespace shows AWS's", async () => {
  await using place = await codeDirectory({});
  await using held = new AsyncDisposableStack();
  const options = {
    ownerId: 'ways-test',
    runDirectory: path.join(place.path, 'run'),
    outbound: 'deny',
    clock,
    random,
  } as const;
  const ground = await layGround(options, held);
  const starter = new BubblewrapStarter({
    ...ground,
    bubblewrap: findProgram('bwrap') ?? '',
    firstUserId: undefined,
    outbound: undefined,
    lateMounts: undefined,
  });
  const observed = await observe(starter, 'probe', ground.emptyDirectory);
  assert.deepEqual(observed, { ownNamespaces: [...NAMESPACES], userId: 993, seccomp: true });
  const { confinement } = await findWay(ground, options);
  assert.ok(confinement.ownUid.held);
});
