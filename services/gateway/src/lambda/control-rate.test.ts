import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, type LambdaHandlers, type RequestContext } from '@lambent/aws-api';
import { SimulatedClock } from '@lambent/core';
import { type ControlRates, withControlRates } from './control-rate.ts';

const NAMES = ['ListFunctions', 'GetPolicy', 'GetFunction', 'Invoke', 'InvokeWithResponseStream'] as const;

function open(rates: Partial<ControlRates>) {
  const clock = new SimulatedClock();
  const answer = async () => ({});
  const handlers = Object.fromEntries(NAMES.map(name => [name, answer])) as LambdaHandlers;
  const limited = withControlRates(handlers, { controlRate: 0, getFunctionRate: 0, ...rates }, clock);
  const ask = (name: (typeof NAMES)[number]) => limited[name]?.({} as never, {} as RequestContext);
  return { clock, ask };
}

const refused = (error: unknown) =>
  error instanceof AwsError &&
  error.name === 'TooManyRequestsException' &&
  error.fields['Reason'] === 'CallerRateLimitExceeded';

test('what does not invoke shares a rate, and is answered again as time passes', async () => {
  const { clock, ask } = open({ controlRate: 2 });
  await ask('ListFunctions');
  await ask('GetPolicy');
  await assert.rejects(async () => ask('GetPolicy'), refused);
  for (const name of ['Invoke', 'InvokeWithResponseStream', 'GetFunction'] as const)
    for (let times = 0; times < 5; times += 1) await ask(name);
  await clock.advance(500);
  await ask('GetPolicy');
  await assert.rejects(async () => ask('ListFunctions'), refused);
  await clock.advance(60_000);
  await ask('GetPolicy');
  await ask('GetPolicy');
  await assert.rejects(async () => ask('GetPolicy'), refused);
});

test('GetFunction has a rate of its own', async () => {
  const { ask } = open({ getFunctionRate: 1 });
  await ask('GetFunction');
  await assert.rejects(async () => ask('GetFunction'), refused);
  for (let times = 0; times < 5; times += 1) await ask('GetPolicy');
});
