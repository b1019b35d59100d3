/** Where a function's code is, in its sandbox. */
export const TASK_ROOT = '/var/task';
/** Where its layers are. */
export const LAYERS_ROOT = '/opt';
/** Where a runtime finds what an earlier environment compiled, if it is told so. */
export const COMPILED_ROOT = '/var/compiled';
