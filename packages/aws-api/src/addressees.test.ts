import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Addressees } from './addressees.ts';

const addressees = new Addressees([
  { name: 'lambda' },
  { name: 'sts', version: '2011-06-15' },
  { name: 'iam', version: '2010-05-08' },
  { name: 'logs', target: 'Logs_20140328' },
  { name: 's3' },
]);

function nameOf(target: string, headers: Record<string, string> = {}, method = 'POST'): string {
  return addressees.of({ method, target, headers }).name;
}

const scope = (service: string) => `AKID/20260101/us-east-1/${service}/aws4_request`;
const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${scope(service)}, SignedHeaders=host, Signature=00`,
});

test('the scope of a signature says whom a request is for, before anything else does', () => {
  assert.equal(nameOf('/', signed('iam')), 'iam');
  assert.equal(nameOf('/', { ...signed('logs'), host: 's3.example.org' }), 'logs');
  assert.equal(nameOf(`/b/k?X-Amz-Credential=${encodeURIComponent(scope('s3'))}&X-Amz-Date=x`), 's3');
});

test('what is not signed says it by its target, its form or its host', () => {
  assert.equal(nameOf('/', { 'x-amz-target': 'Logs_20140328.FilterLogEvents' }), 'logs');
  assert.equal(nameOf('/?Action=ListRoles&Version=2010-05-08', {}, 'GET'), 'iam');
  assert.equal(nameOf('/', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }), 'sts');
  assert.equal(nameOf('/key', { host: 'sts.s3.example.org:9000' }, 'GET'), 's3');
});

test('whatever names no service here is for the first', () => {
  assert.equal(nameOf('/2015-03-31/functions', {}, 'GET'), 'lambda');
  assert.equal(nameOf('/2015-03-31/functions', signed('dynamodb'), 'GET'), 'lambda');
  assert.equal(nameOf('/', { 'x-amz-target': 'DynamoDB_20120810.GetItem' }), 'lambda');
  assert.equal(nameOf('/?Version=1', {}, 'GET'), 'lambda');
});
