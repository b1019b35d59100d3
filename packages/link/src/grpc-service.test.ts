import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { NeedRequestSchema, PlacementService, WorkerService } from '@lambent/contracts';
import { grpcService } from './grpc-service.ts';

test('a service is described with its paths and its ways to stream', () => {
  const kinds = Object.entries({ ...grpcService(WorkerService), ...grpcService(PlacementService) }).map(
    ([name, { path, requestStream, responseStream }]) => [name, path, requestStream, responseStream],
  );
  assert.deepEqual(kinds, [
    ['connect', '/lambent.v1.WorkerService/Connect', true, true],
    ['deliver', '/lambent.v1.WorkerService/Deliver', true, false],
    ['fetch', '/lambent.v1.WorkerService/Fetch', false, true],
    ['need', '/lambent.v1.PlacementService/Need', false, false],
    ['enlist', '/lambent.v1.PlacementService/Enlist', true, true],
  ]);
});

test('messages are read as they were written', () => {
  const { need } = grpcService(PlacementService);
  const request = create(NeedRequestSchema, { waiting: 3, routerId: 'r' });
  assert.deepEqual(need.requestDeserialize(need.requestSerialize(request)), request);
});
