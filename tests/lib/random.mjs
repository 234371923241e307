// Reproducible randomness: the same seed gives the same sequence.
export class Random {
  constructor(seed) {
    this.seed = seed;
    this.at = seed | 0;
  }
  next() { // mulberry32; 0 <= x < 1
    this.at = (this.at + 0x6d2b79f5) | 0;
    let t = Math.imul(this.at ^ (this.at >>> 15), 1 | this.at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(n) {
    return Math.floor(this.next() * n);
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  between(low, high) {
    return low + this.next() * (high - low);
  }
  // {name: weight, …} → a name
  weighted(weights) {
    let at = this.next() * Object.values(weights).reduce((sum, w) => sum + w, 0);
    for (const [name, weight] of Object.entries(weights)) if ((at -= weight) < 0) return name;
    return Object.keys(weights).at(-1);
  }
}

// SEED of the environment, or a random one; the caller prints it.
export const seedOfRun = () => Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
