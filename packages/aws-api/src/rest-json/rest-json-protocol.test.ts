import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectSchemas } from '../schemas.ts';
import { REST_JSON } from './rest-json-protocol.ts';

const STRING = 0;
const NUMBER = 1;
const TIMESTAMP = 4;
const LIST_OF_STRINGS = 64;
const LIST_OF_NUMBERS = 65;
const MAP_OF_STRINGS = 128;

/** An invented service that binds in every way there is, which no one service of AWS does. */
const INPUT = [
  3,
  'ns',
  'Input',
  0,
  ['Id', 'Since', 'Numbers', 'Rest', 'Until', 'Accept', 'Meta', 'Body'],
  [
    [STRING, 1],
    [TIMESTAMP, { httpQuery: 'since' }],
    [LIST_OF_NUMBERS, { httpQuery: 'n' }],
    [MAP_OF_STRINGS, { httpQueryParams: 1 }],
    [TIMESTAMP, { httpHeader: 'X-Until' }],
    [LIST_OF_STRINGS, { httpHeader: 'X-Accept' }],
    [MAP_OF_STRINGS, { httpPrefixHeaders: 'X-Meta-' }],
    [() => [3, 'ns', 'Body', 0, ['Count'], [NUMBER]], { httpPayload: 1 }],
  ],
];
const OUTPUT = [
  3,
  'ns',
  'Output',
  0,
  ['At', 'Tags', 'Body'],
  [
    [TIMESTAMP, { httpHeader: 'X-At' }],
    [LIST_OF_STRINGS, { httpHeader: 'X-Tags' }],
    [() => [3, 'ns', 'Body', 0, ['Count', 'At'], [NUMBER, TIMESTAMP]], { httpPayload: 1 }],
  ],
];
const EVERY = [9, 'ns', 'Every', { http: ['PUT', '/every/{Id}?kind=all', 200] }, () => INPUT, () => OUTPUT];
const NOTHING = [9, 'ns', 'Nothing', { http: ['GET', '/nothing', 200] }, 'unit', 'unit'];

const binding = REST_JSON.bind(collectSchemas({ EVERY, NOTHING }));

function match(method: string, target: string, headers: Record<string, string> = {}) {
  return binding.match({ method, target, headers }, Buffer.alloc(0));
}

test('every place that a request has is read', () => {
  const call = match('PUT', '/every/a%2Fb?kind=all&since=2026-11-23T10%3A00%3A00Z&n=1&n=2&x=y&__proto__=z', {
    'x-until': 'Mon, 23 Nov 2026 10:00:00 GMT',
    'x-accept': 'a, "b,c"',
    'x-meta-one': '1',
  });
  assert.equal(call?.operation, 'Every');
  assert.deepEqual(call.decode(Buffer.from('{"Count":3}')), {
    Id: 'a/b',
    Since: new Date('2026-11-23T10:00:00Z'),
    Numbers: [1, 2],
    Rest: Object.fromEntries([
      ['x', 'y'],
      ['__proto__', 'z'],
    ]),
    Until: new Date('2026-11-23T10:00:00Z'),
    Accept: ['a', 'b,c'],
    Meta: { one: '1' },
    Body: { Count: 3 },
  });
});

test('what a request leaves out is left out of the input', () => {
  const call = match('PUT', '/every/a?kind=all');
  assert.deepEqual(call?.decode(Buffer.alloc(0)), { Id: 'a' });
});

test('text that is no number or no moment is a SerializationException', () => {
  for (const query of ['n=x', 'n=1e999', 'n=', 'since=yesterday']) {
    const call = match('PUT', `/every/a?kind=all&${query}`);
    assert.throws(() => call?.decode(Buffer.alloc(0)), { name: 'SerializationException' }, query);
  }
});

test('an answer puts its members into headers and the body, each timestamp as its place has it', () => {
  const call = match('PUT', '/every/a?kind=all');
  const At = new Date('2026-11-23T10:00:00.250Z');
  const answer = call?.encode({ At, Tags: ['a', 'b'], Body: { Count: 1, At, Unknown: 1 } }, 'id');
  assert.deepEqual(
    { ...answer, body: JSON.parse(String(Buffer.from(answer?.body as Uint8Array))) },
    {
      status: 200,
      headers: {
        'Content-Type': 'application/json',
        'X-At': 'Mon, 23 Nov 2026 10:00:00 GMT',
        'X-Tags': 'a, b',
      },
      body: { Count: 1, At: At.getTime() / 1_000 },
    },
  );
});

test('an operation without input or output is answered with nothing', () => {
  const call = match('GET', '/nothing');
  assert.deepEqual(call?.decode(Buffer.alloc(0)), {});
  assert.equal(call.encode(undefined, 'id').body, undefined);
});
