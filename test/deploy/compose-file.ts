import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** Where everything for running Lambent as a service is. */
export const DEPLOY = path.resolve(import.meta.dirname, '../../deploy');

const HEALTHCHECK = z.strictObject({
  interval: z.string(),
  timeout: z.string(),
  retries: z.int(),
  start_period: z.string(),
  test: z.tuple([z.literal('CMD'), z.literal('curl'), z.literal('-fsS'), z.url()]),
});

const BIND = z.strictObject({
  type: z.literal('bind'),
  source: z.string(),
  target: z.string(),
  read_only: z.literal(true),
});

/** What of the Compose Specification is used, strictly: what is misspelt is refused here and not at somebody's start. */
const SERVICE = z.strictObject({
  image: z.string(),
  network_mode: z.literal('host'),
  init: z.literal(true),
  restart: z.literal('unless-stopped'),
  logging: z.strictObject({
    driver: z.literal('json-file'),
    options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
  read_only: z.literal(true).optional(),
  privileged: z.literal(true).optional(),
  cap_drop: z.tuple([z.literal('ALL')]).optional(),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]).optional(),
  tmpfs: z.array(z.string()).optional(),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.coerce.string()),
  volumes: z.array(z.union([z.string(), BIND])),
  healthcheck: HEALTHCHECK,
  stop_grace_period: z.string().regex(/^\d+[sm]$/),
});

const COMPOSE_FILE = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), SERVICE),
  volumes: z.record(z.string(), z.null()),
});

export type ComposeService = z.infer<typeof SERVICE>;
export type ComposeFile = z.infer<typeof COMPOSE_FILE>;

/** `deploy/compose.yaml` as it is for whoever has set these variables and no others. */
export async function readComposeFile(
  variables: Readonly<Record<string, string>> = {},
): Promise<ComposeFile> {
  const text = await readFile(path.join(DEPLOY, 'compose.yaml'), 'utf8');
  return COMPOSE_FILE.parse(interpolated(parse(text, { merge: true }), variables));
}

/** `${NAME:-default}`, and `${NAME-default}`, which stands for what is set to nothing, too. */
const VARIABLE = /\$\{(\w+)(:?)-([^}]*)\}/g;

function interpolated(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    return value.replace(VARIABLE, (_whole, name: string, colon: string, otherwise: string) => {
      const given = variables[name];
      return given === undefined || (colon === ':' && given === '') ? otherwise : given;
    });
  }
  if (Array.isArray(value)) return value.map(each => interpolated(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolated(each, variables)]));
}
