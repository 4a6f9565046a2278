/** What the server says when it refuses: problem+json with a stable code. */
export interface Problem {
  code: string;
  status: number;
  detail: string;
  param?: string;
  args?: Record<string, string>;
  requestId?: string;
}

/** A refused or failed request. Two codes are the console's own: network and bad_reply. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly param?: string;
  readonly args: Record<string, string>;
  readonly requestId?: string;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.param = problem.param;
    this.args = problem.args ?? {};
    this.requestId = problem.requestId;
  }

  /** The request may have reached the server although no answer came back. */
  get inDoubt(): boolean {
    return this.code === 'network' || this.code === 'bad_reply' || this.code === 'outcome_unknown' || this.status >= 500;
  }
}

/** Reads a reply's body as a problem, whatever a proxy on the way made of it. */
export function problemFrom(status: number, body: unknown): ApiError {
  const b = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof b.code !== 'string') {
    return new ApiError({ code: 'bad_reply', status, detail: `HTTP ${status}` });
  }
  return new ApiError({
    code: b.code,
    status,
    detail: typeof b.detail === 'string' ? b.detail : typeof b.title === 'string' ? b.title : b.code,
    param: typeof b.param === 'string' && b.param !== '' ? b.param : undefined,
    args: typeof b.args === 'object' && b.args !== null ? (b.args as Record<string, string>) : undefined,
    requestId: typeof b.request_id === 'string' ? b.request_id : undefined,
  });
}

/** Any thrown thing as an ApiError: fetch throws a TypeError when no answer came. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TypeError) return new ApiError({ code: 'network', status: 0, detail: error.message });
  return new ApiError({ code: 'bad_reply', status: 0, detail: error instanceof Error ? error.message : String(error) });
}
