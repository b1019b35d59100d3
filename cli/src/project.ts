import { resolve } from 'node:path';

/** Where Lambent is installed: what it makes for itself goes into `.cache` there. */
export const PROJECT = resolve(import.meta.dirname, '../..');

/** What runs Lambent's command line: the first argument of every process of it. */
export const MAIN = resolve(import.meta.dirname, 'main.ts');
