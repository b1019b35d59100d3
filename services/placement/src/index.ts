export { Placement, type PlacementOptions } from './placement.ts';
