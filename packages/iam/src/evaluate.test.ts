import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type AccessRequest, type Decision, evaluate, type Principal } from './evaluate.ts';
import { parsePolicy } from './policy-document.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:f';
const ROLE = 'arn:aws:iam::123456789012:role/r';
const S3: Principal = { kind: 'service', name: 's3.amazonaws.com' };
const SESSION: Principal = {
  kind: 'aws',
  accountId: '123456789012',
  arns: ['arn:aws:sts::123456789012:assumed-role/r/session', ROLE],
};
const REQUEST: AccessRequest = {
  principal: S3,
  action: 'lambda:InvokeFunction',
  resource: FUNCTION,
  context: { 'aws:SourceArn': 'arn:aws:s3:::bucket', 'aws:SourceAccount': '123456789012' },
};

/** What one document of these statements says; each allows S3 to invoke the function unless it says otherwise. */
function decide(statements: readonly object[], request: Partial<AccessRequest> = {}, Version = '2012-10-17') {
  const Statement = statements.map(statement => ({
    Effect: 'Allow',
    ...('NotPrincipal' in statement ? {} : { Principal: { Service: 's3.amazonaws.com' } }),
    ...('NotAction' in statement ? {} : { Action: 'lambda:InvokeFunction' }),
    ...('NotResource' in statement ? {} : { Resource: FUNCTION }),
    ...statement,
  }));
  const parsed = parsePolicy(JSON.stringify({ Version, Statement }), 'resource');
  assert(parsed.kind === 'valid', JSON.stringify(parsed));
  return evaluate([parsed.document], { ...REQUEST, ...request });
}

type Row = readonly [
  says: string,
  statements: readonly object[],
  request: Partial<AccessRequest>,
  decision: Decision,
];

function table(name: string, rows: readonly Row[]): void {
  suite(name, () => {
    for (const [says, statements, request, decision] of rows)
      test(says, () => assert.equal(decide(statements, request), decision));
  });
}

const principal = (given: Principal): Partial<AccessRequest> => ({ principal: given });

table('statements', [
  ['one that allows, allows', [{}], {}, 'allow'],
  ['none speaks of it', [{ Action: 'lambda:GetFunction' }], {}, 'implicit-deny'],
  ['one that denies outweighs those that allow', [{}, { Effect: 'Deny', Principal: '*' }], {}, 'deny'],
]);

table('principals', [
  ['another service', [{}], principal({ kind: 'service', name: 'sns.amazonaws.com' }), 'implicit-deny'],
  ['everybody, unnamed too', [{ Principal: '*' }], principal({ kind: 'anonymous' }), 'allow'],
  ['everybody, in the long form', [{ Principal: { AWS: ['*'] } }], principal(SESSION), 'allow'],
  ['an account by its number', [{ Principal: { AWS: '123456789012' } }], principal(SESSION), 'allow'],
  ['by its root', [{ Principal: { AWS: 'arn:aws:iam::123456789012:root' } }], principal(SESSION), 'allow'],
  [
    'another account',
    [{ Principal: { AWS: 'arn:aws:iam::999999999999:root' } }],
    principal(SESSION),
    'implicit-deny',
  ],
  ['a role, by a session of it', [{ Principal: { AWS: ROLE } }], principal(SESSION), 'allow'],
  [
    'an unnamed caller is no account',
    [{ Principal: { AWS: '123456789012' } }],
    principal({ kind: 'anonymous' }),
    'implicit-deny',
  ],
  [
    'all but one',
    [{ NotPrincipal: { AWS: ROLE }, Effect: 'Deny' }, { Principal: '*' }],
    principal(SESSION),
    'allow',
  ],
  ['who is not that one', [{ NotPrincipal: { AWS: ROLE }, Effect: 'Deny' }, { Principal: '*' }], {}, 'deny'],
]);

table('actions and resources', [
  ['letters of any case', [{ Action: 'LAMBDA:invokefunction' }], {}, 'allow'],
  ['a wildcard', [{ Action: 'lambda:Invoke*' }], {}, 'allow'],
  ['one character', [{ Action: 'lambda:InvokeFunctio?' }], {}, 'allow'],
  ['all but some', [{ NotAction: 'lambda:Get*' }], {}, 'allow'],
  ['but not those', [{ NotAction: 'lambda:Invoke*' }], {}, 'implicit-deny'],
  ['versions by a wildcard', [{ Resource: `${FUNCTION}:*` }], { resource: `${FUNCTION}:7` }, 'allow'],
  ['which the function itself is not', [{ Resource: `${FUNCTION}:*` }], {}, 'implicit-deny'],
  ['parts left out are anything', [{ Resource: 'arn:aws:lambda' }], {}, 'allow'],
  ['a wildcard stays in its part', [{ Resource: 'arn:aws:*:123456789012:function:f' }], {}, 'implicit-deny'],
  ['all but one', [{ NotResource: FUNCTION }], {}, 'implicit-deny'],
]);

