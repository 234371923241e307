// How slow this machine is just now, so that no limit is an absolute guess. tests/run measures it and says so in PACE.

/** How many times longer work takes here than on an idle machine of the reference kind; at least 1. */
export const pace = Math.max(1, Number(process.env.PACE) || 1);

/** A limit that only ends a hang: milliseconds of the reference machine, as milliseconds of this one. */
export const scaled = (ms) => Math.ceil(ms * pace);
