export { PLACEMENT_FIELDS, type PlacementConfig } from './config.ts';
export { Placement, type PlacementOptions } from './placement.ts';