const when = (Condition: object) => [{ Condition }];
const having = (key: string, ...values: string[]) => ({ context: { [key]: values } });

table('conditions', [
  ['the source of an event', when({ ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::buck*' } }), {}, 'allow'],
  ['another source', when({ ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::other' } }), {}, 'implicit-deny'],
  [
    'all of several must hold',
    when({ StringEquals: { 'aws:SourceAccount': '123456789012', 'aws:X': '1' } }),
    {},
    'implicit-deny',
  ],
  [
    'one of several values',
    when({ StringEquals: { 'aws:SourceAccount': ['1', '123456789012'] } }),
    {},
    'allow',
  ],
  [
    'a star is a star where texts are compared',
    when({ StringEquals: { k: 'a*' } }),
    having('k', 'ab'),
    'implicit-deny',
  ],
  ['StringLike', when({ StringLike: { k: 'a*c' } }), having('k', 'abbc'), 'allow'],
  ['StringNotEquals without the key', when({ StringNotEquals: { k: 'a' } }), {}, 'allow'],
  [
    'StringNotEquals of none of several',
    when({ StringNotEquals: { k: ['a', 'b'] } }),
    having('k', 'b'),
    'implicit-deny',
  ],
  ['StringEqualsIgnoreCase', when({ StringEqualsIgnoreCase: { k: 'AB' } }), having('k', 'ab'), 'allow'],
  ['IfExists without the key', when({ StringEqualsIfExists: { k: 'a' } }), {}, 'allow'],
  [
    'IfExists with another value',
    when({ StringEqualsIfExists: { k: 'a' } }),
    having('k', 'b'),
    'implicit-deny',
  ],
  [
    'Bool, given as JSON',
    when({ Bool: { 'lambda:InvokedViaFunctionUrl': true } }),
    having('lambda:invokedViaFunctionUrl', 'true'),
    'allow',
  ],
  ['Null: not there', when({ Null: { k: 'true' } }), {}, 'allow'],
  ['Null: there', when({ Null: { k: 'true' } }), having('k', 'x'), 'implicit-deny'],
  ['numbers by value', when({ NumericLessThanEquals: { k: 10 } }), having('k', '9.5'), 'allow'],
  ['what is no number', when({ NumericEquals: { k: 0 } }), having('k', ''), 'implicit-deny'],
  [
    'dates',
    when({ DateLessThan: { k: '2026-01-01T00:00:00Z' } }),
    having('k', '2025-12-31T23:59:59Z'),
    'allow',
  ],
  ['an address in a network', when({ IpAddress: { k: '10.0.0.0/8' } }), having('k', '10.1.2.3'), 'allow'],
  ['an address outside it', when({ NotIpAddress: { k: '10.0.0.0/8' } }), having('k', '11.1.2.3'), 'allow'],
  [
    'an address of the newer kind',
    when({ IpAddress: { k: '2001:db8::/32' } }),
    having('k', '2001:db8::1'),
    'allow',
  ],
  ['all of a set', when({ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }), having('k', 'a', 'b'), 'allow'],
  ['all of a set that is not there', when({ 'ForAllValues:StringEquals': { k: 'a' } }), {}, 'allow'],
  ['any of a set', when({ 'ForAnyValue:StringEquals': { k: 'a' } }), having('k', 'x', 'a'), 'allow'],
  ['any of a set that is not there', when({ 'ForAnyValue:StringEquals': { k: 'a' } }), {}, 'implicit-deny'],
]);

/** A variable as a policy writes it. */
const variable = (name: string) => `$\{${name}}`;

suite('variables', () => {
  const own = [{ Condition: { StringLike: { k: `${variable('aws:username')}/*` } } }];
  const of = (username: string, k: string) => ({ context: { 'aws:username': username, k } });

  test("stand for the request's own values, whose wildcards are characters", () => {
    assert.equal(decide(own, of('ann', 'ann/x')), 'allow');
    assert.equal(decide(own, of('*', 'ann/x')), 'implicit-deny');
    assert.equal(decide(own, { context: { k: '/x' } }), 'implicit-deny');
    const otherwise = [{ Condition: { StringEquals: { k: variable("aws:no, 'x'") } } }];
    assert.equal(decide(otherwise, of('ann', 'x')), 'allow');
  });

  test('are text in the language that had none', () => {
    assert.equal(decide(own, of('ann', 'ann/x'), '2008-10-17'), 'implicit-deny');
    assert.equal(decide(own, of('ann', `${variable('aws:username')}/x`), '2008-10-17'), 'allow');
  });
});

test('a pattern made to be slow is matched as fast as any', () => {
  const statement = { Condition: { StringLike: { k: `${'*a'.repeat(500)}b` } } };
  assert.equal(decide([statement], { context: { k: 'a'.repeat(5_000) } }), 'implicit-deny');
});
