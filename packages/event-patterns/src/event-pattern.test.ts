import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseEventPattern } from './event-pattern.ts';

function matches(pattern: object, event: unknown): boolean {
  const parsed = parseEventPattern(JSON.stringify(pattern));
  assert.ok(parsed, JSON.stringify(pattern));
  return parsed.matches(event);
}

/** Each of the pattern with the values of `a` that match it, and those that do not. */
const LEAVES: readonly (readonly [pattern: unknown[], yes: unknown[], no: unknown[]])[] = [
  [
    ['x', 'y'],
    ['x', 'y', ['z', 'y'], [['x']]],
    ['X', 'xy', '', null, [], {}, undefined],
  ],
  [[''], [''], [' ', null, undefined]],
  [[null], [null], ['', 'null', 0, undefined]],
  [[true], [true], ['true', false, 1]],
  [[300], [300, 3e2], ['300', 301, [3, 0, 0]]],
  [[{ prefix: 'ab' }], ['ab', 'abc'], ['a', 'cab', 'ABC', 1, undefined]],
  [[{ prefix: { 'equals-ignore-case': 'aB' } }], ['ABc', 'abc'], ['a', 'cab']],
  [[{ suffix: '.png' }], ['.png', 'a.png'], ['a.PNG', 'png']],
  [[{ suffix: { 'equals-ignore-case': '.png' } }], ['a.PNG'], ['png']],
  [[{ 'equals-ignore-case': 'Alice' }], ['alice', 'ALICE'], ['alic', 'alice ']],
  [[{ wildcard: 'a*b*c' }], ['abc', 'a-b-c', 'abbcc'], ['ab', 'acb', 'abcd', 'bc']],
  [[{ wildcard: '*x' }], ['x', 'xx'], ['xy']],
  [[{ wildcard: 'a*a' }], ['aa', 'aba'], ['a']],
  [[{ wildcard: '\\*\\\\' }], ['*\\'], ['\\', '*', 'a\\']],
  [[{ 'anything-but': 'x' }], ['y', 1, null, ['x', 'y']], ['x', undefined, []]],
  [[{ 'anything-but': ['x', 1] }], ['y', '1', 2], ['x', 1]],
  [[{ 'anything-but': { prefix: 'in' } }], ['out', 1], ['init']],
  [[{ 'anything-but': { suffix: ['.a', '.b'] } }], ['x.c'], ['x.a', 'x.b']],
  [[{ 'anything-but': { wildcard: '*/lib/*' } }], ['lib'], ['a/lib/b']],
  [[{ 'anything-but': { 'equals-ignore-case': ['no', 'Nein'] } }], ['yes'], ['NO', 'nein']],
  [[{ numeric: ['=', 5] }], [5, 5.0], [4, '5']],
  [[{ numeric: ['>', 0, '<=', 5] }], [0.5, 5], [0, 5.5, -1]],
  [[{ numeric: ['<', 10] }], [9.9, -5e9], [10]],
  [[{ exists: true }], ['', null, 0, [1]], [undefined, [], {}, { b: 1 }]],
  [[{ exists: false }], [undefined, [], { b: 1 }], [null, '', 0]],
  [[{ exists: false }, 'x'], [undefined, 'x'], ['y']],
  [[{ cidr: '10.0.0.0/24' }], ['10.0.0.0', '10.0.0.255'], ['10.0.1.0', 'x', '::a00:0', 10]],
  [[{ cidr: '2001:db8::/32' }], ['2001:db8::1'], ['2001:db9::1', '10.0.0.1']],
];

