import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHostPaths } from './inside-paths.ts';

const mounts = { '/var/task': '/code/1', '/var/lang': '/node', '/opt': '/layers', '/tmp': '/run/tmp/1' };
const translate = (text: string) => toHostPaths(text, mounts);

test('an inside path becomes the host path, whole or as the beginning of a longer one', () => {
  assert.equal(translate('/var/task'), '/code/1');
  assert.equal(translate('/var/task/lib/x.js'), '/code/1/lib/x.js');
});

test('every path of a list is found', () => {
  assert.equal(translate('/var/lang/bin:/usr/bin:/opt/bin'), '/node/bin:/usr/bin:/layers/bin');
  assert.equal(
    translate('--require=/opt/a.js --dir /tmp,/var/task'),
    '--require=/layers/a.js --dir /run/tmp/1,/code/1',
  );
});

test('a path that only looks alike is left alone', () => {
  for (const text of [
    '/var/tasks',
    '/var/task-2',
    '/srv/opt',
    '/usr/var/task',
    './opt',
    'a/opt',
    '/optional',
  ])
    assert.equal(translate(text), text);
});

test('the longest path wins, and what was put in is not looked at again', () => {
  assert.equal(toHostPaths('/opt/a/b', { '/opt': '/var/task', '/opt/a': '/x', '/var/task': '/y' }), '/x/b');
  assert.equal(toHostPaths('/opt', { '/opt': '/var/task', '/var/task': '/y' }), '/var/task');
  assert.equal(toHostPaths('/opt', {}), '/opt');
});
