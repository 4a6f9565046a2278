import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const bin = process.env.ZHANGGUI_BIN ?? fileURLToPath(new URL('../../bin', import.meta.url));

/** The people of the demo, by the e-mail that `zhanggui dev` prints beside their one-time logins. */
export const guests = { operator: 'operator@demo.example', owner: 'owner@demo.example', tourist: 'everything@demo.example' } as const;
export type Guest = keyof typeof guests;

/** `zhanggui dev` on data of its own that nobody has touched: the demo as a newcomer finds it. */
export class DevHost {
  private constructor(
    private readonly child: ChildProcess,
    private readonly state: string,
    readonly url: string,
    /** One-time links; each signs in once. */
    readonly links: Record<Guest, string>,
  ) {}

  static async start(): Promise<DevHost> {
    const program = join(bin, 'zhanggui');
    if (!existsSync(program)) throw new Error(`There is no program in ${bin}: run "make build" first, or name its folder in ZHANGGUI_BIN.`);
    // Under /var/tmp and open to all: as root the database server runs as a user of its own.
    const state = await mkdtemp('/var/tmp/zhanggui-pages-');
    await chmod(state, 0o755);
    const child = spawn(program, ['dev', '--state', state, '--listen', '127.0.0.1:0', '--fsync=false'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    const links: Partial<Record<Guest, string>> = {};
    let url = '';
    let next: Guest | undefined;
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        said += `${line}\n`;
        url ||= /^Zhanggui runs at (\S+)/.exec(line)?.[1] ?? '';
        const link = /^\s+(\S+\/link#\S+)/.exec(line)?.[1];
        if (link && next) links[next] = link;
        next = (Object.keys(guests) as Guest[]).find((guest) => line.includes(`(${guests[guest]})`));
        if (Object.keys(links).length === Object.keys(guests).length) resolve();
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`zhanggui dev ended with ${code}: ${said}`)));
    });
    return new DevHost(child, state, url, links as Record<Guest, string>);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGINT');
      await ended;
    }
    await rm(this.state, { recursive: true, force: true });
  }
}
