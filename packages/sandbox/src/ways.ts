import type { Random } from '@lambent/core';
import { BubblewrapStarter } from './bubblewrap-starter.ts';
import { describeConfinement } from './confinement.ts';
import { type Observed, observe, observeLateMount } from './confinement-probe.ts';
import { asRoot, type Ground } from './ground.ts';
import { runOnHost } from './host-command.ts';
import { findProgram, installCommand } from './host-programs.ts';
import type { LateMounts } from './late-mounts.ts';
import { PlainStarter } from './plain-starter.ts';
import type { Confinement } from './sandbox.ts';
import type { SandboxStarter } from './sandbox-starter.ts';

/** One way of starting sandboxes, and what was found when one was started so. */
export interface Way {
  readonly starter: SandboxStarter;
  readonly confinement: Confinement;
}

interface Attempt {
  readonly starter: SandboxStarter;
  readonly firstUserId: number | undefined;
  readonly withOutbound: boolean;
  readonly withLateMounts: boolean;
}

/** Tries the ways from the most confined to the least, each with a real sandbox, and gives the first that works. */
export async function findWay(
  ground: Ground,
  options: { readonly bubblewrap?: string; readonly random: Random },
): Promise<Way> {
  const bubblewrap = options.bubblewrap ?? findProgram('bwrap');
  const failures: string[] = [];
  for (const attempt of attempts(ground, bubblewrap)) {
    const id = `probe-${options.random.uuid().slice(0, PROBE_ID_CHARACTERS)}`;
    let observed: Observed;
    try {
      observed = await observe(attempt.starter, id, ground.emptyDirectory);
    } catch (error) {
      failures.push((error as Error).message);
      continue;
    }
    const confinement = describeConfinement({
      platform: process.platform,
      architecture: process.arch,
      asRoot: asRoot(),
      bubblewrap: bubblewrap && (await versionOf(bubblewrap)),
      cgroups: ground.cgroups,
      observed,
      firstUserId: attempt.firstUserId,
      failures,
      outbound: outboundOf(ground, attempt, failures),
      lateMountsFailure: await lateMountsFailure(ground, attempt, `${id}-late`),
      install: installCommand,
    });
    return { starter: attempt.starter, confinement };
  }
  throw new Error(`no process can be started here: ${failures.at(-1)}`);
}

/** An uuid's first part: enough not to meet a sandbox of the owner's. */
const PROBE_ID_CHARACTERS = 8;

function* attempts(ground: Ground, bubblewrap: string | undefined): Generator<Attempt> {
  const { firstUserId, outbound } = ground;
  const userIds = firstUserId === undefined ? [undefined] : [firstUserId, undefined];
  for (const userId of bubblewrap === undefined || process.platform !== 'linux' ? [] : userIds) {
    for (const way of outbound ? [outbound, undefined] : [undefined]) {
      const lateMounts = userId === undefined ? undefined : lateMountsOf(ground);
      const parts = {
        ...ground,
        bubblewrap: bubblewrap ?? '',
        firstUserId: userId,
        outbound: way,
        lateMounts,
      };
      yield {
        starter: new BubblewrapStarter(parts),
        firstUserId: userId,
        withOutbound: way !== undefined,
        withLateMounts: lateMounts !== undefined,
      };
    }
  }
  for (const userId of userIds) {
    const starter = new PlainStarter({ ...ground, firstUserId: userId });
    yield { starter, firstUserId: userId, withOutbound: false, withLateMounts: false };
  }
}

/** It was laid, and yet what works may be a way without it: then the way with it says why. */
function outboundOf(
  ground: Ground,
  attempt: Attempt,
  failures: readonly string[],
): Ground['outboundEvidence'] {
  if (ground.outboundEvidence.kind !== 'laid' || attempt.withOutbound) return ground.outboundEvidence;
  return { kind: 'failed', detail: failures[0] ?? 'it could not be joined to a sandbox', missing: [] };
}

function lateMountsOf({ lateMounts }: Ground): LateMounts | undefined {
  return typeof lateMounts === 'string' ? undefined : lateMounts;
}

async function lateMountsFailure(ground: Ground, attempt: Attempt, id: string): Promise<string | undefined> {
  if (typeof ground.lateMounts === 'string') return ground.lateMounts;
  if (!attempt.withLateMounts) return 'needs sandboxes with a user id of their own';
  try {
    await observeLateMount(attempt.starter, id, ground.emptyDirectory);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function versionOf(bubblewrap: string): Promise<string> {
  return (await runOnHost([bubblewrap, '--version']).catch(() => 'bubblewrap')).trim();
}
