import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOptions } from './options.ts';
import { Refusal } from './refusal.ts';

const refused = (why: RegExp) => (error: Error) => error instanceof Refusal && why.test(error.message);

describe('the command line of the load test', () => {
  test('names a scenario, and what it is run against', () => {
    const { scenario, addresses, deployRole } = readOptions([
      'warm',
      '--endpoint',
      'http://127.0.0.1:9000/',
      '--deploy',
    ]);
    assert.equal(scenario, 'warm');
    assert.equal(addresses?.origin, 'http://127.0.0.1:9000');
    assert.match(deployRole ?? '', /^arn:aws:iam::/);
  });

  test('is refused where it contradicts itself or says what nobody knows', () => {
    assert.throws(() => readOptions([]), refused(/--list/));
    assert.throws(() => readOptions(['a', 'b']), refused(/one scenario at a time/));
    assert.throws(() => readOptions(['a', '--grpc', 'h:1']), refused(/--grpc goes with --endpoint/));
    assert.throws(() => readOptions(['a', '--endpoint', 'h:1']), refused(/begins with http/));
    assert.throws(
      () => readOptions(['a', '--endpoint', 'http://h', '--role', 'r']),
      refused(/goes with --deploy/),
    );
    assert.throws(() => readOptions(['a', '--duration', 'long']), refused(/--duration is a number above 0/));
    assert.throws(() => readOptions(['a', '--blocks', '1.5']), refused(/--blocks/));
    assert.throws(() => readOptions(['a', '--endpont', 'x']), refused(/--endpont/));
  });
});
