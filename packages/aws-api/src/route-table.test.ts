import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadLambdaSchemas } from './lambda/lambda-service.ts';
import { RouteTable } from './route-table.ts';

const operations = Array.from((await loadLambdaSchemas()).operations.values(), ({ name, http }) => {
  assert.ok(http);
  return { name, ...http };
});
const lambda = new RouteTable<string>();
for (const { method, uri, name } of operations) lambda.add(method, uri, name);

test('every operation is found by its own template, with and without a trailing slash', () => {
  for (const { method, uri, name } of operations) {
    const [path = '', query] = uri.replaceAll(/\{\w+\}/g, 'x%2Fy%3Az').split('?');
    const suffix = query ? `?${query}` : '';
    for (const target of [path + suffix, `${path}/${suffix}`]) {
      const route = lambda.find(method, target);
      assert.equal(route?.value, name, target);
      assert.ok(route.labels.every(label => label === 'x/y:z'));
    }
  }
});

test('an ARN in a label may have its colons raw or encoded', () => {
  const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:hello:live';
  for (const label of [arn, encodeURIComponent(arn)])
    assert.deepEqual(lambda.find('GET', `/2015-03-31/functions/${label}`)?.labels, [arn]);
});

test('a literal query decides between two operations of one path', () => {
  assert.equal(lambda.find('GET', '/2018-10-31/layers')?.value, 'ListLayers');
  assert.equal(lambda.find('GET', '/2018-10-31/layers?Marker=a')?.value, 'ListLayers');
  assert.equal(
    lambda.find('GET', '/2018-10-31/layers?Arn=a&find=LayerVersion')?.value,
    'GetLayerVersionByArn',
  );
  const path = '/2019-09-30/functions/f/provisioned-concurrency';
  assert.equal(lambda.find('GET', `${path}?List=ALL`)?.value, 'ListProvisionedConcurrencyConfigs');
  assert.equal(lambda.find('GET', `${path}?Qualifier=1`)?.value, 'GetProvisionedConcurrencyConfig');
});

test('what is not a route is not found', () => {
  const targets = [
    '',
    '*',
    '/',
    '//',
    '/2015-03-31',
    '/2015-03-31/functions/a/b',
    '/2015-03-31/functions//code',
  ];
  for (const target of [...targets, '/2015-03-31/functions/%zz', 'http://host/2015-03-31/functions'])
    assert.equal(lambda.find('GET', target), undefined, target);
  assert.equal(lambda.find('PATCH', '/2015-03-31/functions'), undefined);
});

test('two operations of one method, path and query are a mistake', () => {
  const table = new RouteTable<number>();
  table.add('GET', '/a/{B}', 1);
  assert.throws(() => table.add('GET', '/a/{C}', 2), /two operations/);
  assert.throws(() => table.add('GET', '/a/b', 3), /label/);
  assert.throws(() => table.add('PUT', '/a/{B+}', 4), /routed/);
});
