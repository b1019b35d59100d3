import { fail } from '@lambent/core';
import { isLoopback } from '@lambent/daemon';
import { freePort } from '@lambent/engines';
import { GrpcLink, type Link } from '@lambent/link';
import type { Member } from './member.ts';
import { hostAndPortOf } from './network.ts';

/** The member's way to the others, and theirs to it. */
export interface MemberLink {
  readonly link: Link;
  /** Where others reach what is served here. */
  readonly address: string;
}

export async function openLink(stack: AsyncDisposableStack, member: Member): Promise<MemberLink> {
  const { settings, tls, clock, random, logger } = member;
  const grpc = stack.use(new GrpcLink({ ...(tls && { tls }), clock, random, logger }));
  const link = tls || settings.gateway.insecureListen ? grpc : withinThisMachine(grpc);
  const { host, port } = hostAndPortOf(settings.cluster.listen);
  // A worker names its address before it serves there.
  const listen = `${host}:${port || (await freePort(unbracketed(host), random))}`;
  const advertised = hostAndPortOf(settings.cluster.advertise ?? listen);
  return {
    address: `${advertised.host}:${advertised.port || hostAndPortOf(listen).port}`,
    link: {
      ...passedOn(link),
      serveWorker: (_advertised, accept) => link.serveWorker(listen, accept),
      servePlacement: (_advertised, door) => link.servePlacement(listen, door),
    },
  };
}

function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** Without certificates nobody knows who answers at an address of another machine, whoever named it. */
function withinThisMachine(link: Link): Link {
  const near = async <T>(address: string, go: () => Promise<T>): Promise<T> => {
    if (isLoopback(hostAndPortOf(address).host)) return await go();
    throw fail('link-broken', { peer: address, detail: 'it is another machine, and LAMBENT_TLS is not set' });
  };
  return {
    ...passedOn(link),
    openWorker: (address, events) => near(address, () => link.openWorker(address, events)),
    openPlacement: (address, events) => near(address, () => link.openPlacement(address, events)),
    need: (address, request, options) => near(address, () => link.need(address, request, options)),
  };
}

function passedOn(link: Link): Link {
  return {
    openWorker: (address, events) => link.openWorker(address, events),
    serveWorker: (address, accept) => link.serveWorker(address, accept),
    openPlacement: (address, events) => link.openPlacement(address, events),
    servePlacement: (address, door) => link.servePlacement(address, door),
    need: (address, request, options) => link.need(address, request, options),
  };
}
