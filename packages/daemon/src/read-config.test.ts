import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { choice, flag, integer, readConfig, readConfigs, redactConfig, text } from './read-config.ts';

const FIELDS = {
  port: integer({ variable: 'LAMBENT_PORT', min: 0, max: 65_535, default: 9_000, about: 'The port.' }),
  region: text({ variable: 'LAMBENT_REGION', default: 'us-east-1', about: 'The region.' }),
  accountId: text({
    variable: 'LAMBENT_ACCOUNT_ID',
    default: undefined,
    about: 'The account.',
    pattern: /^\d{12}$/,
    allowed: 'twelve digits',
  }),
  level: choice({
    variable: 'LAMBENT_LOG_LEVEL',
    values: ['debug', 'info'],
    default: 'info',
    about: 'The level.',
  }),
  listen: flag({ variable: 'LAMBENT_INSECURE_LISTEN', default: false, about: 'Everywhere.' }),
  key: text({ variable: 'LAMBENT_KEY', default: undefined, about: 'The key.', secret: true, pattern: /^k/ }),
};

function complaint(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(FIELDS, env);
  } catch (error) {
    assert.ok(isFailure(error, 'config-invalid'));
    return error.message;
  }
  return assert.fail('it was accepted');
}

test('what is not set has its default, and so has what is set to nothing', () => {
  const config = readConfig(FIELDS, { LAMBENT_REGION: '', HOME: '/root' });
  assert.deepEqual(config, {
    port: 9_000,
    region: 'us-east-1',
    accountId: undefined,
    level: 'info',
    listen: false,
    key: undefined,
  });
});

test('values are read as their type', () => {
  const config = readConfig(FIELDS, {
    LAMBENT_PORT: '0',
    LAMBENT_LOG_LEVEL: 'debug',
    LAMBENT_INSECURE_LISTEN: '1',
    LAMBENT_ACCOUNT_ID: '123456789012',
  });
  const port: number = config.port;
  const accountId: string | undefined = config.accountId;
  assert.deepEqual([port, accountId, config.level, config.listen], [0, '123456789012', 'debug', true]);
});

test('a value out of range is refused with the range', () => {
  assert.equal(
    complaint({ LAMBENT_PORT: '65536' }),
    'the setting LAMBENT_PORT is not valid: it must be a whole number from 0 to 65535, not "65536"',
  );
  for (const wrong of ['-1', '9000.5', '0x10', 'ninety', ' 1'])
    assert.match(complaint({ LAMBENT_PORT: wrong }), /a whole number/);
});

test('a text that does not match, a choice that is none and a flag that is neither are refused', () => {
  assert.match(complaint({ LAMBENT_ACCOUNT_ID: '12' }), /it must be twelve digits, not "12"/);
  assert.match(complaint({ LAMBENT_LOG_LEVEL: 'loud' }), /it must be one of debug, info, not "loud"/);
  assert.match(complaint({ LAMBENT_INSECURE_LISTEN: 'yes' }), /it must be true or false, not "yes"/);
});

test('an unknown LAMBENT_ name is refused, with the name that was probably meant', () => {
  assert.match(complaint({ LAMBENT_PROT: '1' }), /LAMBENT_PROT .*did you mean LAMBENT_PORT\?/);
  assert.match(complaint({ LAMBENT_SOMETHING_ELSE: '1' }), /there is no such setting$/);
});

test('a secret is neither logged nor shown in an error', () => {
  const config = readConfig(FIELDS, { LAMBENT_KEY: 'k3y' });
  assert.equal(redactConfig(FIELDS, config)['key'], '[redacted]');
  assert.equal(redactConfig(FIELDS, config)['port'], 9_000);
  assert.equal(redactConfig(FIELDS, readConfig(FIELDS, {}))['key'], undefined);
  assert.doesNotMatch(complaint({ LAMBENT_KEY: 'hush' }), /hush/);
});

test('the settings of several services are read together, and each knows the others', () => {
  const other = {
    depth: integer({ variable: 'LAMBENT_DEPTH', min: 1, max: 9, default: 5, about: 'The depth.' }),
  };
  const env = { LAMBENT_PORT: '1', LAMBENT_DEPTH: '7' };
  const { first, second } = readConfigs({ first: FIELDS, second: other }, env);
  const depth: number = second.depth;
  assert.deepEqual([first.port, depth], [1, 7]);
  assert.throws(() => readConfig(other, env), /LAMBENT_PORT .* no such setting/);
});
