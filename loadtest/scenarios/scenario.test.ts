import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Refusal } from '../run/refusal.ts';
import { findScenario, listScenarios } from './find-scenario.ts';
import { readScenario, withOverrides } from './scenario.ts';

const RIGHT = {
  description: 'a test',
  functions: { echo: {} },
  targets: [{ name: 'http', door: 'http', function: 'echo' }],
  phases: [{ name: 'steady', seconds: 1, rate: 10 }],
};

function refusalOf(wrong: unknown): string {
  try {
    readScenario(typeof wrong === 'string' ? wrong : JSON.stringify(wrong));
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return error.message;
  }
  return 'nothing';
}

describe('a scenario', () => {
  test('says what it does not need to say by defaults', () => {
    const { functions, phases, blocks, installation } = readScenario(JSON.stringify(RIGHT));
    assert.equal(functions['echo']?.runtime, 'nodejs24.x');
    assert.equal(phases[0]?.outstandingMax, 256);
    assert.deepEqual({ blocks, installation }, { blocks: 1, installation: 'up' });
  });

  test('is refused with the name of each field that is wrong', () => {
    assert.equal(refusalOf({ ...RIGHT, blokcs: 2 }), 'the scenario: Unrecognized key: "blokcs"');
    assert.match(
      refusalOf({ ...RIGHT, targets: [{ name: 'a', door: 'htp', function: 'echo' }] }),
      /^targets\[0\]\.door: /,
    );
    assert.match(
      refusalOf({ ...RIGHT, phases: [{ name: 'p', seconds: 0, rate: 1 }] }),
      /^phases\[0\]\.seconds: /,
    );
    assert.match(refusalOf('{'), /^it is not JSON: /);
  });

  test('loads each phase in exactly one way', () => {
    const both = { name: 'p', seconds: 1, rate: 1, callers: 1 };
    for (const phase of [both, { name: 'p', seconds: 1 }])
      assert.equal(
        refusalOf({ ...RIGHT, phases: [phase] }),
        'phases[0]: must have exactly one of callers, rate, ramp, burst, trace',
      );
  });

  test('speaks only of what it has', () => {
    const ratio = { name: 'r', of: 'http', to: 'grpc', phase: 'steady', toPhase: 'stedy', value: 'p50Ms' };
    assert.deepEqual(refusalOf({ ...RIGHT, functions: {}, ratios: [ratio] }).split('\n'), [
      'targets[0].function: there is no echo in functions',
      'ratios[0].to: there is no grpc in targets',
      'ratios[0].toPhase: there is no stedy in phases',
    ]);
    const twice = [...RIGHT.targets, ...RIGHT.targets];
    assert.equal(refusalOf({ ...RIGHT, targets: twice }), 'targets[1].name: http is there twice');
  });

  test('is bounded as a whole', () => {
    const phases = Array.from({ length: 50 }, (_, index) => ({ name: `p${index}`, seconds: 1, rate: 1 }));
    assert.match(refusalOf({ ...RIGHT, phases, blocks: 100 }), /^blocks: .* more than 1000/);
  });

  test('can be made shorter', () => {
    const { phases, blocks } = withOverrides(readScenario(JSON.stringify(RIGHT)), {
      durationSeconds: 0.5,
      blocks: 3,
    });
    assert.deepEqual([phases[0]?.seconds, blocks], [0.5, 3]);
  });

  test('of this folder is right', async () => {
    const names = await listScenarios();
    assert.ok(names.includes('warm'));
    for (const name of names) assert.ok((await findScenario(name)).scenario.description);
  });

  test('of the documentation is right', async () => {
    const docs = await readFile(path.join(import.meta.dirname, '../../docs/load-testing.md'), 'utf8');
    const [, example = ''] = /```json\n([^`]*)```/.exec(docs) ?? [];
    assert.equal(readScenario(example).targets.length, 3);
  });

  test('that is not there is refused with those that are', async () => {
    await assert.rejects(findScenario('none'), (error: Error) => /there are .*\bwarm\b/.test(error.message));
  });
});
