import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Clock, sleep } from '@lambent/core';
import { freePort, tiedToThisProcess } from '@lambent/engines';
import { cpuUsOf } from '../load/cpu.ts';
import { HttpTarget } from '../load/http-target.ts';
import { expectEcho } from '../load/outcome.ts';
import type { Target } from '../load/target.ts';
import type { Peer } from './peers.ts';
import type { PeerInstallation } from './provide-peers.ts';

export interface PeerOptions {
  readonly installation: PeerInstallation;
  readonly event: Uint8Array;
  readonly connectionsMax: number;
  readonly patienceMs: number;
  readonly clock: Clock;
}

export interface RunningPeer extends AsyncDisposable {
  readonly target: Target;
  /** From the start of its process to its first right answer. */
  readonly firstAnswerMs: number;
}

/** The slowest takes two seconds on a machine that does nothing else. */
const START_TIMEOUT_MS = 60_000;
/** Short beside the quickest start; longer ones would be rounded up to it. */
const POLL_MS = 2;
/** Kept of what it prints, to explain a failure. */
const LOG_CHARACTERS_MAX = 16_384;

/** Starts a peer in the directory of its installation, and resolves once it has answered. It dies with this process. */
export async function startPeer(peer: Peer, options: PeerOptions): Promise<RunningPeer> {
  const { installation, clock, event, connectionsMax, patienceMs } = options;
  const ports: number[] = [];
  while (ports.length < peer.ports) ports.push(await freePort());
  const [program = '', ...args] = [...tiedToThisProcess(), ...peer.command(installation, ports)];
  const startedMs = clock.monotonicMs();
  const child = spawn(program, args, {
    cwd: installation.directory,
    // Whatever it wants to remember is remembered in its installation.
    env: { PATH: process.env['PATH'], HOME: installation.directory, ...peer.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = logOf(child);
  const target = new HttpTarget({
    name: peer.name,
    origin: `http://127.0.0.1:${ports[0]}`,
    paths: [peer.path],
    headers: peer.headers ?? {},
    event: peer.wrap?.(event) ?? event,
    judge: expectEcho(event),
    connectionsMax: Math.min(connectionsMax, peer.overlapMax ?? connectionsMax),
    patienceMs,
    cpuUs: () => cpuUsOf(child.pid ?? 0),
  });
  const dispose = async () => {
    await target[Symbol.asyncDispose]();
    await ended(child);
  };
  try {
    await answered({ target, child, clock });
    return { target, firstAnswerMs: clock.monotonicMs() - startedMs, [Symbol.asyncDispose]: dispose };
  } catch (cause) {
    await dispose();
    throw new Error(`${peer.name} gave no right answer: ${(cause as Error).message}\n${log()}`, { cause });
  }
}

/** Calls it until it answers. Only what nobody listens for is called again: a wrong answer will not become right. */
async function answered(peer: { target: Target; child: ChildProcess; clock: Clock }): Promise<void> {
  const { target, child, clock } = peer;
  const giveUpAtMs = clock.monotonicMs() + START_TIMEOUT_MS;
  for (;;) {
    const outcome = await target.call(0);
    if (outcome.kind === 'ok') return;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it has ended');
    const notYet = outcome.kind === 'error' && outcome.error === 'ECONNREFUSED';
    if (!notYet || clock.monotonicMs() > giveUpAtMs) throw new Error(JSON.stringify(outcome));
    await sleep(clock, POLL_MS);
  }
}

/** What it printed last. It prints a line for each call, some of them; who reads nothing would hold them up. */
function logOf(child: ChildProcess): () => string {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-LOG_CHARACTERS_MAX);
    });
  }
  return () => log;
}

/** What it has started itself ends when it finds it gone. There is nothing in it worth a gentle end. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
