export { openFrameChannel } from './frame-channel.ts';
export {
  ChannelEnded,
  InitFailure,
  type LogSink,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from './runtime-channel.ts';