suite('A pattern', () => {
  test('looks at leaves as each operator says', () => {
    for (const [pattern, yes, no] of LEAVES) {
      for (const a of yes)
        assert.equal(matches({ a: pattern }, { a }), true, `${JSON.stringify([pattern, a])}`);
      for (const a of no)
        assert.equal(matches({ a: pattern }, { a }), false, `${JSON.stringify([pattern, a])}`);
    }
  });

  test('is matched by all of its members, wherever they lie', () => {
    const pattern = { body: { city: ['Kyoto'], size: [{ numeric: ['>', 1] }] }, kind: ['new'] };
    const event = { body: { city: 'Kyoto', size: 2, more: true }, kind: 'new', id: 1 };
    assert.equal(matches(pattern, event), true);
    assert.equal(matches(pattern, { ...event, kind: 'old' }), false);
    assert.equal(matches(pattern, { ...event, body: { city: 'Kyoto' } }), false);
    assert.equal(matches(pattern, { ...event, body: 'Kyoto' }), false);
    for (const other of [null, undefined, 'text', 1, []]) assert.equal(matches(pattern, other), false);
  });

  test('is matched by one of the alternatives of each $or, beside its other members', () => {
    const pattern = { a: [1], $or: [{ b: [2] }, { c: { d: [3] } }] };
    assert.equal(matches(pattern, { a: 1, b: 2 }), true);
    assert.equal(matches(pattern, { a: 1, c: { d: 3 } }), true);
    assert.equal(matches(pattern, { a: 1, b: 3 }), false);
    assert.equal(matches(pattern, { b: 2 }), false);
  });

  test('is matched by one object of a list, not by several together', () => {
    const pattern = { items: { name: ['x'], size: [1] } };
    assert.equal(matches(pattern, { items: [{ name: 'y' }, { name: 'x', size: 1 }] }), true);
    assert.equal(
      matches(pattern, {
        items: [
          { name: 'x', size: 2 },
          { name: 'y', size: 1 },
        ],
      }),
      false,
    );
    assert.equal(matches({ items: { name: [{ exists: false }] } }, { items: [] }), true);
  });

  test('knows an event only by its own members', () => {
    assert.equal(matches({ constructor: [{ exists: true }] }, {}), false);
    assert.equal(matches({ toString: { name: ['toString'] } }, {}), false);
  });

  test('stands lists as deep as anybody sends them', () => {
    let deep: unknown = 'x';
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    assert.equal(matches({ a: ['x'] }, { a: deep }), true);
  });

  test('is refused when it is none', () => {
    const none = [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '{}',
      '{"a":{}}',
      '{"a":[]}',
      '{"a":"x"}',
      '{"a":1}',
      '{"a":null}',
      '{"a":[["x"]]}',
      '{"a":[{}]}',
      '{"a":[{"prefix":"x","suffix":"y"}]}',
      '{"a":[{"prefix":1}]}',
      '{"a":[{"prefix":{"suffix":"x"}}]}',
      '{"a":[{"unknown":"x"}]}',
      '{"a":[{"exists":"true"}]}',
      '{"a":[{"numeric":[]}]}',
      '{"a":[{"numeric":["=","1"]}]}',
      '{"a":[{"numeric":["!=",1]}]}',
      '{"a":[{"numeric":["<",1,">",0]}]}',
      '{"a":[{"numeric":[">",5,"<",1]}]}',
      '{"a":[{"numeric":["=",5000000001]}]}',
      '{"a":[{"anything-but":[]}]}',
      '{"a":[{"anything-but":[true]}]}',
      '{"a":[{"anything-but":{"prefix":""}}]}',
      '{"a":[{"anything-but":{"numeric":["=",1]}}]}',
      '{"a":[{"wildcard":"a**b"}]}',
      '{"a":[{"wildcard":"a\\\\b"}]}',
      '{"a":[{"cidr":"10.0.0.0"}]}',
      '{"a":[{"cidr":"10.0.0.0/33"}]}',
      '{"a":[{"cidr":"x/8"}]}',
      '{"$or":[{"a":[1]}]}',
      '{"$or":[{"a":[1]},{}]}',
      `${'{"a":'.repeat(65)}[1]${'}'.repeat(65)}`,
    ];
    for (const text of none) assert.equal(parseEventPattern(text), undefined, text);
  });
});
