// Decides which jobs run at the same time.

/**
 * Runs jobs in order, as many at once as their weights allow: a job of weight 0 only waits, and one as heavy as the pool runs
 * only beside those. A job waits for the suites in its `after`, and is not run if one of them has failed.
 */
export class Pool {
  constructor(capacity) {
    this.capacity = capacity;
    this.busy = 0;
  }

  /** work(job) runs a job; left(suite): how many of its jobs have not ended; broken(suite): whether one failed. */
  async drain(jobs, { work, left, broken, refuse }) {
    const waiting = [...jobs];
    const running = new Set();
    for (;;) {
      for (let i = 0; i < waiting.length; ) {
        const job = waiting[i];
        const after = job.after ?? [];
        if (after.some(broken)) {
          waiting.splice(i, 1);
          refuse(job, after.find(broken));
          continue;
        }
        const weight = Math.min(job.weight, this.capacity);
        if (after.some((suite) => left(suite) > 0)) {
          i++;
          continue;
        }
        if (this.busy + weight > this.capacity) {
          if (weight > 0) break; // otherwise heavy jobs would starve
          i++;
          continue;
        }
        waiting.splice(i, 1);
        this.busy += weight;
        const ended = work(job).finally(() => {
          this.busy -= weight;
          running.delete(ended);
        });
        running.add(ended);
      }
      if (running.size === 0) return;
      await Promise.race(running);
    }
  }
}
