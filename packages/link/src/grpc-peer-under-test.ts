import { create } from '@bufbuild/protobuf';
import { ConnectRequestSchema, NeedResponseSchema } from '@lambent/contracts';
import { SystemClock, SystemRandom, type TlsMaterial } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { GrpcLink } from './grpc-link.ts';

/**
 * A process at the other end of a link, for tests that freeze or kill it: it serves what it is told to, or opens a
 * stream, and reports the address.
 */
const [part, address = '', tls = ''] = process.argv.slice(2);
const link = new GrpcLink({
  ...(tls && { tls: JSON.parse(tls) as TlsMaterial }),
  clock: new SystemClock(),
  random: new SystemRandom(),
  logger: createLogger({ level: 'silent', service: 'peer' }),
});
const deaf = { message: () => undefined, closed: () => undefined };

switch (part) {
  case 'worker': {
    const served = await link.serveWorker(address, () => deaf);
    process.send?.(served.address);
    break;
  }
  case 'placement': {
    const need = async () => create(NeedResponseSchema, { starting: 1 });
    const served = await link.servePlacement(address, { need, enlist: () => deaf });
    process.send?.(served.address);
    break;
  }
  case 'router': {
    const stream = await link.openWorker(address, deaf);
    stream.send(create(ConnectRequestSchema, { message: { case: 'hello', value: { routerId: 'r' } } }));
    process.send?.(address);
    break;
  }
  default:
    throw new Error(`there is no part ${part}`);
}
// Ends with the test that started it, whatever becomes of that.
process.once('disconnect', () => process.exit());
