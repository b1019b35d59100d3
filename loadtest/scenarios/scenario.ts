import { z } from 'zod';
import { FLOORS } from '../floors/start-floor.ts';
import { RUNTIMES } from '../load/deployed-functions.ts';
import { DOORS } from '../load/installation.ts';
import { VALUE_NAMES } from '../report/values.ts';
import { Refusal } from '../run/refusal.ts';

/** Targets × phases × blocks. A measurement is a row of the report, and a run of so many is a long day's. */
const MEASUREMENTS_MAX = 1_000;
const COPIES_MAX = 200;
const SECONDS_MAX = 86_400;
const CALLERS_MAX = 1_024;
const RATE_MAX = 50_000;
/** Connections, and calls under way: a process may have some thousands of files open. */
const OUTSTANDING_MAX = 4_096;
/** As long as a function may run, and a little. */
const PATIENCE_SECONDS_MAX = 960;
/** A hundred bytes. */
const USUAL_EVENT = { order: '7f9c24e8', items: [1, 2, 3], note: 'the same hundred bytes for every path' };

const name = z.string().regex(/^[\w .÷-]{1,40}$/, 'must be 1 to 40 letters, digits, blanks, - and _');
const count = (max: number) => z.int().min(1).max(max);
const rate = z.number().min(0).max(RATE_MAX);

/** The harness's own, deployed for the run; or one that is there, whose answers are all right. */
const functionPlan = z
  .strictObject({
    existing: z.string().min(1).max(140).optional(),
    logTail: z.boolean().default(false),
    runtime: z.enum(RUNTIMES).default('nodejs24.x'),
    memoryMb: z.int().min(128).max(10_240).default(1_769),
    timeoutSeconds: count(900).default(30),
    copies: count(COPIES_MAX).default(1),
    /** Of each copy; without, all share what the account has. */
    reservedConcurrency: z.int().min(0).max(100_000).optional(),
  })
  .prefault({});

/** A way in to a function, or a floor to measure it beside. */
const target = z
  .strictObject({
    name,
    door: z.enum(DOORS).optional(),
    function: z.string().optional(),
    asynchronous: z.boolean().default(false),
    floor: z.enum(FLOORS).optional(),
  })
  .refine(({ door, floor }) => (door === undefined) !== (floor === undefined), 'must have a door or a floor')
  .refine(({ door, function: called }) => (door === undefined) === (called === undefined), {
    error: 'a door has a function, and a floor none',
    path: ['function'],
  });

const LOADS = ['callers', 'rate', 'ramp', 'burst', 'trace'] as const;

const phase = z
  .strictObject({
    name,
    seconds: z.number().positive().max(SECONDS_MAX),
    measured: z.boolean().default(true),
    callers: count(CALLERS_MAX).optional(),
    rate: rate.positive().optional(),
    ramp: z.strictObject({ from: rate, to: rate }).optional(),
    burst: z.strictObject({ calls: count(OUTSTANDING_MAX), everyMs: z.number().min(1) }).optional(),
    trace: z
      .strictObject({
        file: z.string(),
        firstMinute: z.int().min(0).max(1_439).default(0),
        minuteSeconds: z.number().positive().max(60).default(60),
        share: z.number().positive().max(1).default(1),
      })
      .optional(),
    spacing: z.enum(['even', 'random']).default('random'),
    outstandingMax: count(OUTSTANDING_MAX).default(256),
  })
  .refine(
    found => LOADS.filter(load => found[load] !== undefined).length === 1,
    `must have exactly one of ${LOADS.join(', ')}`,
  );

const limits = { atMost: z.number().optional(), atLeast: z.number().optional() };
const value = z.enum(VALUE_NAMES);

const scenario = z
  .strictObject({
    description: z.string().min(1),
    installation: z.enum(['up', 'cluster']).default('up'),
    functions: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,40}$/), functionPlan).default({}),
    event: z.record(z.string(), z.json()).default(USUAL_EVENT),
    targets: z.array(target).min(1).max(16),
    phases: z.array(phase).min(1).max(50),
    blocks: count(100).default(1),
    targetsRun: z.enum(['interleaved', 'together']).default('interleaved'),
    patienceSeconds: z.number().positive().max(PATIENCE_SECONDS_MAX).default(60),
    seed: z.int().default(1),
    ratios: z
      .array(
        z.strictObject({
          name: z.string().max(80),
          of: name,
          to: name,
          phase: name,
          toPhase: name.optional(),
          value,
          ...limits,
        }),
      )
      .max(50)
      .default([]),
    bounds: z
      .array(z.strictObject({ target: name, phase: name, toPhase: name.optional(), value, ...limits }))
      .max(50)
      .default([]),
  })
  .superRefine((read, context) => {
    for (const { path, message } of contradictions(read)) context.addIssue({ code: 'custom', path, message });
  });

export type Scenario = z.infer<typeof scenario>;
export type Phase = z.infer<typeof phase>;
export type TargetPlan = z.infer<typeof target>;

/** Checks what a scenario's file says; refuses with a line for every field that is wrong. */
export function readScenario(text: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Refusal(`it is not JSON: ${(cause as Error).message}`, { cause });
  }
  const read = scenario.safeParse(json);
  if (read.success) return read.data;
  const lines = read.error.issues.map(
    ({ path, message }) => `${z.core.toDotPath(path) || 'the scenario'}: ${message}`,
  );
  throw new Refusal(lines.join('\n'));
}

/** A scenario, only longer or shorter. */
export function withOverrides(
  read: Scenario,
  {
    durationSeconds,
    blocks = read.blocks,
  }: { durationSeconds?: number | undefined; blocks?: number | undefined },
): Scenario {
  const phases = read.phases.map(found => ({ ...found, seconds: durationSeconds ?? found.seconds }));
  return { ...read, blocks, phases };
}

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What is wrong although every field is right by itself. */
function* contradictions(read: Scenario): Generator<Contradiction> {
  const { functions, targets, phases, blocks, ratios, bounds } = read;
  const known = { targets: targets.map(({ name }) => name), phases: phases.map(({ name }) => name) };
  for (const [kind, names] of Object.entries(known)) {
    const twice = names.findIndex((name, index) => names.indexOf(name) < index);
    if (twice >= 0) yield { path: [kind, twice, 'name'], message: `${names[twice]} is there twice` };
  }
  for (const [index, { function: called }] of targets.entries())
    if (called !== undefined && !Object.hasOwn(functions, called))
      yield { path: ['targets', index, 'function'], message: `there is no ${called} in functions` };
  const refer = (path: (string | number)[], kind: keyof typeof known, name: string) =>
    known[kind].includes(name) ? [] : [{ path, message: `there is no ${name} in ${kind}` }];
  for (const [index, { of, to, phase, toPhase = phase }] of ratios.entries()) {
    yield* refer(['ratios', index, 'of'], 'targets', of);
    yield* refer(['ratios', index, 'to'], 'targets', to);
    yield* refer(['ratios', index, 'phase'], 'phases', phase);
    yield* refer(['ratios', index, 'toPhase'], 'phases', toPhase);
  }
  for (const [index, { target, phase }] of bounds.entries()) {
    yield* refer(['bounds', index, 'target'], 'targets', target);
    yield* refer(['bounds', index, 'phase'], 'phases', phase);
  }
  if (targets.length * phases.length * blocks > MEASUREMENTS_MAX)
    yield { path: ['blocks'], message: `targets × phases × blocks is more than ${MEASUREMENTS_MAX}` };
}
