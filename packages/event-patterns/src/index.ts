export { type EventPattern, parseEventPattern } from './event-pattern.ts';
