import type { Command } from 'commander';
import { CLUSTER_FIELDS } from './cluster/cluster-fields.ts';
import { dataOption } from './locate-lambent.ts';
import { addSettingOptions } from './setting-options.ts';

const { cluster, etcd, nats, natsMonitor, natsReplicas, tls } = CLUSTER_FIELDS;

/** What tells a command where the engines of a cluster are. */
export const ACCESS_FIELDS = { cluster, etcd, nats, natsMonitor, natsReplicas, tls };

/** Either these, or the data directory of a `lambent cluster`. */
export function addAccessOptions(command: Command): Command {
  return addSettingOptions(command.addOption(dataOption()), ACCESS_FIELDS);
}
