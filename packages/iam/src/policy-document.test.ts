import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicy } from './policy-document.ts';

const STATEMENT = {
  Sid: 's',
  Effect: 'Allow',
  Principal: '*',
  Action: 'lambda:InvokeFunction',
  Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f',
};
const { Principal: _, ...UNNAMED } = STATEMENT;

const document = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });

test('one statement and one value are lists of one', () => {
  const parsed = parsePolicy(JSON.stringify({ Statement: STATEMENT }), 'resource');
  assert(parsed.kind === 'valid');
  assert.deepEqual(parsed.document, {
    Version: '2008-10-17',
    Statement: [
      {
        ...STATEMENT,
        Principal: { AWS: ['*'] },
        Action: ['lambda:InvokeFunction'],
        Resource: [STATEMENT.Resource],
      },
    ],
  });
});

test('what is not understood is refused, with its place', () => {
  const rows: readonly (readonly [text: string, problem: RegExp])[] = [
    ['{', /not JSON/],
    ['[]', /^Policy: /],
    [document(), /^Statement: /],
    [document({ ...STATEMENT, Effect: 'Maybe' }), /^Statement\.0\.Effect: /],
    [document({ ...STATEMENT, Colour: 'red' }), /^Statement\.0: .*Colour/],
    [document({ ...STATEMENT, Action: 'invoke' }), /^Statement\.0\.Action: .*service:action/],
    [document({ ...STATEMENT, NotAction: '*' }), /^Statement\.0: One of Action/],
    [document({ ...STATEMENT, Resource: 'f' }), /^Statement\.0\.Resource: .*ARNs/],
    [document({ ...STATEMENT, Principal: { Alien: 'x' } }), /^Statement\.0\.Principal: /],
    [document({ ...STATEMENT, Condition: { Looks: { k: 'x' } } }), /condition operator|Condition/],
    [document(STATEMENT, STATEMENT), /^Statement: .*unique/],
    [document(UNNAMED), /Principal is required/],
  ];
  for (const [text, problem] of rows) {
    const parsed = parsePolicy(text, 'resource');
    assert(parsed.kind === 'invalid', text);
    assert.match(parsed.problem, problem);
  }
});

test('the policy of an identity names no principal', () => {
  assert.equal(parsePolicy(document(UNNAMED), 'identity').kind, 'valid');
  assert.equal(parsePolicy(document(STATEMENT), 'identity').kind, 'invalid');
});
