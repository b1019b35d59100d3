import { join, resolve } from 'node:path';
import { InvokeCommand, type LambdaClient, Runtime } from '@aws-sdk/client-lambda';
import { type Clock, sleep } from '@lambent/core';
import { EXIT_CODES, readEndpointFile } from '@lambent/daemon';
import type { Command } from 'commander';
import { provideBubblewrap } from '../bubblewrap.ts';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../command-line.ts';
import { deployFunction } from '../deploy-function.ts';
import { createLambdaClient } from '../lambda-client.ts';
import { PROJECT } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { addUpOptions, type UpOptions } from '../up-options.ts';
import { zipFolder } from '../zip-folder.ts';
import { keepUp } from './up.ts';

interface QuickstartOptions extends UpOptions {
  readonly once?: true;
}

const EXAMPLE = join(PROJECT, 'examples', 'hello-node');
const FUNCTION_NAME = 'hello';
const EVENT = { name: 'world' };
/** Short beside what starting takes, and nothing to the disk. */
const ENDPOINT_POLL_MS = 50;

export function addQuickstart(program: Command, context: CommandContext): void {
  const command = program
    .command('quickstart')
    .description('Set up what is missing, start, deploy a function, invoke it, and go on serving.')
    .option('--once', 'exit after the invocations');
  // What its own log says at the start would bury what a newcomer came to see.
  addUpOptions(command, { logLevel: 'warn' }).action((options: QuickstartOptions) =>
    quickstart(options, context),
  );
}

/** This process is the keeper that `lambent up` would be, and beside that its first user. */
async function quickstart(options: QuickstartOptions, context: CommandContext): Promise<void> {
  const { terminal, clock } = context;
  const env = await provideBubblewrap({
    toolsDirectory: join(PROJECT, '.cache', 'tools'),
    env: context.env,
    terminal,
  });
  const stop = new AbortController();
  const ended = keepUp({ ...options, dev: true }, { ...context, env }, stop.signal);
  try {
    const found = waitForUrl(options.data, clock, stop.signal);
    const url = await Promise.race([found, ended.then(() => undefined)]);
    if (url === undefined) return;
    await demonstrate(url, context);
    sayHowToGoOn(url, terminal);
    if (options.once) return;
    terminal.say();
    terminal.say('Serving until Ctrl-C.');
    await ended;
  } finally {
    stop.abort();
    context.exitWith(await ended);
  }
}

async function waitForUrl(data: string, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  while (!signal.aborted) {
    const endpoint = await readEndpointFile(resolve(data));
    // One left behind by an earlier run names another process.
    if (endpoint?.pid === process.pid) return endpoint.url;
    await sleep(clock, ENDPOINT_POLL_MS, { signal }).catch(() => {});
  }
  return undefined;
}

async function demonstrate(url: string, context: CommandContext): Promise<void> {
  const { terminal, clock } = context;
  const client = createLambdaClient(url);
  try {
    const zip = await zipFolder(EXAMPLE);
    const deployed = await timed(clock, () =>
      deployFunction(client, {
        name: FUNCTION_NAME,
        runtime: Runtime.nodejs24x,
        handler: 'index.handler',
        zip,
        memoryMb: 128,
        timeoutSeconds: 10,
      }),
    );
    terminal.say();
    terminal.say(`${deployed.value} the function ${FUNCTION_NAME} in ${deployed.ms} ms, from ${EXAMPLE}`);
    const cold = await timed(clock, () => invoke(client));
    const warm = await timed(clock, () => invoke(client));
    terminal.say();
    terminal.table([
      ['cold', `${cold.ms} ms`, cold.value.payload],
      ['warm', `${warm.ms} ms`, warm.value.payload],
    ]);
    terminal.say();
    terminal.say('its log of the cold one:');
    for (const line of cold.value.log) terminal.say(terminal.paint('dim', `  ${line}`));
  } finally {
    client.destroy();
  }
}

interface Answer {
  readonly payload: string;
  readonly log: readonly string[];
}

async function invoke(client: LambdaClient): Promise<Answer> {
  const answer = await client.send(
    new InvokeCommand({ FunctionName: FUNCTION_NAME, LogType: 'Tail', Payload: JSON.stringify(EVENT) }),
  );
  const log = Buffer.from(answer.LogResult ?? '', 'base64')
    .toString()
    .trimEnd();
  const payload = answer.Payload?.transformToString() ?? '';
  if (answer.FunctionError !== undefined)
    throw new CommandFailure(`the function failed: ${payload}\n${log}`, EXIT_CODES.failed);
  return { payload, log: log.split('\n') };
}

async function timed<Value>(clock: Clock, work: () => Promise<Value>): Promise<{ value: Value; ms: number }> {
  const startedMs = clock.monotonicMs();
  const value = await work();
  return { value, ms: Math.round(clock.monotonicMs() - startedMs) };
}

function sayHowToGoOn(url: string, terminal: Terminal): void {
  terminal.say();
  terminal.say('Go on with the AWS CLI, with any key:');
  terminal.say(
    '  export AWS_ACCESS_KEY_ID=lambent AWS_SECRET_ACCESS_KEY=lambent AWS_DEFAULT_REGION=us-east-1',
  );
  terminal.say(
    `  aws --endpoint-url ${url} lambda create-function --function-name mine --runtime nodejs24.x --handler index.handler --role arn:aws:iam::000000000000:role/mine --zip-file fileb://mine.zip`,
  );
  terminal.say(`  aws --endpoint-url ${url} lambda invoke --function-name ${FUNCTION_NAME} /dev/stdout`);
}
