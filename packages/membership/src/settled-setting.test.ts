import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, SeededRandom, SimulatedClock } from '@lambent/core';
import { SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';
import { settleSetting } from './settled-setting.ts';

test('the first settles a setting, and who was told another is refused with both values', async () => {
  const clock = new SimulatedClock();
  const server = new SimulatedRegistryServer({ clock, random: new SeededRandom(1) });
  const wire = {
    carry: (_from: string, _to: string, deliver: () => void) => queueMicrotask(deliver),
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
  const registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  const variable = 'LAMBENT_ASYNC_PARTITIONS';
  const settle = (value: string) =>
    settleSetting(registry, { variable, value, because: 'it says where things lie' });
  await Promise.all([settle('8'), settle('8')]);
  await settle('8');
  await assert.rejects(settle('4'), error => {
    assert.ok(isFailure(error, 'config-invalid'));
    assert.match(error.message, /LAMBENT_ASYNC_PARTITIONS is not valid: it is 4, and 8 since the beginning/);
    return true;
  });
});
