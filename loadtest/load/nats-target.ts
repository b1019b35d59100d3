import { encodeSubjectPart } from '@lambent/nats';
import { headers, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { errorTypeOf, nameOf } from './http-target.ts';
import type { Judge, Outcome } from './outcome.ts';
import type { FunctionTargetOptions, Target } from './target.ts';

export interface NatsTargetOptions extends FunctionTargetOptions {
  /** The target closes it. */
  readonly connection: NatsConnection;
  readonly clusterName: string;
}

/** Invoking with a request over NATS: whichever gateway hears it answers. */
export class NatsTarget implements Target {
  readonly name: string;
  readonly cpuUs: Target['cpuUs'];
  readonly #options: NatsTargetOptions;
  readonly #subjects: readonly string[];
  readonly #headers: MsgHdrs;

  constructor(options: NatsTargetOptions) {
    this.name = options.name;
    this.cpuUs = options.cpuUs;
    this.#options = options;
    const { clusterName, functionNames, asynchronous, logTail, patienceMs } = options;
    const verb = asynchronous ? 'event' : 'invoke';
    this.#subjects = functionNames.map(name => `${clusterName}.${verb}.${encodeSubjectPart(name)}`);
    this.#headers = headers();
    this.#headers.set('Lambent-Deadline-Ms', String(patienceMs));
    if (logTail) this.#headers.set('Lambent-Log-Type', 'Tail');
  }

  async call(copy: number): Promise<Outcome> {
    const { connection, event, judge, patienceMs: timeout } = this.#options;
    const subject = this.#subjects[copy % this.#subjects.length] ?? '';
    try {
      return outcomeOf(await connection.request(subject, event, { timeout, headers: this.#headers }), judge);
    } catch (error) {
      return { kind: 'error', error: nameOf(error) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.connection.close();
  }
}

function outcomeOf({ headers: fields, data }: Msg, judge: Judge): Outcome {
  const field = (name: string) => fields?.get(name) || undefined;
  if (field('Lambent-Status') === '429') return { kind: 'throttled' };
  const error = field('Lambent-Error-Type');
  if (error !== undefined) return { kind: 'error', error };
  const failure = field('Lambent-Function-Error');
  if (failure !== undefined) return { kind: 'failed', error: errorTypeOf(data) ?? failure };
  const tail = field('Lambent-Log-Result');
  return judge({ payload: data, logTail: tail && Buffer.from(tail, 'base64').toString() });
}
