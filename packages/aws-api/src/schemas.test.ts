import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadIamSchemas } from './iam/iam-service.ts';
import { loadLambdaSchemas } from './lambda/lambda-service.ts';
import { loadLogsSchemas } from './logs/logs-service.ts';
import { REST_JSON } from './rest-json/rest-json-protocol.ts';
import { collectSchemas, requiredMembers } from './schemas.ts';
import { loadStsSchemas } from './sts/sts-service.ts';

const schemas = await loadLambdaSchemas();

test('the client describes 88 operations and 56 exceptions: another number is another API, to be looked at', () => {
  assert.equal(schemas.operations.size, 88);
  assert.equal(schemas.errors.size, 56);
});

test('the companions describe as many operations as they did when this was written', async () => {
  const loaded = await Promise.all([loadStsSchemas(), loadIamSchemas(), loadLogsSchemas()]);
  assert.deepEqual(
    loaded.map(({ operations }) => operations.size),
    [11, 180, 118],
  );
});

test('the required members stand first and are counted last, as they were when this was written', () => {
  const required = [
    'CreateFunction',
    'Invoke',
    'UpdateFunctionConfiguration',
    'TagResource',
    'AddPermission',
  ].map(name => {
    const input = schemas.operations.get(name)?.input;
    assert.ok(input);
    const names = Array.from(input.structIterator(), ([member]) => member);
    return [name, ...names.slice(0, requiredMembers(input))];
  });
  assert.deepEqual(required, [
    ['CreateFunction', 'FunctionName', 'Role', 'Code'],
    ['Invoke', 'FunctionName'],
    ['UpdateFunctionConfiguration', 'FunctionName'],
    ['TagResource', 'Resource', 'Tags'],
    ['AddPermission', 'FunctionName', 'StatementId', 'Action', 'Principal'],
  ]);
});

test('each exception has a status and one member for its text, in one of two spellings', () => {
  const spellings = { message: 0, Message: 0 };
  for (const { name, status, schema } of schemas.errors.values()) {
    const names = Array.from(schema.structIterator(), ([member]) => member);
    const spelling = names.includes('message') ? 'message' : 'Message';
    assert.ok(names.includes(spelling), name);
    assert.ok(status >= 400 && status < 600, name);
    spellings[spelling] += 1;
  }
  assert.deepEqual(spellings, { message: 19, Message: 37 });
});

test('the status of a deletion is the one that is seen, not the one declared', () => {
  assert.equal(schemas.operations.get('DeleteFunction')?.http?.status, 204);
  assert.equal(schemas.operations.get('CreateFunction')?.http?.status, 201);
});

test('an operation without an http trait is refused by a protocol that needs one', () => {
  assert.throws(() => REST_JSON.bind(collectSchemas({ Odd$: [9, 'ns', 'Odd', {}, 'unit', 'unit'] })), /Odd/);
});
