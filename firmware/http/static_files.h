/* static_files.h - the web app's files, read once into memory: precompressed, with ETags. Loop thread only.
 *
 * web_dir holds index.html, board.html and assets whose names carry a hash of their content ("staff-3f2a9c.js"), each
 * beside its .br and .gz. "/" is index.html, "/board" board.html. Hashed names are cached for a year, pages
 * revalidated.
 */
#ifndef HTTP_STATIC_FILES_H
#define HTTP_STATIC_FILES_H

#include "http/server.h"

struct files;
int static_files_load(const char *web_dir, struct files **ret) must_check; /* at most LIMIT_STATIC_FILES */
void static_files_free(struct files *f);
void static_files_reply(const struct files *f, struct http_request *r); /* or 404 */

#endif
