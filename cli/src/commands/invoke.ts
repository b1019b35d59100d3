import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { InvokeCommand, type InvokeCommandOutput, LambdaServiceException } from '@aws-sdk/client-lambda';
import { EXIT_CODES } from '@lambent/daemon';
import type { Command } from 'commander';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../command-line.ts';
import { createLambdaClient } from '../lambda-client.ts';
import { dataOption, explainConnection, locateLambent } from '../locate-lambent.ts';
import type { Terminal } from '../terminal.ts';

interface InvokeOptions {
  readonly payload?: string;
  readonly qualifier?: string;
  readonly event?: true;
  readonly tail?: true;
  readonly clientContext?: string;
  readonly endpoint?: string;
  readonly data: string;
}

export function addInvoke(program: Command, context: CommandContext): void {
  program
    .command('invoke')
    .description('Invoke a function and print what it answers.')
    .argument('<name>', 'name or ARN of the function')
    .option('-p, --payload <json>', 'the event: JSON, @FILE, or - for standard input')
    .option('-q, --qualifier <version>', 'version or alias')
    .option('--event', 'asynchronously: accepted is all that is waited for')
    .option('--tail', 'print the end of the log as well')
    .option('--client-context <json>', 'JSON handed to the function as client context')
    .option('--endpoint <url>', 'address of the AWS API, instead of the one found in the data directory')
    .addOption(dataOption())
    .action((name: string, options: InvokeOptions) => invoke(name, options, context));
}

async function invoke(name: string, options: InvokeOptions, context: CommandContext): Promise<void> {
  const url = await locateLambent({ data: options.data, given: options.endpoint }, 'url');
  const payload = await readPayload(options.payload);
  const client = createLambdaClient(url);
  try {
    const answer = await client.send(
      new InvokeCommand({
        FunctionName: name,
        InvocationType: options.event ? 'Event' : 'RequestResponse',
        ...(payload && { Payload: payload }),
        ...(options.qualifier !== undefined && { Qualifier: options.qualifier }),
        ...(options.tail && { LogType: 'Tail' }),
        ...(options.clientContext !== undefined && {
          ClientContext: Buffer.from(options.clientContext).toString('base64'),
        }),
      }),
    );
    show(answer, context.terminal);
    if (answer.FunctionError !== undefined) context.exitWith(EXIT_CODES.failed);
  } catch (error) {
    if (error instanceof LambdaServiceException)
      throw new CommandFailure(`${error.name}: ${error.message}`, EXIT_CODES.failed, { cause: error });
    throw explainConnection(error, url);
  } finally {
    client.destroy();
  }
}

/** Only what the function answered goes to standard output. */
function show(answer: InvokeCommandOutput, terminal: Terminal): void {
  if (answer.LogResult !== undefined)
    terminal.say(Buffer.from(answer.LogResult, 'base64').toString().trimEnd());
  if (answer.FunctionError !== undefined)
    terminal.say(terminal.paint('red', `the function failed: ${answer.FunctionError}`));
  if (answer.StatusCode === 202) terminal.say(`accepted: request ${answer.$metadata.requestId}`);
  else terminal.result(answer.Payload?.transformToString() ?? '');
}

async function readPayload(text: string | undefined): Promise<Uint8Array | undefined> {
  if (text === undefined) return undefined;
  if (text === '-') return buffer(process.stdin);
  if (!text.startsWith('@')) return Buffer.from(text);
  try {
    return await readFile(text.slice(1));
  } catch (error) {
    throw new CommandFailure(`cannot read the payload: ${(error as Error).message}`, EXIT_CODES.usage, {
      cause: error,
    });
  }
}
