import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integer, text } from '@lambent/daemon';
import { Command } from 'commander';
import { addSettingOptions, variablesOf } from './setting-options.ts';

const FIELDS = {
  natsReplicas: integer({
    variable: 'LAMBENT_TEST_REPLICAS',
    default: 1,
    min: 1,
    max: 5,
    about: 'How many.',
  }),
  tls: text({ variable: 'LAMBENT_TEST_TLS', default: undefined, about: 'Where.' }),
};

test('a setting is an option of its name, and comes back as its variable', () => {
  const command = addSettingOptions(new Command('member'), FIELDS);
  command.parse(['--nats-replicas', '3'], { from: 'user' });
  assert.deepEqual(variablesOf(FIELDS, command.opts()), { LAMBENT_TEST_REPLICAS: '3' });
  assert.match(command.helpInformation(), /--nats-replicas <value> +How many\. \(default: "1", env:/);
});
