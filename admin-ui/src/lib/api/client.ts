import createClient, { type Middleware } from 'openapi-fetch';
import { preferences } from '../preferences';
import { ApiError, asApiError, problemFrom } from './error';
import { singleFlight } from './singleFlight';
import type { components, paths } from './schema.gen';

export type Schemas = components['schemas'];
export type Me = Schemas['Me'];

/** What the client needs of a person in the middle of a request. */
export interface Interruptions {
  /** The session has ended: resolves true when the person signed in again. */
  signIn: () => Promise<boolean>;
  /** The server wants to be sure who it is: resolves true when that was confirmed. */
  stepUp: () => Promise<boolean>;
  /** The role does not allow it: it may have changed since the page was drawn. */
  refused: () => void;
}

const never: Interruptions = { signIn: async () => false, stepUp: async () => false, refused: () => undefined };

const state: { csrf?: string; tenant?: string; interruptions: Interruptions } = { interruptions: never };

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', preferences().language);
    if (state.tenant && !request.headers.has('Zhanggui-Tenant')) request.headers.set('Zhanggui-Tenant', state.tenant);
    if (state.csrf && request.method !== 'GET' && request.method !== 'HEAD') request.headers.set('X-CSRF-Token', state.csrf);
    return request;
  },
};

/** The API as its document describes it. Use it inside call(). */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? 'http://localhost', credentials: 'same-origin', fetch: singleFlight((request) => fetch(request)) });
api.use(headers);

/** Remembers the token that proves that a request comes from this console. */
export function setCSRF(token: string | undefined): void {
  state.csrf = token;
}

/** Names the merchant for all requests that name none themselves. */
export function setTenant(tenant: string | undefined): void {
  state.tenant = tenant;
}

export function setInterruptions(interruptions: Interruptions): void {
  state.interruptions = interruptions;
}

/** The header of a request about one merchant's object, whichever merchant is chosen. */
export function forTenant(tenant: string | undefined): { headers?: Record<string, string> } {
  return tenant ? { headers: { 'Zhanggui-Tenant': tenant } } : {};
}

/** How the stream of changes is asked for: as every request is, until it is cut. */
export function streamRequest(signal: AbortSignal): RequestInit {
  return { signal, credentials: 'same-origin', headers: { Accept: 'text/event-stream', 'Accept-Language': preferences().language, ...(state.tenant && { 'Zhanggui-Tenant': state.tenant }) } };
}

interface Reply<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Sends a request once. Errors: always an ApiError. */
export async function callOnce<Data>(send: () => Promise<Reply<Data>>): Promise<Data> {
  let reply: Reply<Data>;
  try {
    reply = await send();
  } catch (thrown) {
    throw thrown instanceof DOMException && thrown.name === 'AbortError' ? thrown : asApiError(thrown);
  }
  if (reply.response.ok) return reply.data as Data;
  throw problemFrom(reply.response.status, reply.error);
}

/**
 * Sends a request; when the session has ended or the server wants a confirmation, the person
 * is asked and the same request is sent again, so that nothing typed is lost. A request that
 * moves money carries its Idempotency-Key in send, and so repeats safely.
 * Errors: always an ApiError.
 */
export async function call<Data>(send: () => Promise<Reply<Data>>): Promise<Data> {
  try {
    return await callOnce(send);
  } catch (error) {
    if (error instanceof ApiError && (await mended(error))) return again(send);
    throw error;
  }
}

// What was allowed before the person signed in again may not be any more.
async function again<Data>(send: () => Promise<Reply<Data>>): Promise<Data> {
  try {
    return await callOnce(send);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'forbidden') state.interruptions.refused();
    throw error;
  }
}

async function mended(error: ApiError): Promise<boolean> {
  switch (error.code) {
    case 'unauthenticated':
      return state.interruptions.signIn();
    case 'step_up_required':
      return state.interruptions.stepUp();
    case 'forbidden':
      state.interruptions.refused();
      return false;
    case 'csrf_failed':
      // Another tab signed in: the cookie is newer than our token.
      setCSRF((await callOnce(() => api.GET('/v1/session'))).csrf_token);
      return true;
    default:
      return false;
  }
}
