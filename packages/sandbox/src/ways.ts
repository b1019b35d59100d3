import type { Random } from '@lambent/core';
import { BubblewrapStarter } from './bubblewrap-starter.ts';
import { describeConfinement } from './confinement.ts';
import { type Observed, observe } from './confinement-probe.ts';
import { asRoot, type Ground } from './ground.ts';
import { runOnHost } from './host-command.ts';
import { findProgram, installCommand } from './host-programs.ts';
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
      const parts = { ...ground, bubblewrap: bubblewrap ?? '', firstUserId: userId, outbound: way };
      yield {
        starter: new BubblewrapStarter(parts),
        firstUserId: userId,
        withOutbound: way !== undefined,
      };
    }
  }
  for (const userId of userIds) {
    const starter = new PlainStarter({ ...ground, firstUserId: userId });
    yield { starter, firstUserId: userId, withOutbound: false };
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

async function versionOf(bubblewrap: string): Promise<string> {
  return (await runOnHost([bubblewrap, '--version']).catch(() => 'bubblewrap')).trim();
}
