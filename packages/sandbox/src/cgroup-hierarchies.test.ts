import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHierarchies } from './cgroup-hierarchies.ts';

const mount = (root: string, point: string, type: string, options: string) =>
  `30 25 0:27 ${root} ${point} rw,relatime shared:9 - ${type} ${type} ${options}`;

test('a machine with version 2 only has one hierarchy', () => {
  const found = parseHierarchies(
    '0::/system.slice/lambent.service\n',
    mount('/', '/sys/fs/cgroup', 'cgroup2', 'rw'),
  );
  assert.deepEqual(found, [
    {
      version: 2,
      mountPoint: '/sys/fs/cgroup',
      ownDirectory: '/sys/fs/cgroup/system.slice/lambent.service',
      controllers: [],
    },
  ]);
});

test('a machine with version 1 has one per controller, or several controllers in one', () => {
  const own = '5:memory:/a\n4:cpu,cpuacct:/b\n3:pids:/\n2:freezer:/\n1:name=systemd:/x\n';
  const mounts = [
    mount('/', '/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
    mount('/', '/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw,cpu,cpuacct'),
    mount('/', '/sys/fs/cgroup/pids', 'cgroup', 'rw,pids'),
    mount('/', '/sys/fs/cgroup/freezer', 'cgroup', 'rw,freezer'),
    mount('/', '/sys/fs/cgroup/systemd', 'cgroup', 'rw,xattr,name=systemd'),
  ];
  const found = parseHierarchies(own, mounts.join('\n'));
  assert.deepEqual(
    found.map(({ ownDirectory, controllers }) => [ownDirectory, controllers]),
    [
      ['/sys/fs/cgroup/memory/a', ['memory']],
      ['/sys/fs/cgroup/cpu,cpuacct/b', ['cpu']],
      ['/sys/fs/cgroup/pids', ['pids']],
      ['/sys/fs/cgroup/freezer', ['freezer']],
    ],
  );
});

test('a hybrid machine has both', () => {
  const mounts = [
    mount('/', '/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
    mount('/', '/sys/fs/cgroup/unified', 'cgroup2', 'rw'),
  ];
  const found = parseHierarchies('4:memory:/a\n0::/b\n', mounts.join('\n'));
  assert.deepEqual(
    found.map(({ version, ownDirectory }) => [version, ownDirectory]),
    [
      [1, '/sys/fs/cgroup/memory/a'],
      [2, '/sys/fs/cgroup/unified/b'],
    ],
  );
});

test('in a container paths count from the part of the tree that it sees', () => {
  const at = (own: string, root: string) =>
    parseHierarchies(`0::${own}\n`, mount(root, '/sys/fs/cgroup', 'cgroup2', 'ro'))[0]?.ownDirectory;
  assert.equal(at('/docker/1', '/docker/1'), '/sys/fs/cgroup');
  assert.equal(at('/docker/1/sub', '/docker/1'), '/sys/fs/cgroup/sub');
  assert.equal(at('/../elsewhere', '/'), '/sys/fs/cgroup');
});

test('a tree that is mounted twice counts once', () => {
  const twice = [
    mount('/', '/sys/fs/cgroup', 'cgroup2', 'rw'),
    mount('/', '/sys/fs/cgroup', 'cgroup2', 'rw'),
  ];
  assert.equal(parseHierarchies('0::/\n', twice.join('\n')).length, 1);
});
