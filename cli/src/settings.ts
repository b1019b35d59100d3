import { type ConfigFields, type ConfigOf, readConfigs } from '@lambent/daemon';
import { EVENTS_FIELDS } from '@lambent/events';
import { ASYNC_FIELDS, QUOTA_FIELDS } from '@lambent/functions';
import { GATEWAY_FIELDS } from '@lambent/gateway';
import { PLACEMENT_FIELDS } from '@lambent/placement';
import { WORKER_FIELDS } from '@lambent/worker';
import { ADMIN_FIELDS, CLUSTER_FIELDS } from './cluster/cluster-fields.ts';
import { PROCESS_FIELDS } from './process-fields.ts';

/**
 * Every setting, by who reads it. Every command knows them all, so that one file of variables serves a whole machine.
 */
export const SETTINGS = {
  process: PROCESS_FIELDS,
  gateway: GATEWAY_FIELDS,
  async: ASYNC_FIELDS,
  quotas: QUOTA_FIELDS,
  events: EVENTS_FIELDS,
  worker: WORKER_FIELDS,
  placement: PLACEMENT_FIELDS,
  cluster: CLUSTER_FIELDS,
  placementAdmin: ADMIN_FIELDS.placement,
  workerAdmin: ADMIN_FIELDS.worker,
  eventsAdmin: ADMIN_FIELDS.events,
} as const satisfies Record<string, ConfigFields>;

export type Settings = { readonly [Name in keyof typeof SETTINGS]: ConfigOf<(typeof SETTINGS)[Name]> };

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return readConfigs(SETTINGS, env);
}
