import { startFloor } from '../floors/start-floor.ts';
import { PEERS, type Peer } from '../peers/peers.ts';
import { type PeerInstallation, providePeers } from '../peers/provide-peers.ts';
import { startPeer } from '../peers/start-peer.ts';
import { median, ratioOf } from '../report/ratio.ts';
import { startEngine } from './engine.ts';
import type { Bench, Figures, Table } from './figure.ts';
import { CALLERS, CONNECTIONS, Interleaved, type Value } from './interleaved.ts';

/** The engine and its floors beside five other ways to run the same function on the same event. */
export const peers = { name: 'peers', measure: measurePeers } as const;

const COMPARED: readonly { readonly value: Value; readonly about: string }[] = [
  { value: 'p50Us', about: 'p50' },
  { value: 'p99Us', about: 'p99' },
  { value: 'perSecond', about: 'throughput' },
];

async function measurePeers(bench: Bench): Promise<Figures> {
  const { clock, progress } = bench;
  const installation = await providePeers(progress);
  const cold = await measureFirstAnswers(installation, bench);
  await using stack = new AsyncDisposableStack();
  const targets = [
    stack.use(await startFloor('http-echo', CONNECTIONS)),
    stack.use(await startFloor('bare-path', CONNECTIONS)),
    stack.use(await startEngine(CONNECTIONS)).target,
  ];
  for (const peer of PEERS) {
    progress(`starting ${peer.name}`);
    targets.push(stack.use(await startPeer(peer, { ...CONNECTIONS, installation, clock })).target);
  }
  const measured = await Interleaved.measure(targets, bench);
  const engineFirstMs = cold.get('engine') ?? [];
  return {
    tables: [measured.table(), coldTable(cold)],
    findings: PEERS.flatMap(({ name }) => [
      ...COMPARED.flatMap(({ value, about }) =>
        CALLERS.map(callers => ({
          about: `${about}, engine ÷ ${name}, ${callers} callers`,
          ratio: measured.ratio('engine', name, { callers, value }),
        })),
      ),
      {
        about: `first answer, engine ÷ ${name}`,
        ratio: ratioOf(engineFirstMs, cold.get(name) ?? []),
      },
    ]),
    notes: [
      "First answers: the engine's counts from an invocation that finds no environment, with everything else up;",
    ]
      .concat([
        "a peer's from the start of its process, since none but the first has a cold start of its own:",
      ])
      .concat(PEERS.map(({ name, coldStart }) => `  ${name}: ${coldStart}`))
      .concat(
        PEERS.filter(serial).map(
          ({ name }) => `${name} takes one call at a time; its callers wait for their turn.`,
        ),
      ),
  };
}

/** Milliseconds to the first answer, one for each block, everything in turn. */
async function measureFirstAnswers(
  installation: PeerInstallation,
  { blocks, clock, progress, signal }: Bench,
): Promise<ReadonlyMap<string, readonly number[]>> {
  await using engine = await startEngine(CONNECTIONS);
  const taken = new Map<string, number[]>(
    ['engine', ...PEERS.map(({ name }) => name)].map(name => [name, []]),
  );
  for (let block = 1; block <= blocks; block++) {
    progress(`first answers: block ${block}/${blocks}`);
    await engine.chill();
    const sentMs = clock.monotonicMs();
    const outcome = await engine.target.call(0);
    if (outcome.kind !== 'ok' || !outcome.cold) throw new Error(`no cold start: ${JSON.stringify(outcome)}`);
    taken.get('engine')?.push(clock.monotonicMs() - sentMs);
    for (const peer of PEERS) {
      signal.throwIfAborted();
      await using running = await startPeer(peer, { ...CONNECTIONS, installation, clock });
      taken.get(peer.name)?.push(running.firstAnswerMs);
    }
  }
  return taken;
}

function coldTable(cold: ReadonlyMap<string, readonly number[]>): Table {
  return {
    title: 'first answer, medians',
    columns: ['ms'],
    rows: [...cold].map(([name, ms]) => [name, median(ms)]),
  };
}

function serial({ overlapMax }: Peer): boolean {
  return overlapMax === 1;
}
