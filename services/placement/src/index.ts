export { PLACEMENT_FIELDS, type PlacementConfig } from './config.ts';
export { Fleet } from './fleet.ts';
export { Placement, type PlacementOptions } from './placement.ts';
export { advise } from './policy.ts';
