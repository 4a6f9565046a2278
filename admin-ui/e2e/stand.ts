import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));
const bin = process.env.ZHANGGUI_BIN ?? join(repository, 'bin');

/** A plugin that was built. */
export function builtPlugin(name: string): string {
  return join(bin, 'plugins', name);
}

/** What the simulated payer will do, by the simulator's own words. */
export type Fate = 'paid' | 'slow' | 'poor' | 'unknown';

/** What the simulator's ledger says of an order, in fen. */
export interface Ledger {
  paid: number;
  refunded: number;
  net: number;
  pays: number;
  refunds: number;
}

/** What a simulated provider gave a merchant: values of the forms in its plugin's manifest. */
export interface Contract {
  settings: Record<string, string>;
  credentials: Record<string, string>;
}

interface Announcement {
  url: string;
  setup_link: string;
  database: string;
  pg_bin: string;
  vault: string;
  vault_token: string;
  log: string;
  plugins: string;
  pid: number;
  simulator: {
    pid: number;
    control: Record<string, string>;
    demo: { provider: string; base_url: string; payers: { fate: string; prefix: string; suffix: string; length: number }[]; accounts: Contract[] }[];
  };
}

/** The built programs, started as an operator would, with a real PostgreSQL, a real Vault and a simulated provider. */
export class Stand {
  private constructor(
    private readonly child: ChildProcess,
    readonly said: Announcement,
    readonly simulator: Simulator,
  ) {}

  /** Without names a plugin that does not lie in the plugin directory at first. */
  static async start(program: string, without?: string): Promise<Stand> {
    if (!existsSync(join(bin, 'zhanggui'))) throw new Error(`There is no program in ${bin}: run "make build" first, or name its folder in ZHANGGUI_BIN.`);
    const child = spawn(program, without ? ['--without', without] : [], { cwd: repository, env: { ...process.env, ZHANGGUI_BIN: bin }, stdio: ['pipe', 'pipe', 'pipe'] });
    let complaints = '';
    child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`The test stand ended with ${code}: ${complaints}`)));
    });
    const said = JSON.parse(line) as Announcement;
    return new Stand(child, said, new Simulator(said, said.simulator.demo[0]!.provider));
  }

  /** Another provider's side than the one that most of the story is about. */
  simulatorOf(provider: string): Simulator {
    return new Simulator(this.said, provider);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin?.end();
    await ended;
  }

  /** Everything that is in the database, as text. */
  async dump(): Promise<string> {
    const { stdout } = await run(join(this.said.pg_bin, 'pg_dump'), ['--dbname', this.said.database], { maxBuffer: 1 << 28 });
    return stdout;
  }

  /** How many orders the database has, whoever they belong to. */
  async orders(): Promise<number> {
    const { stdout } = await run(join(this.said.pg_bin, 'psql'), ['--dbname', this.said.database, '-Atc', 'SELECT count(*) FROM zhanggui.payments']);
    return Number(stdout.trim());
  }

  /** Plants orders like one that there is, a minute apart before it and a fen apart from 10,000.01 yuan up. */
  async manyOrders(like: string, count: number): Promise<void> {
    const insert = `INSERT INTO zhanggui.payments SELECT r.* FROM zhanggui.payments p CROSS JOIN generate_series(1, ${count}) n
      CROSS JOIN LATERAL jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'order_no', 'MANY' || lpad(n::text, 16, '0'), 'merchant_order_no', 'many-' || n,
        'provider_order_no', '', 'channel_trade_no', '', 'amount', 1000000 + n, 'created_at', p.created_at - n * interval '1 minute')) r
      WHERE p.order_no = '${like}'`;
    await run(join(this.said.pg_bin, 'psql'), ['--dbname', this.said.database, '-v', 'ON_ERROR_STOP=1', '-qc', insert]);
  }

  /** Puts an alert about an order into the database, as the host does when a final state was corrected. */
  async alert(orderNo: string): Promise<void> {
    const insert = `INSERT INTO zhanggui.alerts (tenant_id, id, kind, severity, key, object_id, object_kind, object, args, opened_at, last_at)
      SELECT tenant_id, gen_random_uuid(), 'correction', 'critical', id::text, id, 'payment', order_no, '{"from": "failed", "to": "succeeded"}', now(), now()
      FROM zhanggui.payments WHERE order_no = '${orderNo}'`;
    await run(join(this.said.pg_bin, 'psql'), ['--dbname', this.said.database, '-v', 'ON_ERROR_STOP=1', '-qc', insert]);
  }

  /** Makes an order older, as no story lasts for days. */
  async age(orderNo: string, days: number): Promise<void> {
    const update = `UPDATE zhanggui.payments SET created_at = created_at - interval '${days} days' WHERE order_no = '${orderNo}'`;
    await run(join(this.said.pg_bin, 'psql'), ['--dbname', this.said.database, '-v', 'ON_ERROR_STOP=1', '-qc', update]);
  }

  log(): Promise<string> {
    return readFile(this.said.log, 'utf8');
  }

  /** Asks Vault itself, past the product. LIST where a path ends with a slash. */
  async vault(path: string): Promise<Record<string, unknown>> {
    const url = `${this.said.vault}/v1/zhanggui/${path}${path.endsWith('/') ? '?list=true' : ''}`;
    const reply = await fetch(url, { headers: { 'X-Vault-Token': this.said.vault_token } });
    if (!reply.ok) throw new Error(`Vault answers ${reply.status} to ${path}`);
    return ((await reply.json()) as { data: Record<string, unknown> }).data;
  }
}

