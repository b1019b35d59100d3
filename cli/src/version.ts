import packageJson from '../package.json' with { type: 'json' };

/** Of this Lambent. */
export const VERSION: string = packageJson.version;
