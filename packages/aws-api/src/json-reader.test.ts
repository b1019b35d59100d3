import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-error.ts';
import { parseJsonBody } from './json-body.ts';
import { compileJsonReader } from './json-reader.ts';

type Reference = Parameters<typeof NormalizedSchema.of>[0];

const STRING = 0;
const NUMBER = 1;
const BOOLEAN = 2;
const TIMESTAMP = 4;
const DATE_TIME = 5;
const BLOB = 21;
const LIST_OF = 64;
const MAP_OF = 128;

const NODE: unknown = [
  3,
  'ns',
  'Node',
  0,
  ['Text', 'Count', 'Flag', 'Bytes', 'At', 'On', 'Names', 'Tags', 'Renamed', 'Child'],
  [
    STRING,
    NUMBER,
    BOOLEAN,
    BLOB,
    TIMESTAMP,
    DATE_TIME,
    LIST_OF | STRING,
    MAP_OF | STRING,
    [STRING, { jsonName: 'as' }],
    () => NODE,
  ],
];
const read = compileJsonReader(NormalizedSchema.of(NODE as Reference));

function decode(json: string): unknown {
  return read(parseJsonBody(Buffer.from(json)));
}

function refusal(json: string): string | null {
  try {
    decode(json);
  } catch (error) {
    assert.ok(error instanceof AwsError, String(error));
    assert.equal(error.name, 'SerializationException');
    return error.wireMessage;
  }
  return assert.fail(`${json} was read`);
}

test('members of every kind are read, nulls and unknown members are dropped, a schema may contain itself', () => {
  const json = {
    Text: 'a',
    Count: 1,
    Flag: false,
    Bytes: 'AAE=',
    At: 1.5,
    On: '2026-11-23T10:00:00Z',
    Names: ['a', null, 'b'],
    Tags: { k: 'v', gone: null },
    as: 'other',
    Renamed: 'not this',
    Child: { Text: 'inner', Unknown: 1, Count: null },
    __type: 'Node',
  };
  assert.deepEqual(decode(JSON.stringify(json)), {
    Text: 'a',
    Count: 1,
    Flag: false,
    Bytes: Buffer.from([0, 1]),
    At: new Date(1_500),
    On: new Date('2026-11-23T10:00:00Z'),
    Names: ['a', 'b'],
    Tags: { k: 'v' },
    Renamed: 'other',
    Child: { Text: 'inner' },
  });
  assert.deepEqual(decode(''), {});
});

test('a value of the wrong type is refused in the words of AWS', () => {
  const list = 'Start of list found where not expected';
  const map = 'Start of structure or map found where not expected.';
  const cases: readonly (readonly [json: string, text: string])[] = [
    ['{"Text":1}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Text":true}', 'TRUE_VALUE can not be converted to a String'],
    ['{"Text":[]}', list],
    ['{"Text":{}}', map],
    ['{"Count":"1"}', 'STRING_VALUE can not be converted to an Integer'],
    ['{"Count":false}', 'FALSE_VALUE can not be converted to an Integer'],
    ['{"Names":"a"}', 'Expected list or null'],
    ['{"Names":{}}', map],
    ['{"Names":[1]}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"Tags":1}', 'Expected map or null'],
    ['{"Tags":[]}', list],
    ['{"Child":"a"}', 'Expected null'],
    ['{"Child":[]}', list],
    ['[]', list],
  ];
  for (const [json, text] of cases) assert.equal(refusal(json), text, json);
  assert.match(String(refusal('{"Bytes":"AAE"}')), /multiple of 4 bytes but found: 3/);
  assert.match(String(refusal('{"Bytes":"A!E="}')), /Invalid Base64 character/);
  assert.match(String(refusal('{"At":"yesterday"}')), /Timestamp/);
});

test('a body that is not JSON is refused', () => {
  for (const json of ['{', 'x', '{"a":1,}', '{"a":1} {}', '"\\', '\u0000'])
    assert.match(String(refusal(json)), /^Could not parse request body into json: /, json);
  assert.throws(() => parseJsonBody(Buffer.from([0x22, 0xff, 0x22])), { name: 'SerializationException' });
});

test('names that mean something to JavaScript mean nothing here', () => {
  const decoded = decode(
    '{"__proto__":{"Text":"x"},"constructor":1,"Tags":{"__proto__":"v","constructor":"w"}}',
  );
  assert.deepEqual(Object.keys(decoded as object), ['Tags']);
  assert.equal((decoded as { Text?: string }).Text, undefined);
  const { Tags } = decoded as { Tags: object };
  assert.equal(Object.getPrototypeOf(Tags), Object.prototype);
  assert.deepEqual(Object.entries(Tags), [
    ['__proto__', 'v'],
    ['constructor', 'w'],
  ]);
  assert.equal(({} as { Text?: string }).Text, undefined);
});

test('depth and number of values are bounded before anything is parsed', () => {
  assert.match(String(refusal('['.repeat(1_000_000))), /Nested deeper than 64/);
  assert.match(String(refusal(`{"Names":[${'{},'.repeat(100_001)}0]}`)), /More than 100000 values/);
  const deep = `${'{"Child":'.repeat(60)}{}${'}'.repeat(60)}`;
  assert.ok(decode(deep));
});

test('brackets and quotes inside strings are not counted', () => {
  const Text = '[{"\\'.repeat(500);
  assert.deepEqual(decode(JSON.stringify({ Text })), { Text });
});
