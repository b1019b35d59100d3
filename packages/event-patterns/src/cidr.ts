import { BlockList, isIP } from 'node:net';

/** Whether an address lies in a range such as `10.0.0.0/24`. Undefined for what is no range. */
export function parseCidr(operand: unknown): ((text: string) => boolean) | undefined {
  if (typeof operand !== 'string') return undefined;
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(operand) ?? [];
  const family = familyOf(address);
  const prefix = Number(digits);
  if (!family || prefix > (family === 'ipv4' ? 32 : 128)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, prefix, family);
  return text => familyOf(text) === family && range.check(text, family);
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}
