import { Fleet } from '../fleet.mjs';
import { deployedApp } from '../repository.mjs';
import { deployLines } from './deploy.mjs';

/** A small change to 20 drones. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 20 });
  const app = await deployedApp(stage, fleet);
  return deployLines(stage, fleet, app, { drones: 20, goal: 0.8 });
}
