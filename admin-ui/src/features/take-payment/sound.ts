const KEY = 'zhanggui.till.sound';

/** Whether this till sounds when money came in. It does not until somebody wants it. */
export function soundWanted(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on';
  } catch {
    return false;
  }
}

export function wantSound(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off');
  } catch {
    // Silent again next time.
  }
}

/** Two short notes: up when it was paid, down when it was not. */
export function play(good: boolean): void {
  const context = new AudioContext();
  const notes = good ? [660, 880] : [440, 330];
  notes.forEach((frequency, i) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + i * 0.14;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.12, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.13);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.14);
  });
  setTimeout(() => void context.close(), 600);
}
