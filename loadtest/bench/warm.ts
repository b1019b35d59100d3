import { startFloor } from '../floors/start-floor.ts';
import { startEngine } from './engine.ts';
import type { Bench, Figures } from './figure.ts';
import { CALLERS, CONNECTIONS, Interleaved } from './interleaved.ts';

/** P1 and P2: what a warm invocation takes and costs, beside the same path with nothing in it. */
export const warm = { name: 'warm', measure: measureWarm } as const;

async function measureWarm(bench: Bench): Promise<Figures> {
  await using echo = await startFloor('http-echo', CONNECTIONS);
  await using bare = await startFloor('bare-path', CONNECTIONS);
  await using engine = await startEngine(CONNECTIONS);
  const measured = await Interleaved.measure([echo, bare, engine.target], bench);
  return {
    tables: [measured.table()],
    findings: [
      {
        about: 'P1  warm p50, engine ÷ bare path, one caller',
        goal: { atMost: 1.3 },
        ratio: measured.ratio('engine', 'bare-path', { callers: 1, value: 'p50Us' }),
      },
      {
        about: 'P1  warm p99, engine ÷ bare path, one caller',
        goal: { atMost: 1.6 },
        ratio: measured.ratio('engine', 'bare-path', { callers: 1, value: 'p99Us' }),
      },
      ...CALLERS.map(callers => ({
        about: `    throughput, engine ÷ bare path, ${callers} callers`,
        ratio: measured.ratio('engine', 'bare-path', { callers, value: 'perSecond' }),
      })),
      {
        about: 'P2  CPU per call, engine ÷ HTTP echo, 16 callers',
        goal: { atMost: 5 },
        ratio: measured.ratio('engine', 'http-echo', { callers: 16, value: 'cpuUs' }),
      },
    ],
    notes: [
      'The bare path is three processes with a gRPC stream between two of them; `lambent up` runs gateway and worker in one',
      'process with no encoding between them, so P1 is against a floor with one hop more.',
    ],
  };
}
