#include "base/process.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>

void process_prepare(const int *signals)
{
  sigset_t set;
  sigemptyset(&set);
  for (; *signals; signals++)
    sigaddset(&set, *signals);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
  umask(0077);
}
