import { useRef, useState } from 'react';
import { asApiError, type ApiError } from './api/error';
import { newKey } from './idempotency';

/** Doing the same to several rows, one after the other. */

export interface Task<Row, Answer> {
  row: Row;
  /** The same at every attempt, so that an attempt whose answer was lost is not done again. */
  key: string;
  answer?: Answer;
  error?: ApiError;
}

export interface Bulk<Row, Answer> {
  tasks: Task<Row, Answer>[];
  /** Done: an answer or a refusal came. Those in doubt are open, and may be asked again. */
  done: Task<Row, Answer>[];
  refused: Task<Row, Answer>[];
  unknown: Task<Row, Answer>[];
  running: boolean;
  /** Goes on with what has no outcome yet. A second call while it runs does nothing. */
  run: () => Promise<void>;
  /** Ends after the row at hand. */
  stop: () => void;
}

/** So many rows without an answer in a row, and the rest is left alone: the server is away. */
const GIVE_UP = 3;

export function useBulk<Row, Answer>(rows: readonly Row[], act: (row: Row, key: string) => Promise<Answer>): Bulk<Row, Answer> {
  // What was chosen when it began: the list behind goes on changing.
  const [tasks, setTasks] = useState<Task<Row, Answer>[]>(() => rows.map((row) => ({ row, key: newKey() })));
  const [running, setRunning] = useState(false);
  const busy = useRef(false);
  const stopped = useRef(false);

  const run = async () => {
    if (busy.current) return;
    busy.current = true;
    stopped.current = false;
    setRunning(true);
    let lost = 0;
    let now = tasks;
    for (let i = 0; i < now.length && !stopped.current && lost < GIVE_UP; i++) {
      const task = now[i]!;
      if (isOver(task)) continue;
      const next = await attempt(task, act);
      lost = next.error?.inDoubt ? lost + 1 : 0;
      now = now.map((t) => (t === task ? next : t));
      setTasks(now);
      // Who does not confirm who they are is not asked once per row; the others keep waiting.
      if (next.error?.code === 'step_up_required' || next.error?.code === 'unauthenticated') break;
    }
    busy.current = false;
    setRunning(false);
  };
  return {
    tasks,
    done: tasks.filter((t) => t.answer !== undefined),
    refused: tasks.filter((t) => t.error && !t.error.inDoubt),
    unknown: tasks.filter((t) => t.error?.inDoubt),
    running,
    run,
    stop: () => void (stopped.current = true),
  };
}

/** Whether a row has its outcome. A refusal for want of a confirmation is none. */
function isOver<Row, Answer>(task: Task<Row, Answer>): boolean {
  if (task.answer !== undefined) return true;
  return task.error !== undefined && !task.error.inDoubt && task.error.code !== 'step_up_required' && task.error.code !== 'unauthenticated';
}

async function attempt<Row, Answer>(task: Task<Row, Answer>, act: (row: Row, key: string) => Promise<Answer>): Promise<Task<Row, Answer>> {
  try {
    return { row: task.row, key: task.key, answer: await act(task.row, task.key) };
  } catch (error) {
    return { row: task.row, key: task.key, error: asApiError(error) };
  }
}
