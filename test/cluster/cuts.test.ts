/** The ways between the members of a cluster. */
import { cutSuite, WORKER } from './cut-suite.ts';

cutSuite('members cut off from each other under a steady load', [
  ['gateway-1', WORKER],
  ['gateway-1', 'placement-1'],
  [WORKER, 'placement-1'],
  ['events-1', WORKER],
  ['events-1', 'placement-1'],
]);
