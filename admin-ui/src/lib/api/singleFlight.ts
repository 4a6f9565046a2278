type Send = (request: Request) => Promise<Response>;

/**
 * Sends a change once while the very same is under way, and gives its one reply to all who ask:
 * a button pressed twice before the page was drawn anew invites one person and makes one key.
 * The same means the same method, address, merchant, key of the submission and content.
 */
export function singleFlight(send: Send): Send {
  const underWay = new Map<string, Promise<Response>>();
  return async (request) => {
    if (request.method === 'GET' || request.method === 'HEAD' || !comparable(request)) return send(request);
    const what = await describe(request);
    const known = underWay.get(what);
    if (known) return (await known).clone();
    const reply = send(request).finally(() => underWay.delete(what));
    underWay.set(what, reply);
    return (await reply).clone();
  };
}

// A part of a file is neither read nor compared, and has a signal of its own to stop it.
function comparable(request: Request): boolean {
  const type = request.headers.get('Content-Type');
  return type === null || type.startsWith('application/json');
}

async function describe(request: Request): Promise<string> {
  const named = ['Zhanggui-Tenant', 'Idempotency-Key'].map((name) => request.headers.get(name) ?? '');
  return JSON.stringify([request.method, request.url, ...named, await request.clone().text()]);
}
