/* static_files.h - the web app's files, read once into memory: precompressed, with ETags. Loop thread only.
 *
 * web_dir holds index.html ("/"), board.html ("/board") and assets whose names carry a hash of their content
 * ("staff-3f2a9c.js"), each beside its .br and .gz. Hashed names are cached for a year, pages are revalidated.
 */
#ifndef HTTP_STATIC_FILES_H
#define HTTP_STATIC_FILES_H

#include "http/request.h"

struct static_files;
int static_files_load(const char *web_dir, struct static_files **ret) must_check; /* at most LIMIT_STATIC_FILES */
void static_files_free(struct static_files *f);
void static_files_reply(const struct static_files *f, struct http_request *r); /* or 404 */

#endif
