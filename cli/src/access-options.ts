import type { ConfigField } from '@lambent/daemon';
import type { Command } from 'commander';
import { CLUSTER_FIELDS } from './cluster/cluster-fields.ts';
import { dataOption } from './locate-lambent.ts';
import { addSettingOptions } from './setting-options.ts';

const { cluster, etcd, nats, natsMonitor, natsReplicas, tls } = CLUSTER_FIELDS;

/** What tells a command where the engines of a cluster are. Its name may be found there, so it is only one if given. */
export const ACCESS_FIELDS = {
  cluster: { ...cluster, default: undefined } as ConfigField<string | undefined>,
  etcd,
  nats,
  natsMonitor,
  natsReplicas,
  tls,
};

/** Either these, or the data directory of a `lambent cluster`. */
export function addAccessOptions(command: Command): Command {
  return addSettingOptions(command.addOption(dataOption()), ACCESS_FIELDS);
}
