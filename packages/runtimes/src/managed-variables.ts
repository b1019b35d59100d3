/** Where the parts of a function stand in its sandbox, as on AWS. */
export const TASK_ROOT = '/var/task';
export const RUNTIME_DIRECTORY = '/var/runtime';

const LIBRARIES = '/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib';
const PROGRAMS = '/usr/local/bin:/usr/bin/:/bin:/opt/bin';

const EVERYWHERE = {
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  LAMBDA_TASK_ROOT: TASK_ROOT,
  LAMBDA_RUNTIME_DIR: RUNTIME_DIRECTORY,
} as const;

/** What AWS sets in the environment of a runtime that it brings itself. */
export const MANAGED_VARIABLES = {
  ...EVERYWHERE,
  PATH: `/var/lang/bin:${PROGRAMS}`,
  LD_LIBRARY_PATH: `/var/lang/lib:${LIBRARIES}`,
} as const;

/** And of one that the function brings. */
export const CUSTOM_VARIABLES = { ...EVERYWHERE, PATH: PROGRAMS, LD_LIBRARY_PATH: LIBRARIES } as const;
