import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  type LambdaClient,
  PutFunctionConcurrencyCommand,
  type Runtime,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { zipOf } from '@lambent/testing';

/** A function of the harness's own, which gives its event back. */
export interface FunctionPlan {
  readonly name: string;
  readonly runtime: keyof typeof PROGRAMS;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number | undefined;
  /** Instead of the one that gives its event back. */
  readonly program?: Program;
}

export interface Program {
  readonly handler: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * An event may ask for time: `sleepMs` waits, `spinMs` computes. The first answer of an environment has one more
 * member, `cold`.
 */
const NODE: Program = {
  handler: 'index.handler',
  files: {
    'index.mjs': `import { setTimeout as sleep } from 'node:timers/promises';
let cold = true;
export const handler = async event => {
  const answer = cold ? { ...event, cold } : event;
  cold = false;
  if (event.sleepMs) await sleep(event.sleepMs);
  if (event.spinMs) for (const end = performance.now() + event.spinMs; performance.now() < end; );
  return answer;
};
`,
  },
};
const PYTHON: Program = {
  handler: 'main.handler',
  files: {
    'main.py': `import time
cold = True
def handler(event, context):
    global cold
    answer = {**event, 'cold': True} if cold else event
    cold = False
    time.sleep(event.get('sleepMs', 0) / 1000)
    end = time.monotonic() + event.get('spinMs', 0) / 1000
    while time.monotonic() < end:
        pass
    return answer
`,
  },
};
const PROGRAMS = {
  'nodejs22.x': NODE,
  'nodejs24.x': NODE,
  'python3.11': PYTHON,
  'python3.12': PYTHON,
  'python3.13': PYTHON,
} as const satisfies Partial<Record<Runtime, Program>>;

export const RUNTIMES = Object.keys(PROGRAMS) as readonly FunctionPlan['runtime'][];

/** States are reached in milliseconds here and in seconds elsewhere. */
const WAIT = { maxWaitTime: 120, minDelay: 0.05, maxDelay: 2 };
/** Of requests that are under way together. */
const AT_ONCE = 8;
/** Any well-formed role will do for Lambent. */
export const ANY_ROLE = 'arn:aws:iam::000000000000:role/loadtest';

/** Functions created for a run, and deleted with it. */
export class DeployedFunctions implements AsyncDisposable {
  readonly #client: LambdaClient;
  readonly #names: string[] = [];

  private constructor(client: LambdaClient) {
    this.#client = client;
  }

  /** Resolves when all are active. */
  static async deploy(
    client: LambdaClient,
    plans: readonly FunctionPlan[],
    role = ANY_ROLE,
  ): Promise<DeployedFunctions> {
    const deployed = new DeployedFunctions(client);
    try {
      await eachOf(plans, plan => deployed.#deploy(plan, role));
      return deployed;
    } catch (error) {
      await deployed[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await eachOf(this.#names.splice(0), async FunctionName => {
      await this.#client.send(new DeleteFunctionCommand({ FunctionName }));
    });
  }

  async #deploy(plan: FunctionPlan, role: string): Promise<void> {
    const { name, runtime, memoryMb, timeoutSeconds, reservedConcurrency } = plan;
    const { handler, files } = plan.program ?? PROGRAMS[runtime];
    await this.#client.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: runtime,
        Handler: handler,
        Role: role,
        MemorySize: memoryMb,
        Timeout: timeoutSeconds,
        Code: { ZipFile: await zipOf(files) },
      }),
    );
    this.#names.push(name);
    await waitUntilFunctionActiveV2({ client: this.#client, ...WAIT }, { FunctionName: name });
    if (reservedConcurrency !== undefined)
      await this.#client.send(
        new PutFunctionConcurrencyCommand({
          FunctionName: name,
          ReservedConcurrentExecutions: reservedConcurrency,
        }),
      );
  }
}

async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
}
