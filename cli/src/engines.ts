import { askVersion } from './program.ts';

/** A program that Lambent can make use of. */
export interface Engine {
  readonly program: string;
  readonly purpose: string;
  /** Undefined when it is not there. */
  readonly version: string | undefined;
  readonly remedy: string;
}

interface Known {
  readonly program: string;
  readonly flag: string;
  readonly purpose: string;
  /** Its package in Debian and its kin; Homebrew's where there is one. */
  readonly apt: string;
  readonly brew?: string;
}

const KNOWN: readonly Known[] = [
  { program: 'bwrap', flag: '--version', purpose: 'confines functions', apt: 'bubblewrap' },
  { program: 'ip', flag: '-V', purpose: 'gives sandboxes a network', apt: 'iproute2' },
  { program: 'nft', flag: '--version', purpose: 'bounds what sandboxes reach', apt: 'nftables' },
  {
    program: 'nats-server',
    flag: '--version',
    purpose: 'for a cluster, 2.10.27 or newer; `lambent cluster` fetches its own',
    apt: 'nats-server # from Debian 13 on',
    brew: 'nats-server',
  },
  {
    program: 'etcd',
    flag: '--version',
    purpose: 'for a cluster, 3.5 or newer; `lambent cluster` fetches its own',
    apt: 'etcd-server # from Debian 13 on',
    brew: 'etcd',
  },
];

/** Where administrators' programs are, which the PATH of others often leaves out. */
const SYSTEM_PATH = '/usr/sbin:/sbin';

/** What there is of the programs Lambent can use. */
export function findEngines(world: {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly systemPath?: string;
}): Promise<Engine[]> {
  const { env, platform, systemPath = SYSTEM_PATH } = world;
  const searched = { ...env, PATH: `${env['PATH'] ?? ''}:${systemPath}` };
  return Promise.all(
    KNOWN.map(async ({ program, flag, purpose, apt, brew }) => {
      const answer = await askVersion(program, flag, searched);
      const remedy = platform === 'darwin' ? brew && `brew install ${brew}` : `apt-get install ${apt}`;
      return {
        program,
        purpose,
        version: answer === undefined ? undefined : shortVersion(answer),
        remedy: remedy ?? 'not for this system',
      };
    }),
  );
}

/** "nftables v1.0.6 (Lester Gooch #5)" is 1.0.6, "ip utility, iproute2-6.1.0" is 6.1.0. */
function shortVersion(answer: string): string {
  return /\d+\.\d+(?:\.\d+)*/.exec(answer)?.[0] ?? answer;
}
