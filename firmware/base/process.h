/* process.h - what a daemon does with its process before it starts a thread. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/* Blocks these signals (0 ends the list) for all threads to come, so that they reach the loop alone; a closed pipe is
 * an error and no signal; what is created is the owner's alone. */
void process_prepare(const int *signals);

#endif
