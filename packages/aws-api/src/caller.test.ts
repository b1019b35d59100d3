import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCaller } from './caller.ts';

const SCOPE = '20261123/eu-west-1/lambda/aws4_request';

test('the key and the region are read from a signed header and from a presigned query', () => {
  const caller = { accessKeyId: 'AKIDEXAMPLE', region: 'eu-west-1' };
  const header = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=host, Signature=00`;
  assert.deepEqual(parseCaller(header, '/'), caller);
  assert.deepEqual(
    parseCaller(undefined, `/?X-Amz-Credential=${encodeURIComponent(`AKIDEXAMPLE/${SCOPE}`)}`),
    caller,
  );
});

test('a request that is not signed, or signed in a way that is not known, is nobody’s', () => {
  for (const header of [
    undefined,
    '',
    'Basic YTpi',
    `Bearer Credential=A/${SCOPE}`,
    'AWS4-HMAC-SHA256 Credential=a/b',
  ])
    assert.deepEqual(parseCaller(header, '/path?X-Amz-Credential=odd'), {});
});
