/* embed.h - embeds a file of the build in the program. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/util.h"

/* Declares symbol_begin[] and symbol_end[], the bytes of the file, followed by a NUL. path is relative to the top of
 * the tree. The Makefile must list the file as a prerequisite of the object, or make misses its changes. */
#define EMBED(symbol, path)                                                                                            \
  __asm__(".section .rodata\n.global " #symbol "_begin, " #symbol "_end\n" #symbol "_begin: .incbin \"" path           \
          "\"\n" #symbol "_end: .byte 0\n.previous");                                                                  \
  extern const uint8_t symbol##_begin[], symbol##_end[]

#endif
