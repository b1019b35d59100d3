import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { alignColumns, openTerminal } from './terminal.ts';

test('columns are aligned and no line ends in blanks', () => {
  assert.deepEqual(
    alignColumns([
      ['seccomp', 'yes', 'own filter'],
      ['cgroup', 'no', ''],
    ]),
    ['seccomp  yes  own filter', 'cgroup   no'],
  );
});

test('results and what is said about them go separate ways, without colours off a terminal', () => {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const terminal = openTerminal({ stdout, stderr });
  terminal.result('{"ok":true}');
  terminal.complain(`it is ${terminal.paint('red', 'broken')}`);
  assert.equal(stdout.read(), '{"ok":true}\n');
  assert.equal(stderr.read(), 'error: it is broken\n');
});

test('when nobody reads the results any more that is told, and writing goes on without harm', () => {
  const stdout = new PassThrough();
  const terminal = openTerminal({ stdout, stderr: new PassThrough() });
  assert.equal(terminal.gone.aborted, false);
  stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  assert.equal(terminal.gone.aborted, true);
  terminal.result('into the void');
});
