import type { EmbeddedNetwork, Link, Stream, StreamEvents } from '@lambent/link';
import type { SimulatedProcess } from './simulated-process.ts';

/** The network as a process sees it: nothing reaches a process that is frozen or dead, and its end closes its streams. */
export function processLink(process: SimulatedProcess, network: EmbeddedNetwork): Link {
  const link = network.member(process.name);
  const open = new Set<{ close(): void }>();
  process.onDeath(() => {
    for (const stream of [...open]) stream.close();
  });
  const owned = <Send>(stream: Stream<Send>): Stream<Send> => {
    if (process.state === 'dead') stream.close();
    else open.add(stream);
    return stream;
  };
  const heard = <Receive>(events: StreamEvents<Receive>): StreamEvents<Receive> => ({
    message: message => process.run(() => events.message(message)),
    closed: cause => process.run(() => events.closed(cause)),
  });
  const accepted =
    <Receive, Send>(accept: (stream: Stream<Send>) => StreamEvents<Receive>) =>
    (stream: Stream<Send>) =>
      heard(accept(owned(stream)));
  const served = (door: AsyncDisposable) => {
    process.onDeath(() => void door[Symbol.asyncDispose]());
    return door;
  };
  return {
    openWorker: async (address, events) => owned(await link.openWorker(address, heard(events))),
    openPlacement: async (address, events) => owned(await link.openPlacement(address, heard(events))),
    serveWorker: async (address, accept) =>
      served(await link.serveWorker(address, accepted(accept))) as never,
    servePlacement: async (address, door) => {
      const enlist = accepted(door.enlist);
      const need: typeof door.need = request =>
        new Promise((resolve, reject) => process.run(() => void door.need(request).then(resolve, reject)));
      return served(await link.servePlacement(address, { need, enlist })) as never;
    },
    need: (address, request, options) => link.need(address, request, options),
  } as Link;
}
