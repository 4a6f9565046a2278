import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const CHUNK = 4 << 20;

/**
 * Which of the needles stand in the memory of a process. Every readable region is read; a needle
 * that lies across two chunks is found too. Errors: the process is gone, or may not be read.
 */
export function needlesInMemory(pid: number, needles: Buffer[]): { found: Set<number>; bytes: number } {
  const overlap = Math.max(...needles.map((n) => n.length)) - 1;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const found = new Set<number>();
  const buffer = Buffer.alloc(CHUNK);
  let bytes = 0;
  try {
    for (const [start, end] of regions(pid)) {
      for (let at = start; at < end; at += CHUNK - overlap) {
        const length = readSome(memory, buffer, Math.min(CHUNK, end - at), at);
        if (length === 0) break;
        bytes += length;
        const chunk = buffer.subarray(0, length);
        needles.forEach((needle, i) => chunk.includes(needle) && found.add(i));
      }
    }
  } finally {
    closeSync(memory);
  }
  return { found, bytes };
}

function regions(pid: number): [number, number][] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n');
  return lines
    .filter((line) => / r..[ps] /.test(line) && !/\[(vvar|vsyscall)/.test(line))
    .map((line) => {
      const [start, end] = line.split(' ', 1)[0]!.split('-').map((hex) => Number.parseInt(hex, 16));
      return [start!, end!];
    });
}

// A region may be given back between the list and the reading, or lie beyond the end of a file.
function readSome(file: number, buffer: Buffer, length: number, position: number): number {
  try {
    return readSync(file, buffer, 0, length, position);
  } catch (error) {
    if (['EIO', 'EFAULT'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}

/** The living processes below a process, with their names. */
export function descendants(pid: number): { pid: number; name: string }[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const [, own, command, parent] = /^(\d+) \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))!;
      return [{ pid: Number(own), name: command!, parent: Number(parent) }];
    } catch {
      return []; // it ended meanwhile
    }
  });
  const below = (of: number): typeof all => all.filter((p) => p.parent === of).flatMap((p) => [p, ...below(p.pid)]);
  return below(pid);
}
