import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** 10.200.0.0/16 and so many after it: no network of a machine that runs tests is likely to be there, nor the sandboxes' own. */
const FIRST_RANGE = 200;
const RANGES = 50;
const MASK = 16;

/** A host on the network: a network namespace with one address. */
export interface PrivateHost {
  readonly name: string;
  readonly address: string;
  /** What to put before a command so that it runs there: in its network, but with the files and cgroups of all. */
  readonly enter: readonly [string, ...string[]];
}

/**
 * A network of its own: hosts that are network namespaces, on one switch that the test reaches too, at
 * `outsideAddress`. Any way between two hosts can be cut, one direction by itself. Disposing it removes everything.
 */
export class PrivateNetwork implements AsyncDisposable {
  /** The test's own address there. */
  readonly outsideAddress: string;
  /** The first two of four numbers of every address. */
  readonly #range: string;
  readonly #tag: string;
  #hosts = 0;

  private constructor(tag: string, range: string) {
    this.#tag = tag;
    this.#range = range;
    this.outsideAddress = `${range}.255.254`;
  }

  static async open(): Promise<PrivateNetwork> {
    const network = new PrivateNetwork(`lt${process.pid % 100_000}`, await freeRange());
    await network[Symbol.asyncDispose]();
    const { switchName, outsideLink } = network;
    await ip('netns', 'add', switchName);
    await ip('-n', switchName, 'link', 'add', 'switch', 'type', 'bridge');
    await ip('-n', switchName, 'link', 'set', 'switch', 'up');
    await network.#plug(outsideLink, undefined, network.outsideAddress);
    return network;
  }

  get switchName(): string {
    return `${this.#tag}-switch`;
  }

  get outsideLink(): string {
    return `${this.#tag}o`;
  }

  async addHost(name: string): Promise<PrivateHost> {
    this.#hosts += 1;
    const number = this.#hosts;
    const namespace = `${this.#tag}-${name}`;
    const address = `${this.#range}.0.${number}`;
    await ip('netns', 'add', namespace);
    const host: PrivateHost = { name, address, enter: ['nsenter', `--net=/run/netns/${namespace}`, '--'] };
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    await this.#plug(`${this.#tag}h${number}`, namespace, address);
    await this.#nft(host, RULES);
    return host;
  }

  /** What `from` sends no longer reaches `to`. The other direction stays. */
  async cut(from: PrivateHost, to: PrivateHost): Promise<void> {
    await this.#nft(to, `add element inet cuts deaf { ${from.address} }`);
  }

  async mend(from: PrivateHost, to: PrivateHost): Promise<void> {
    await this.#nft(to, `delete element inet cuts deaf { ${from.address} }`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const own = (await namespaceNames()).filter(name => name.startsWith(`${this.#tag}-`));
    for (const name of own) await ip('netns', 'delete', name);
    // Its other end went with the switch.
    await ip('link', 'delete', this.outsideLink).catch(() => undefined);
  }

  /** A cable from the switch to a namespace, or, without one, to where the test runs. */
  async #plug(link: string, namespace: string | undefined, address: string): Promise<void> {
    const at = namespace === undefined ? [] : ['-n', namespace];
    const port = `p${link}`;
    await ip('-n', this.switchName, 'link', 'add', port, 'type', 'veth', 'peer', 'name', link);
    await ip('-n', this.switchName, 'link', 'set', port, 'master', 'switch', 'up');
    await ip('-n', this.switchName, 'link', 'set', link, 'netns', namespace ?? '1');
    await ip(...at, 'address', 'add', `${address}/${MASK}`, 'dev', link);
    await ip(...at, 'link', 'set', link, 'up');
    if (namespace !== undefined) await ip(...at, 'route', 'add', 'default', 'via', this.outsideAddress);
  }

  async #nft(host: PrivateHost, command: string): Promise<void> {
    const [program, ...enter] = host.enter;
    await run(program, [...enter, 'nft', command]);
  }
}

/** Of every network namespace that has a name. */
export async function namespaceNames(): Promise<string[]> {
  const { stdout } = await ip('netns', 'list');
  return stdout.split('\n').map(line => line.split(' ')[0] ?? '');
}

/** One that no route of this machine leads to. Tests that run at once begin to look in different places. */
async function freeRange(): Promise<string> {
  const { stdout } = await ip('-4', 'route', 'show', 'table', 'all');
  for (let offset = 0; offset < RANGES; offset += 1) {
    const range = `10.${FIRST_RANGE + ((process.pid + offset) % RANGES)}`;
    if (!stdout.includes(`${range}.`)) return range;
  }
  throw new Error('every range of addresses is taken');
}

/** What a host does not hear: packets of those in the set vanish, as on a cut line. */
const RULES =
  'add table inet cuts; add set inet cuts deaf { type ipv4_addr; }; ' +
  'add chain inet cuts input { type filter hook input priority -300; policy accept; }; ' +
  'add rule inet cuts input ip saddr @deaf drop';

function ip(...args: readonly string[]): Promise<{ stdout: string }> {
  return run('ip', [...args]);
}
