/** The ways between the members of a cluster and the engines that they stand on. */
import { cutSuite, WORKER } from './cut-suite.ts';

cutSuite('members cut off from their engines under a steady load', [
  [WORKER, 'etcd-1'],
  [WORKER, 'nats-1'],
  ['gateway-1', 'etcd-1'],
  ['gateway-1', 'nats-1'],
  ['placement-1', 'etcd-1'],
  ['events-1', 'etcd-1'],
  ['events-1', 'nats-1'],
]);
