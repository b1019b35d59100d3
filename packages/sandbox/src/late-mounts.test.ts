import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { isFailure } from '@lambent/core';
import { mountPointsIn } from './late-mounts.ts';
import type { Sandbox } from './sandbox.ts';
import { codeDirectory, SandboxesUnderTest } from './sandboxes-under-test.ts';

const CODE = '/var/task';

/** Waits for a line on its channel, then does what `script` says. */
async function waiting(under: SandboxesUnderTest, script: string): Promise<Sandbox> {
  return await under.start(['/bin/sh', '-c', `read -r _ <&4; cd ${CODE}; ${script}`], {
    environment: { PATH: '/usr/bin' },
    lateMounts: [CODE, '/opt'],
  });
}

const equipment = { environment: {}, memoryMb: 256, ephemeralStorageMb: 16 };

suite('a sandbox that runs', () => {
  test('is given code that it can read and nobody inside can write', async () => {
    await using under = await SandboxesUnderTest.open();
    await using code = await codeDirectory({ 'index.js': 'hello' });
    await using sandbox = await waiting(
      under,
      'cat index.js; ls /opt; echo >index.js || echo no; echo >/var/task/new || echo no',
    );
    await sandbox.equip({ ...equipment, mounts: { [CODE]: code.path } });
    sandbox.channel.write('\n');
    assert.equal(await text(sandbox.stdout), 'hellolib\nno\nno\n');
  });

  test('sees nothing of what another one is given', async () => {
    await using under = await SandboxesUnderTest.open();
    await using code = await codeDirectory({ secret: 'hello' });
    await using one = await waiting(under, 'true');
    await using other = await waiting(
      under,
      `ls ${CODE}; grep -c ${path.basename(code.path)} /proc/self/mountinfo`,
    );
    await one.equip({ ...equipment, mounts: { [CODE]: code.path } });
    other.channel.write('\n');
    assert.equal(await text(other.stdout), 'lib\n0\n');
  });

  test('gets the size of /tmp, the memory and the doorways of what it is for', async () => {
    await using under = await SandboxesUnderTest.open();
    await using sandbox = await under.start(
      [
        '/bin/sh',
        '-c',
        'read -r _ <&4; df -m --output=size /tmp; touch /tmp/file; head -c 100M /dev/zero | tail | wc -c',
      ],
      {
        environment: { PATH: '/usr/bin' },
        doorways: { 'aws-endpoint': 9000 },
        lateMounts: [CODE],
        memoryMb: 32,
        ephemeralStorageMb: 4,
      },
    );
    const environment = { AWS_ENDPOINT_URL: 'http://{doorway:aws-endpoint}' };
    const filled = await sandbox.equip({ environment, mounts: {}, memoryMb: 256, ephemeralStorageMb: 40 });
    assert.deepEqual(filled, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' });
    sandbox.channel.write('\n');
    assert.deepEqual((await text(sandbox.stdout)).split(/\s+/), ['1M-blocks', '40', '104857600', '']);
    assert.deepEqual(await sandbox.exited, { status: 0, outOfMemory: false });
  });

  test('is equipped once, and only if it was started for that', async () => {
    await using under = await SandboxesUnderTest.open();
    await using code = await codeDirectory({});
    const mounts = { [CODE]: code.path };
    await using whole = await under.start(['/bin/sleep', '30']);
    await assert.rejects(whole.equip({ ...equipment, mounts }), TypeError);
    await using sandbox = await waiting(under, 'true');
    await assert.rejects(sandbox.equip({ ...equipment, mounts: { '/elsewhere': code.path } }), error =>
      isFailure(error, 'environment-failed'),
    );
    await assert.rejects(sandbox.equip({ ...equipment, mounts }), TypeError);
  });

  test('leaves no mount behind', async () => {
    await using code = await codeDirectory({ 'index.js': 'hello' });
    const under = await SandboxesUnderTest.open();
    {
      await using sandbox = await waiting(under, 'sleep 30');
      await sandbox.equip({ ...equipment, mounts: { [CODE]: code.path } });
      assert.deepEqual(
        (await mountsBelow(under, sandbox.id)).map(point => path.basename(point)),
        ['tmp', '0'],
      );
    }
    assert.deepEqual(await mountsBelow(under, 'test-1'), []);
    await under[Symbol.asyncDispose]();
    assert.deepEqual(await mountsBelow(under), []);
    assert.equal(await readFile(path.join(code.path, 'index.js'), 'utf8'), 'hello');
  });
});

test('mount points are told from a mountinfo file, with what the kernel escapes', () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw shared:1 - ext4 /dev/vda rw`;
  const mountinfo = ['/a/run', '/a/run/late', '/a/run/with\\040space', '/a/running', '/a']
    .map(line)
    .join('\n');
  assert.deepEqual(mountPointsIn(mountinfo, '/a/run'), ['/a/run', '/a/run/late', '/a/run/with space']);
});

async function mountsBelow(under: SandboxesUnderTest, id = ''): Promise<string[]> {
  return mountPointsIn(
    await readFile('/proc/self/mountinfo', 'utf8'),
    path.join(under.directory, 'run/late', id),
  );
}