/** The provider's side: payers, terminals and the ledger of the money that moved. */
export class Simulator {
  readonly provider: string;
  readonly baseURL: string;
  readonly pid: number;
  private readonly control: string;
  private readonly payers: Announcement['simulator']['demo'][number]['payers'];
  /** A merchant's contract, to onboard one with. */
  readonly contract: Contract;
  private codes = 0;

  constructor({ simulator }: Announcement, provider: string) {
    const demo = simulator.demo.find((d) => d.provider === provider)!;
    this.provider = provider;
    this.contract = demo.accounts[0]!;
    this.baseURL = demo.base_url;
    this.payers = demo.payers;
    this.pid = simulator.pid;
    this.control = simulator.control[demo.provider]!;
  }

  /** A payer's code that was not used before. */
  code(fate: Fate): string {
    const payer = this.payers.find((p) => p.fate === fate)!;
    const middle = payer.length - payer.prefix.length - payer.suffix.length;
    return payer.prefix + String(73_190_000 + ++this.codes * 11).padStart(middle, '4') + payer.suffix;
  }

  /** The provider issues a terminal, or a new key for one. */
  async terminal(number: string, key: string): Promise<void> {
    await this.ask('terminals', { terminal_sn: number, terminal_key: key, store_id: `store-${number}` });
  }

  /** The payer pays a code that was shown. */
  async pay(orderNo: string): Promise<void> {
    await this.ask(`orders/${orderNo}/pay`, {});
  }

  async ledger(account: string, orderNo: string): Promise<Ledger> {
    const { orders } = (await this.ask(`ledger?account=${account}&order=${orderNo}`)) as { orders: Ledger[] };
    return orders[0]!;
  }

  /** What the provider says of a payout: how often it was asked to send it, how often about it, and whether the money moved. */
  async payout(number: string): Promise<{ amount: number; requests: number; queries: number; booked: boolean }> {
    return (await this.ask(`payouts/${number}`)) as { amount: number; requests: number; queries: number; booked: boolean };
  }

  /** The provider refuses the next call of an operation, with its own code. */
  async refuseNext(operation: string, code: string): Promise<void> {
    await this.ask('faults', { rules: [{ operation, kind: 'fail', code, times: 1 }] });
  }

  /** What calls broke of the provider's document, by the code that answered them. */
  async violations(): Promise<string[]> {
    return ((await this.ask('violations')) as { list: { code: string }[] }).list.map((v) => v.code);
  }

  private async ask(path: string, body?: object): Promise<unknown> {
    const reply = await fetch(`${this.control}/${path}`, body ? { method: 'POST', body: JSON.stringify(body) } : {});
    if (!reply.ok) throw new Error(`The simulator answers ${reply.status} to ${path}: ${await reply.text()}`);
    return reply.json();
  }
}

/** Builds the program that starts a stand, once for all stands of a test. */
export async function buildStand(): Promise<{ program: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'teststand-'));
  const program = join(dir, 'teststand');
  await run('go', ['build', '-o', program, './core/host/teststand'], { cwd: repository });
  return { program, remove: () => rm(dir, { recursive: true }) };
}
