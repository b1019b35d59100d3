import { resolve } from 'node:path';

/** Where Lambent is installed: what it makes for itself goes into `.cache` there. */
export const PROJECT = resolve(import.meta.dirname, '../..');
