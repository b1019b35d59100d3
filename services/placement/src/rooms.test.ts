import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import type { Member } from './member.ts';
import { Rooms } from './rooms.ts';

test('who has so much room is always among those who are named, and who has less than half of it never', () => {
  const random = new SeededRandom(1);
  const rooms = new Rooms();
  const members = Array.from({ length: 200 }, (_, index) => memberOf(`w-${index}`));
  for (let step = 0; step < 5_000; step++) {
    const member = members[Math.floor(random.fraction() * members.length)] as Mutable;
    member.memoryMbFree = Math.floor(random.fraction() ** 4 * 1_048_576) - 16;
    member.standing = random.fraction() < 0.9 ? 'ready' : 'draining';
    rooms.update(member);
    const wantedMb = 2 ** Math.floor(random.fraction() * 14);
    const named = new Set(rooms.of(wantedMb));
    for (const each of members) {
      if (each.standing === 'ready' && each.memoryMbFree >= wantedMb) assert.ok(named.has(each));
      if (each.standing !== 'ready' || each.memoryMbFree < wantedMb / 2) assert.ok(!named.has(each));
    }
  }
  assert.equal(rooms.size, members.filter(({ standing }) => standing === 'ready').length);
});

test('each of those who are named is at one number, the roomiest at the end', () => {
  const rooms = new Rooms();
  const members = [100, 5_000, 200, 300].map((freeMb, index) => memberOf(`w-${index}`, freeMb));
  for (const member of members) rooms.update(member);
  const named = rooms.of(200);
  const numbered = Array.from({ length: named.length }, (_, index) => named.at(index));
  assert.deepEqual(numbered, [...named]);
  assert.deepEqual(new Set(numbered), new Set(members.slice(1)));
  assert.equal(numbered.at(-1), members[1]);
  assert.equal(named.at(named.length), undefined);
});

type Mutable = { -readonly [Fact in keyof Member]: Member[Fact] };

function memberOf(workerId: string, memoryMbFree = 0): Mutable {
  return {
    workerId,
    standing: 'draining',
    memoryMbFree,
    shares: new Map(),
    runtimes: new Set<string>(),
    codeCached: new Set<string>(),
    holdings: new Map(),
    ...(memoryMbFree > 0 && { standing: 'ready' as const }),
  };
}
