import { isDeepStrictEqual } from 'node:util';
import { fail } from '@lambent/core';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';

/** The settings asked for; what is not named is the server's choice. */
export type StreamRequest = Partial<StreamConfig> & { readonly name: string };

/** The stream carries the id of its cluster under this name. */
const CLUSTER_ID = 'lambent-cluster-id';
/** Somebody else made the stream in between, with other settings. */
const NAME_IN_USE = 10058;
/** The servers have promised to other streams what they may. Alone and as a cluster they say it with other codes. */
const NO_ROOM = /insufficient/;
/** Servers that have only just become a cluster do not know all of each other yet. */
const NO_PEERS = /no suitable peers/;

export interface StreamOwner {
  readonly manager: JetStreamManager;
  readonly clusterId: string;
}

/**
 * Adds the stream or brings it to the settings asked for, and makes sure that the server took each of them. Rejects with
 * `broker-unavailable` while too few servers know of each other, `broker-unfit` where they do not take it.
 */
export async function ensureOwnedStream(owner: StreamOwner, request: StreamRequest): Promise<StreamInfo> {
  const asked = { ...request, metadata: { ...request.metadata, ...ownerMetadata(owner.clusterId) } };
  try {
    const found = await findStream(owner.manager, asked.name);
    if (found) checkOwner(owner.clusterId, found);
    const info = found ? await update(owner.manager, asked, found) : await add(owner, asked);
    checkSettings(asked, info.config);
    return info;
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    if (NO_PEERS.test(error.message)) {
      const detail = `the stream ${asked.name}: ${error.message} of ${asked.num_replicas} copies`;
      throw fail('broker-unavailable', { detail }, { cause: error });
    }
    const room = NO_ROOM.test(error.message) ? await roomFor(owner.manager, asked) : '';
    throw fail(
      'broker-unfit',
      { detail: `the stream ${asked.name}: ${error.message}${room}` },
      { cause: error },
    );
  }
}

/** Two clusters that share a server by mistake would eat each other's messages. */
export function checkOwner(clusterId: string, { config }: StreamInfo): void {
  const found = config.metadata?.[CLUSTER_ID] ?? 'unknown';
  if (found !== clusterId)
    throw fail('cluster-mismatch', { place: `the stream ${config.name}`, found, own: clusterId });
}

export function ownerMetadata(clusterId: string): Readonly<Record<string, string>> {
  return { [CLUSTER_ID]: clusterId };
}

/** What is asked for, what the others have, and whose settings both are. */
async function roomFor(manager: JetStreamManager, { max_bytes = 0 }: StreamRequest): Promise<string> {
  const { reserved_storage } = await manager.getAccountInfo();
  return `; it is to set aside ${max_bytes} bytes and the others have ${reserved_storage}: raise max_file_store of NATS, which by default is three quarters of the disk that is free when it starts, or lower LAMBENT_QUEUE_BYTES, LAMBENT_BLOBS_BYTES or LAMBENT_LOGS_BYTES`;
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

async function add(owner: StreamOwner, asked: StreamRequest): Promise<StreamInfo> {
  try {
    return await owner.manager.streams.add(asked);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== NAME_IN_USE) throw error;
    const found = await owner.manager.streams.info(asked.name);
    checkOwner(owner.clusterId, found);
    return update(owner.manager, asked, found);
  }
}

async function update(
  manager: JetStreamManager,
  asked: StreamRequest,
  found: StreamInfo,
): Promise<StreamInfo> {
  return droppedSetting(asked, found.config) === undefined
    ? found
    : manager.streams.update(asked.name, asked);
}

function checkSettings(asked: StreamRequest, given: StreamConfig): void {
  const dropped = droppedSetting(asked, given);
  if (dropped !== undefined)
    throw fail('broker-unfit', { detail: `the server does not take ${dropped} of the stream ${asked.name}` });
}

/** Servers drop a setting they do not know without saying so. They may add metadata of their own. */
function droppedSetting(asked: StreamRequest, given: StreamConfig): string | undefined {
  const entries = Object.entries(asked).filter(([, value]) => value !== undefined);
  return entries.find(([setting, value]) => {
    const found = given[setting as keyof StreamConfig];
    if (setting !== 'metadata') return !isDeepStrictEqual(found, value);
    return !isDeepStrictEqual({ ...given.metadata, ...asked.metadata }, given.metadata);
  })?.[0];
}
