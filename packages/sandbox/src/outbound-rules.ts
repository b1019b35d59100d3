import type { Owner } from './owner.ts';

export interface RuleOptions {
  readonly owner: Owner;
  /** The sandboxes' own addresses. */
  readonly range: string;
  /** What the names of their interfaces on the host begin with. */
  readonly interfaces: string;
  readonly denied: readonly string[];
  readonly nameservers: readonly string[];
}

/** Where clouds answer with the machine's own credentials. */
const LINK_LOCAL = '169.254.0.0/16';

export function outboundTable(owner: Owner): string {
  return `lambent_${owner.tag}`;
}

/**
 * The rules for everything that comes from a sandbox: out to the world under the host's address; never to the host
 * itself, to another sandbox, to link-local addresses or to what the owner denied. What is refused is refused loudly,
 * so that a function gets an error instead of a time-out. Nothing begins a connection to a sandbox.
 */
export function outboundRules({ owner, range, interfaces, denied, nameservers }: RuleOptions): string {
  const refuse = 'reject with icmpx type admin-prohibited';
  const names = nameservers.length === 0 ? '' : `ip daddr { ${nameservers.join(', ')} } th dport 53 accept`;
  const refusals = [LINK_LOCAL, range, ...denied].map(to => `    ip daddr ${to} ${refuse}`).join('\n');
  return `table inet ${outboundTable(owner)} {
  chain forward {
    type filter hook forward priority filter - 1; policy accept;
    iifname "${interfaces}*" jump leaving
    oifname "${interfaces}*" jump arriving
  }
  chain leaving {
    meta nfproto ipv6 ${refuse}
    ip saddr != ${range} drop
    ${names}
${refusals}
    accept
  }
  chain arriving {
    ct state established,related accept
    drop
  }
  chain input {
    type filter hook input priority filter - 1; policy accept;
    iifname "${interfaces}*" ${refuse}
  }
  chain translate {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${range} oifname != "${interfaces}*" masquerade
  }
}
`;
}
