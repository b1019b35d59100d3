import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromGrpcError } from './from-grpc-error.ts';

test('what is said of a broken call is what went wrong, without what stands around it', () => {
  const details = {
    'No connection established. Last error: Error: connect ETIMEDOUT 127.0.0.1:1. Resolution note: ':
      'connect ETIMEDOUT 127.0.0.1:1',
    'No connection established. Last error: Failed to connect (2026-01-01T00:00:00.000Z). Resolution note: ':
      "it ended the connection at once: it does not trust this member's certificate, or only one of them speaks TLS",
    'Connection dropped': 'Connection dropped',
  };
  for (const [said, detail] of Object.entries(details)) {
    const cause = { details: said };
    const error = fromGrpcError('worker:1', cause);
    assert.equal(error.reason, 'link-broken');
    assert.deepEqual(error.fields, { peer: 'worker:1', detail });
    assert.equal(error.cause, cause);
  }
});

test('of a peer that nobody listens for it is said that it is absent', () => {
  const details =
    'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ';
  const error = fromGrpcError('127.0.0.1:1', { details });
  assert.equal(error.reason, 'peer-absent');
  assert.deepEqual(error.fields, { peer: '127.0.0.1:1', detail: 'connect ECONNREFUSED 127.0.0.1:1' });
});
