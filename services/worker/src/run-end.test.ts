import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '@lambent/core';
import { outcomeOf, type RunEnd } from './run-end.ts';

const bytes = (text: string) => Buffer.from(text);

const ENDS: readonly [what: string, end: RunEnd, kind: Outcome['kind'], payload: string][] = [
  [
    'a response passes byte for byte',
    { kind: 'answer', answer: { kind: 'response', payload: bytes('{"a": 1}') } },
    'ok',
    '{"a": 1}',
  ],
  [
    'an error that the function answered with passes byte for byte',
    { kind: 'answer', answer: { kind: 'error', errorType: 'Function.Mine', payload: bytes('{"x":1}') } },
    'handled',
    '{"x":1}',
  ],
  [
    'a response over the quota is an error that names the quota',
    { kind: 'answer', answer: { kind: 'too-large', bytes: 7_000_000, max: 6_291_556 } },
    'unhandled',
    '{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}',
  ],
  [
    'a timeout names its seconds',
    { kind: 'timeout', timeoutMs: 1_000 },
    'timeout',
    '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id Error: Task timed out after 1.00 seconds"}',
  ],
  [
    'an exit with 0 gives no reason',
    { kind: 'exit', exit: { status: 0, outOfMemory: false } },
    'unhandled',
    '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited without providing a reason"}',
  ],
  [
    'an exit with another status gives it',
    { kind: 'exit', exit: { status: 7, outOfMemory: false } },
    'unhandled',
    '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: exit status 7"}',
  ],
  [
    'a signal has its name',
    { kind: 'exit', exit: { signal: 'SIGSEGV', outOfMemory: false } },
    'unhandled',
    '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: signal: segmentation fault"}',
  ],
  [
    'a kill for want of memory is told from others',
    { kind: 'exit', exit: { signal: 'SIGKILL', outOfMemory: true } },
    'out-of-memory',
    '{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: id Error: Runtime exited with error: signal: killed"}',
  ],
  [
    'an init error is the outcome as it was posted',
    { kind: 'init-error', errorType: 'Runtime.ImportModuleError', payload: bytes('{"e":1}') },
    'unhandled',
    '{"e":1}',
  ],
  [
    'a package without a program says where it was looked for',
    { kind: 'no-entrypoint' },
    'unhandled',
    `{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: id Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"}`,
  ],
];

for (const [what, end, kind, payload] of ENDS)
  test(what, () => {
    const outcome = outcomeOf(end, 'id');
    assert.equal(outcome.kind, kind);
    assert.equal(Buffer.from(outcome.payload).toString(), payload);
  });
