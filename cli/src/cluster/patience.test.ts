import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fail, isFailure, SimulatedClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { patiently } from './patience.ts';

suite('opening what others serve', () => {
  const logger = createLogger({ level: 'silent', service: 'test' });
  const options = (clock: SimulatedClock, closing = new AbortController().signal) => ({
    servers: 'etcd',
    patienceMs: 60_000,
    clock,
    logger,
    closing,
  });

  test('it is tried again until somebody answers', async () => {
    const clock = new SimulatedClock();
    let tries = 0;
    const opened = patiently(async () => {
      tries += 1;
      if (tries < 4) throw fail('registry-unavailable', { detail: 'nobody' });
      return 'open';
    }, options(clock));
    await clock.advance(10_000);
    assert.equal(await opened, 'open');
    assert.equal(tries, 4);
  });

  test('after its patience it is given up with what was last wrong', async () => {
    const clock = new SimulatedClock();
    const opened = patiently(
      () => Promise.reject(fail('broker-unavailable', { detail: 'nobody' })),
      options(clock),
    );
    const refused = assert.rejects(opened, error => isFailure(error, 'broker-unavailable'));
    await clock.advance(61_000);
    await refused;
  });

  test('a refusal is final at once, and so is a mistake', async () => {
    const wrong = [
      fail('registry-unfit', { url: 'u', version: '3.4', oldest: '3.5' }),
      new TypeError('mine'),
    ];
    for (const error of wrong)
      await assert.rejects(
        patiently(() => Promise.reject(error), options(new SimulatedClock())),
        error,
      );
  });

  test('who is wanted no more waits no more', async () => {
    const closing = new AbortController();
    const opened = patiently(
      () => Promise.reject(fail('registry-unavailable', { detail: 'nobody' })),
      options(new SimulatedClock(), closing.signal),
    );
    const ended = assert.rejects(opened);
    closing.abort();
    await ended;
  });
});
