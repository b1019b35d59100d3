export { EVENTS_FIELDS, type EventsConfig } from './config.ts';
export { Events, type EventsOptions } from './events.ts';
