export type Device = 'windows' | 'mac' | 'iphone' | 'ipad' | 'android' | 'linux' | 'other';

export interface Browser {
  device: Device;
  /** Name and main version, such as "Chrome 128"; 'wechat' for WeChat's own; undefined when it is none we know. */
  name?: string;
}

// The first that fits counts: iPads say Macintosh too, Android says Linux too.
const devices: [Device, RegExp][] = [
  ['iphone', /iPhone/],
  ['ipad', /iPad|Macintosh.*Mobile/],
  ['android', /Android/],
  ['windows', /Windows/],
  ['mac', /Macintosh/],
  ['linux', /Linux|X11/],
];

// The first that fits counts: Edge and Opera say Chrome too, Chrome says Safari too.
const browsers: [string, RegExp][] = [
  ['Edge', /Edg(?:A|iOS)?\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS)\/(\d+)/],
  ['Safari', /Version\/(\d+).*Safari/],
];

/** The browser that a user agent tells of, for people to recognise their own. */
export function browserOf(agent: string): Browser {
  const device = devices.find(([, says]) => says.test(agent))?.[0] ?? 'other';
  if (/MicroMessenger/.test(agent)) return { device, name: 'wechat' };
  for (const [name, says] of browsers) {
    const version = says.exec(agent)?.[1];
    if (version) return { device, name: `${name} ${version}` };
  }
  return { device };
}
