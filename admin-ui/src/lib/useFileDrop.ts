import { type ChangeEvent, type DragEvent, useState } from 'react';

/** What a place needs that takes a file, dropped or chosen: over says that one is held above it. */
export function useFileDrop(onFile: (file: File) => void) {
  const [over, setOver] = useState(false);
  const drag = (on: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(on);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = ''; // the same file, mended, is a choice again
    if (file) onFile(file);
  };
  return { over, zone: { onDragEnter: drag(true), onDragOver: drag(true), onDragLeave: drag(false), onDrop }, onChange };
}
