/* process.h - prepares the process of a daemon, before it starts a thread. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/* Blocks these signals (0 ends the list) for all later threads, so that only the loop gets them; ignores SIGPIPE; sets
 * the umask to 0077. */
void process_prepare(const int *signals);

#endif
