/* embed.h - a file of the build as bytes of the program. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/util.h"

/* Declares symbol_begin[] and symbol_end[], the bytes of the file, which a NUL follows. path: from the top of the tree;
 * a change of it is seen by make only if the object is said to depend on it. */
#define EMBED(symbol, path)                                                                                            \
  __asm__(".section .rodata\n.global " #symbol "_begin, " #symbol "_end\n" #symbol "_begin: .incbin \"" path           \
          "\"\n" #symbol "_end: .byte 0\n.previous");                                                                  \
  extern const uint8_t symbol##_begin[], symbol##_end[]

#endif
