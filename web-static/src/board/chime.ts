// A chime of two synthesised tones.  Browsers allow sound only after somebody has touched the page once.

const TONES: readonly { hz: number; at_s: number }[] = [
  { hz: 784, at_s: 0 },
  { hz: 587, at_s: 0.35 },
];
const LENGTH_S = 0.9;
const LOUDNESS = 0.6;
/** Calls closer together than this share one chime. */
const MIN_INTERVAL_S = 0.35;
/** Time from the first tone until a voice may begin. */
export const CHIME_MS = 1300;

export interface Chime {
  play(): void;
  /** To be called when somebody touches the page. */
  resume(): void;
  /** null: this machine has no sound. */
  allowed(): boolean | null;
}

export function createChime(onChange: () => void): Chime {
  const audio = typeof AudioContext === 'undefined' ? null : new AudioContext();
  audio?.addEventListener('statechange', onChange);
  let last_s = -MIN_INTERVAL_S;

  return {
    allowed: () => audio && audio.state === 'running',
    resume: () => void audio?.resume(),
    play() {
      if (audio?.state !== 'running' || audio.currentTime < last_s + MIN_INTERVAL_S) return;
      last_s = audio.currentTime;
      for (const { hz, at_s } of TONES) {
        const start = audio.currentTime + at_s;
        const tone = new OscillatorNode(audio, { type: 'triangle', frequency: hz });
        const volume = new GainNode(audio, { gain: 0 });
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH_S);
        tone.connect(volume).connect(audio.destination);
        tone.start(start);
        tone.stop(start + LENGTH_S);
      }
    },
  };
}
