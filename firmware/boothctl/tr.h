/* tr.h - sentences in the user's language. */
#ifndef BOOTHCTL_TR_H
#define BOOTHCTL_TR_H

/* The Korean text if LC_ALL, LC_MESSAGES or LANG, the first that is set, begins with "ko". */
const char *tr(const char *english, const char *korean) __attribute__((format_arg(1), format_arg(2)));

#endif
