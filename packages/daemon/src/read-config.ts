import { fail } from '@lambent/core';
import { nearestName } from './nearest-name.ts';

/**
 * Settings from the environment. A service's `config.ts` lists its fields and reads them once:
 *
 *     export const WORKER_FIELDS = {
 *       drainTimeoutMs: integer({ variable: 'LAMBENT_DRAIN_TIMEOUT_MS', min: 0, max: 900_000, default: 900_000,
 *         about: 'How long running invocations may finish before a stopping worker ends them.' }),
 *     };
 *     export type WorkerConfig = ConfigOf<typeof WORKER_FIELDS>;
 *     const config = readConfig(WORKER_FIELDS, env);
 *
 * A `LAMBENT_` variable that no field names is refused: a misspelt setting must not silently be the default. So a
 * process that runs several services reads all their fields together, with `readConfigs`.
 */
export interface ConfigField<Value> {
  readonly variable: string;
  /** Undefined: the setting may be left out. */
  readonly default: Value;
  /** What it is for, and what it trades; one sentence or two. */
  readonly about: string;
  /** Its value is never logged. */
  readonly secret?: boolean;
  /** What values are allowed, for the documentation and for error messages. */
  readonly allowed: string;
  /** The value of a text, or a complaint that begins with what it must be. */
  parse(text: string): { readonly value: Value } | { readonly problem: string };
}

export type ConfigFields = Readonly<Record<string, ConfigField<unknown>>>;

export type ConfigOf<F extends ConfigFields> = {
  readonly [Name in keyof F]: F[Name] extends ConfigField<infer Value> ? Value : never;
};

interface About<Default> {
  readonly variable: string;
  readonly default: Default;
  readonly about: string;
  readonly secret?: boolean;
}

const PREFIX = 'LAMBENT_';

export function readConfig<F extends ConfigFields>(fields: F, env: NodeJS.ProcessEnv): ConfigOf<F> {
  return readConfigs({ service: fields }, env).service;
}

/** The settings of several services that run in one process. */
export function readConfigs<Groups extends Readonly<Record<string, ConfigFields>>>(
  groups: Groups,
  env: NodeJS.ProcessEnv,
): { readonly [Name in keyof Groups]: ConfigOf<Groups[Name]> } {
  refuseUnknown(Object.values(groups), env);
  return mapValues(groups, fields =>
    Object.freeze(mapValues(fields, field => readField(field, env))),
  ) as never;
}

/** The same values, fit to be logged. */
export function redactConfig<F extends ConfigFields>(
  fields: F,
  config: ConfigOf<F>,
): Record<string, unknown> {
  return mapValues<unknown, unknown>(config, (value, name) =>
    fields[name]?.secret && value !== undefined ? '[redacted]' : value,
  );
}

export function integer<const Default extends number | undefined>(
  options: About<Default> & { readonly min: number; readonly max: number },
): ConfigField<number | Default> {
  const allowed = `a whole number from ${options.min} to ${options.max}`;
  return {
    ...options,
    allowed,
    parse: text => {
      const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= options.min && value <= options.max
        ? { value }
        : { problem: `it must be ${allowed}, not ${quoted(text, options)}` };
    },
  };
}

export function text<const Default extends string | undefined>(
  options: About<Default> & { readonly pattern?: RegExp; readonly allowed?: string },
): ConfigField<string | Default> {
  const { pattern = /./s, allowed = 'text' } = options;
  return {
    ...options,
    allowed,
    parse: value =>
      pattern.test(value) ? { value } : { problem: `it must be ${allowed}, not ${quoted(value, options)}` },
  };
}

export function choice<const Values extends readonly string[]>(
  options: About<Values[number]> & { readonly values: Values },
): ConfigField<Values[number]> {
  const allowed = `one of ${options.values.join(', ')}`;
  return {
    ...options,
    allowed,
    parse: text =>
      options.values.includes(text)
        ? { value: text }
        : { problem: `it must be ${allowed}, not ${quoted(text, options)}` },
  };
}

export function flag(options: About<boolean>): ConfigField<boolean> {
  const allowed = 'true or false';
  return {
    ...options,
    allowed,
    parse: text => {
      if (text === 'true' || text === '1') return { value: true };
      if (text === 'false' || text === '0') return { value: false };
      return { problem: `it must be ${allowed}, not ${quoted(text, options)}` };
    },
  };
}

/** An empty variable is one that is not set, as compose files and unit files leave them. */
function readField(field: ConfigField<unknown>, env: NodeJS.ProcessEnv): unknown {
  const text = env[field.variable];
  if (text === undefined || text === '') return field.default;
  const parsed = field.parse(text);
  if ('problem' in parsed) throw fail('config-invalid', { name: field.variable, detail: parsed.problem });
  return parsed.value;
}

function refuseUnknown(groups: readonly ConfigFields[], env: NodeJS.ProcessEnv): void {
  const known = new Set(groups.flatMap(fields => Object.values(fields).map(field => field.variable)));
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || known.has(name)) continue;
    const nearest = nearestName(name, known);
    const detail = nearest
      ? `there is no such setting; did you mean ${nearest}?`
      : 'there is no such setting';
    throw fail('config-invalid', { name, detail });
  }
}

function mapValues<Value, Mapped>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value, name: string) => Mapped,
): Record<string, Mapped> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}

function quoted(text: string, options: { readonly secret?: boolean }): string {
  return options.secret ? 'what was given' : JSON.stringify(text);
}
