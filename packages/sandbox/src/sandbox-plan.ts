import path from 'node:path';
import type { DoorwayName, SandboxPlan } from './sandbox.ts';
import { PROGRAM_FDS } from './start-script.ts';

/** A plan is made by Lambent, so one that breaks its own rules is a programmer's error. */
export function checkPlan(plan: SandboxPlan): void {
  if (!/^[a-z0-9-]{1,32}$/.test(plan.id)) throw new RangeError(`a sandbox cannot be called ${plan.id}`);
  for (const [inside, outside] of Object.entries(plan.mounts)) {
    if (!isPlainPath(inside) || !isPlainPath(outside))
      throw new RangeError(`the mount ${inside} of ${outside} must name two absolute paths`);
  }
  for (const inside of plan.lateMounts ?? []) {
    if (!isPlainPath(inside)) throw new RangeError(`${inside} must be an absolute path`);
  }
  if (!isPlainPath(plan.command[0]))
    throw new RangeError(`the program ${plan.command[0]} must be an absolute path`);
}

/** Absolute, and without any `.` or `..` that would lead elsewhere. */
function isPlainPath(text: string): boolean {
  return path.isAbsolute(text) && path.normalize(text) === text && text !== '/';
}

/** Whether the program gets a Node child channel: only to hand out what it listens on. */
export function handsOutDoorways(plan: SandboxPlan): boolean {
  return Object.keys(plan.doorways).length > 0;
}

/**
 * The environment of the program: the plan's, with each `{doorway:NAME}` replaced by where the program finds that
 * doorway, and what it is told of its doorways. `inside` says whether the program makes them itself.
 */
export function programEnvironment(
  plan: SandboxPlan,
  ports: DoorwayPorts,
  options: { readonly inside: boolean },
): Record<string, string> {
  const environment = fillDoorways(plan.environment, ports);
  const told = options.inside ? Object.entries(ports).map(([doorway, port]) => `${doorway}:${port}`) : [];
  environment['LAMBENT_DOORWAYS'] = told.join(',');
  if (told.length > 0) environment['NODE_CHANNEL_FD'] = String(PROGRAM_FDS.nodeChannel);
  return environment;
}

/** The ports of doorways, as the program finds them. */
export type DoorwayPorts = Readonly<Partial<Record<DoorwayName, number>>>;

/** Variables with each `{doorway:NAME}` replaced by where the program finds that doorway. */
export function fillDoorways(
  variables: Readonly<Record<string, string>>,
  ports: DoorwayPorts,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    filled[name] = value.replace(/\{doorway:([a-z-]+)\}/g, (_, doorway: DoorwayName) => {
      const port = ports[doorway];
      if (port === undefined)
        throw new RangeError(`${name} names the doorway ${doorway}, which is not planned`);
      return `127.0.0.1:${port}`;
    });
  }
  return filled;
}
