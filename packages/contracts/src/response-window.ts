/**
 * How much of a response in parts may be on its way between a worker and whoever reads it: several parts, so that
 * neither waits for the other's next word, and little beside what one stream of a pair may hold.
 */
export const RESPONSE_WINDOW_BYTES = 256 * 1024;
