import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reply of the API as it came over the wire. */
export interface Reply {
  url: string;
  method: string;
  status: number;
  headers: string;
  text: string;
}

// What belongs to one connection, and is said anew on the next.
const hop = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding']);

/**
 * The way between one browser and the host. Every reply of the API is kept whole before the browser
 * gets any of it: a page that leaves in the middle of a reply loses nothing of what was said.
 */
export class Wire {
  readonly replies: Reply[] = [];
  private losing?: { method: string; path: RegExp };

  private constructor(private readonly server: Server) {
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => this.pass(asked, answer));
  }

  static async open(): Promise<Wire> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Wire(server);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next answer to such a request breaks off on its way: the host did what was asked, and the browser does not learn it. */
  lose(method: string, path: RegExp): void {
    this.losing = { method, path };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const url = new URL(asked.url!);
    // Uncompressed, so that what is kept can be searched.
    const headers = Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !hop.has(name) && name !== 'accept-encoding'));
    const onward = request(url, { method: asked.method, headers }, (reply) => {
      if (reply.headers['content-type'] === 'text/event-stream') return this.stream(asked.method!, url, reply, answer);
      const pieces: Buffer[] = [];
      reply.on('data', (piece: Buffer) => pieces.push(piece));
      reply.on('error', (error) => answer.destroy(error));
      reply.on('end', () => {
        const body = Buffer.concat(pieces);
        const kept = pairs(reply.rawHeaders).filter(([name]) => !hop.has(name.toLowerCase()));
        const status = reply.statusCode!;
        if (url.pathname.startsWith('/v1/')) {
          this.replies.push({ url: url.href, method: asked.method!, status, headers: JSON.stringify(kept), text: body.toString() });
        }
        answer.writeHead(status, kept.flat());
        if (this.losing?.method === asked.method && this.losing?.path.test(url.pathname)) {
          this.losing = undefined;
          answer.write(body.subarray(0, 1), () => answer.destroy());
          return;
        }
        answer.end(body);
      });
    });
    onward.on('error', (error) => answer.destroy(error));
    // Who no longer waits for an answer is no longer asked for.
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  }

  /** What has no end is kept and passed on as it comes. */
  private stream(method: string, url: URL, reply: IncomingMessage, answer: ServerResponse): void {
    const headers = pairs(reply.rawHeaders).filter(([name]) => !hop.has(name.toLowerCase()));
    const kept = { url: url.href, method, status: reply.statusCode!, headers: JSON.stringify(headers), text: '' };
    this.replies.push(kept);
    answer.writeHead(kept.status, headers.flat());
    reply.on('data', (piece: Buffer) => {
      kept.text += piece.toString();
      answer.write(piece);
    });
    reply.on('error', (error) => answer.destroy(error));
    reply.on('end', () => answer.end());
  }
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!, raw[2 * i + 1]!]);
}
