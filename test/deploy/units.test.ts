import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { EXIT_CODES, isFinal } from '@lambent/daemon';
import { drainBoundMs } from '../../cli/src/local-cluster/drain-bounds.ts';
import { readSettings } from '../../cli/src/settings.ts';
import { readUnit, readVariables, SYSTEMD } from './unit-file.ts';

const ROLES = ['gateway', 'placement', 'worker', 'events'] as const;
const run = promisify(execFile);

/** What a member is told by the two files that its unit names. */
async function variablesOf(role: string): Promise<Record<string, string>> {
  const unit = await readUnit(`lambent-${role}.service`);
  const files = unit.get('EnvironmentFile') ?? [];
  assert.deepEqual(files, ['/etc/lambent/cluster.env', `/etc/lambent/${role}.env`]);
  const variables = await Promise.all(files.map(file => readVariables(path.basename(file))));
  return Object.assign({}, ...variables);
}

function timeSpanMs(text: string | undefined): number {
  const [, count = '', unit = ''] = /^(\d+)(s|min)$/.exec(text ?? '') ?? [];
  return Number(count) * (unit === 'min' ? 60_000 : 1_000);
}

test('there is a unit for every role, which runs it', async () => {
  for (const role of ROLES) {
    const unit = await readUnit(`lambent-${role}.service`);
    assert.match(unit.get('ExecStart')?.[0] ?? '', new RegExp(`^/opt/lambent/cli/bin/lambent\\.js ${role} `));
  }
});

test('the files of variables tell members what there is to tell them, on one network', async () => {
  for (const role of ROLES) {
    // Certificates come by an option, since systemd says where they are.
    const { cluster, gateway } = readSettings({
      LAMBENT_TLS: '/run/credentials',
      ...(await variablesOf(role)),
    });
    assert.equal(cluster.natsReplicas, '3', role);
    assert.equal(cluster.etcd?.split(',').length, 3, role);
    assert.equal(gateway.insecureListen, false, role);
  }
});

test('a unit lets its member drain, and does not start it again where that would not help', async () => {
  for (const role of ROLES) {
    const unit = await readUnit(`lambent-${role}.service`);
    const stopMs = timeSpanMs(unit.get('TimeoutStopSec')?.[0]);
    assert.ok(stopMs >= drainBoundMs(role, readSettings(await variablesOf(role))), role);
    const final = new Set(unit.get('RestartPreventExitStatus')?.[0]?.split(' ').map(Number));
    const wanted = Object.values(EXIT_CODES).filter(code => isFinal(code));
    // These end a process that was told to end; the machine matters to a worker only.
    const moot: number[] = [EXIT_CODES.ok, EXIT_CODES.drainIncomplete];
    if (role !== 'worker') moot.push(EXIT_CODES.cannotConfine);
    assert.deepEqual(
      [...final],
      wanted.filter(code => !moot.includes(code)),
      role,
    );
  }
});

test('what makes sandboxes is as `lambent up` and a worker need it, and no other unit may', async () => {
  const [up, worker] = [await readUnit('lambent.service'), await readUnit('lambent-worker.service')];
  const differing = [...up.keys()].filter(
    name => JSON.stringify(up.get(name)) !== JSON.stringify(worker.get(name)),
  );
  assert.deepEqual(differing, ['Description', 'ExecStart', 'WorkingDirectory', 'StateDirectory']);
  for (const role of ROLES.filter(role => role !== 'worker')) {
    const unit = await readUnit(`lambent-${role}.service`);
    assert.deepEqual(unit.get('CapabilityBoundingSet'), [''], role);
    assert.deepEqual(unit.get('DynamicUser'), ['yes'], role);
  }
});

test('systemd accepts every unit', async t => {
  const root = await mkdtemp(path.join(tmpdir(), 'lambent-units-'));
  t.after(() => rm(root, { recursive: true }));
  const units = path.join(root, 'etc/systemd/system');
  await mkdir(units, { recursive: true });
  const names = (await readdir(SYSTEMD)).filter(name => name.endsWith('.service'));
  assert.equal(names.length, ROLES.length + 1);
  for (const name of names) await cp(path.join(SYSTEMD, name), path.join(units, name));
  const program = path.join(root, 'opt/lambent/cli/bin/lambent.js');
  await mkdir(path.dirname(program), { recursive: true });
  await writeFile(program, '#!/bin/sh\n');
  await chmod(program, 0o755);
  // It tells of what it ignores, a name that it does not know for one, and goes on.
  const verify = ['verify', '--man=no', '--recursive-errors=no', `--root=${root}`, ...names];
  const { stdout, stderr } = await run('systemd-analyze', verify);
  assert.equal(stdout + stderr, '');
});
