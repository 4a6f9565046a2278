import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message that came, and under how many of the secrets it is signed. */
export interface Message {
  id: string;
  type: string;
  objectId: string;
  sequence: number;
  signedBy: string[];
}

// Older is refused, as the documentation of webhooks asks for.
const MAX_AGE_S = 300;

/** A merchant's program that takes webhooks: it verifies by the words of docs/webhooks.md alone. */
export class Receiver {
  /** What it answers with: a status, and a body. */
  answer = { status: 200, body: 'thank you' };
  /** The secrets it knows. A message that none of them signed is refused. */
  readonly secrets: string[] = [];
  readonly taken: Message[] = [];
  readonly refused: string[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (asked, reply) => {
      const pieces: Buffer[] = [];
      asked.on('data', (piece: Buffer) => pieces.push(piece));
      asked.on('end', () => {
        const status = this.take(asked.headers, Buffer.concat(pieces).toString('utf8'));
        reply.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
        reply.end(status === 401 ? 'not signed' : this.answer.body);
      });
    });
  }

  static async open(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Receiver(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/zhanggui`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The types that came about an object, in their order and each once. */
  about(objectId: string): string[] {
    const first = new Map(this.taken.filter((m) => m.objectId === objectId).map((m) => [m.id, m.type]));
    return [...first.values()];
  }

  count(type: string): number {
    return this.taken.filter((m) => m.type === type).length;
  }

  private take(headers: IncomingHttpHeaders, body: string): number {
    const signedBy = this.secrets.filter((secret) => verifies(headers, body, secret));
    if (signedBy.length === 0) {
      this.refused.push(body);
      return 401;
    }
    if (this.answer.status >= 300) return this.answer.status;
    const { id, type, object_id: objectId, sequence } = JSON.parse(body) as { id: string; type: string; object_id: string; sequence: number };
    this.taken.push({ id, type, objectId, sequence, signedBy });
    return this.answer.status;
  }
}

function verifies(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name] ?? '')) as [string, string, string];
  if (!id || Math.abs(Date.now() / 1000 - Number(timestamp)) > MAX_AGE_S) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const [version, text] = signature.split(',');
    const given = Buffer.from(text ?? '', 'base64');
    return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}
