import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { AwsError } from '@lambent/aws-api';
import { CallRules } from '../calls/call-rules.ts';
import { GRPC_STATUSES, toGrpcStatus } from './to-grpc-status.ts';

const DOCS = new URL('../../../../docs/invoking.md', import.meta.url);

suite("AWS's errors over gRPC", () => {
  test('docs/invoking.md has them all, each with its status over HTTP and over gRPC, and no other', async () => {
    const rules = new CallRules();
    const documented = [
      ...(await readFile(DOCS, 'utf8')).matchAll(/^\| `(\w+Exception)` \| (\d+) \| `(\w+)`/gm),
    ];
    const served = await Promise.all(
      Object.entries(GRPC_STATUSES).map(async ([type, code]) => {
        const { status: overHttp } = await rules.write(new AwsError(type, ''));
        return [type, String(overHttp), status[code]];
      }),
    );
    assert.deepEqual(documented.map(([, ...row]) => row).toSorted(), served.toSorted());
  });

  test('one that has no row is our own fault', () => {
    assert.equal(toGrpcStatus(new AwsError('NewException', 'x'), 'r').code, status.INTERNAL);
  });

  test('a long message keeps both ends, and no character is cut in two', () => {
    const details = (message: string) =>
      String(toGrpcStatus(new AwsError('ValidationException', message), 'r').details);
    assert.equal(details('x'.repeat(1_024)), 'x'.repeat(1_024));
    assert.equal(
      details(`${'x'.repeat(1_000)}${'y'.repeat(1_000)}`),
      `${'x'.repeat(512)}…${'y'.repeat(512)}`,
    );
    for (const before of ['', 'x', 'xx', 'xxx'])
      assert.match(details(`${before}${'😀'.repeat(1_000)}`), /^x*(😀)+…(😀)+$/u);
  });
});
