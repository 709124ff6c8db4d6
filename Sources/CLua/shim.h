/*
 * Lua for Swift. A Lua error is a longjmp, and a longjmp over a Swift frame is undefined behaviour, hence:
 *
 *   - only the C functions below raise; a Swift body returns CLUA_RAISE and its trampoline raises when the body is gone;
 *   - Swift enters Lua through clua_pcall only;
 *   - API functions that can raise have a wrapper here that runs them under clua_pcall;
 *   - API functions that raise nothing but "not enough memory" may be called by Swift directly, because then the
 *     allocator lets Lua collect its garbage once and, when that did not help, ends the process.
 */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <lua5.4/lua.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lualib.h>

enum { CLUA_RAISE = -1 };

typedef int (*clua_body)(lua_State *L);

/* ---- memory ---- */

typedef struct clua_memory {
  lua_Alloc host; /* who really gives memory; NULL: the C library */
  void *host_data;
  int in_swift; /* the innermost caller of the Lua API is a Swift frame: a memory error would jump over it */
  int failed;   /* Lua has been told of a failure and is collecting garbage */
  lua_State *volatile running; /* the coroutine that runs; NULL: the main thread. See coroutines.h */
  volatile int interrupted;    /* Ctrl-C since the command began */
} clua_memory;

static inline void *clua_alloc(void *ud, void *block, size_t old, size_t size) {
  clua_memory *memory = (clua_memory *)ud;
  if (size == 0) {
    if (memory->host) memory->host(memory->host_data, block, old, 0);
    else free(block);
    return NULL;
  }
  void *result = memory->host ? memory->host(memory->host_data, block, old, size) : realloc(block, size);
  if (result) {
    memory->failed = 0;
    return result;
  }
  if (block && size <= old) return block;
  if (memory->in_swift && memory->failed) {
    fputs("nn: not enough memory\n", stderr);
    abort();
  }
  memory->failed = memory->in_swift; /* Lua now collects and asks again; in its own code it may raise as usual */
  return NULL;
}

static inline clua_memory *clua_memory_of(lua_State *L) {
  void *ud;
  lua_getallocf(L, &ud);
  return (clua_memory *)ud;
}

static inline lua_State *clua_open(void) {
  clua_memory *memory = (clua_memory *)calloc(1, sizeof *memory);
  lua_State *L = memory ? luaL_newstate() : NULL;
  if (!L) {
    free(memory);
    return NULL;
  }
  memory->in_swift = 1;
  lua_setallocf(L, clua_alloc, memory);
  return L;
}

/* Takes care of the memory of a state that somebody else made. A state keeps its allocator to its last moment, so that what is
   allocated here is never freed. False: no memory. */
static inline int clua_adopt(lua_State *L) {
  void *ud;
  lua_Alloc host = lua_getallocf(L, &ud);
  if (host == clua_alloc) return 1;
  clua_memory *memory = (clua_memory *)calloc(1, sizeof *memory);
  if (!memory) return 0;
  memory->host = host;
  memory->host_data = ud;
  lua_setallocf(L, clua_alloc, memory);
  return 1;
}

static inline void clua_close(lua_State *L) {
  clua_memory *memory = clua_memory_of(L);
  lua_close(L);
  free(memory);
}

/* ---- crossing the border ---- */

/* Lua -> Swift: the only frame between the two, and it owns nothing. */
static inline int clua_trampoline(lua_State *L) {
  clua_body body = (clua_body)lua_touserdata(L, lua_upvalueindex(1));
  clua_memory *memory = clua_memory_of(L);
  int in_swift = memory->in_swift;
  memory->in_swift = 1;
  int results = body(L);
  memory->in_swift = in_swift;
  return results == CLUA_RAISE ? lua_error(L) : results;
}

/* The entry of a Lua module. */
static inline int clua_open_module(lua_State *L, clua_body body) {
  if (!clua_adopt(L)) return luaL_error(L, "not enough memory");
  clua_memory *memory = clua_memory_of(L);
  memory->in_swift = 1;
  int results = body(L);
  memory->in_swift = 0;
  return results == CLUA_RAISE ? lua_error(L) : results;
}

/* Turns the value on top of the stack, the body's context, into a function. The body finds it by clua_context. */
static inline void clua_pushfunction(lua_State *L, clua_body body) {
  lua_pushlightuserdata(L, (void *)body);
  lua_insert(L, -2);
  lua_pushcclosure(L, clua_trampoline, 2);
}

static inline void *clua_context(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(2)); }

/* Swift -> Lua */
static inline int clua_pcall(lua_State *L, int arguments, int results, int handler) {
  clua_memory *memory = clua_memory_of(L);
  int in_swift = memory->in_swift;
  memory->in_swift = 0;
  int status = lua_pcallk(L, arguments, results, handler, 0, NULL);
  memory->in_swift = in_swift;
  return status;
}

/* Pushes "file:line: " of the innermost Lua code that is the user's, "" when C called. Chunks called "[nn]" are ours. */
static inline void clua_where(lua_State *L) {
  lua_Debug frame;
  for (int level = 1; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (strcmp(frame.short_src, "[nn]") == 0) continue;
    if (frame.currentline > 0) {
      lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
      return;
    }
    break;
  }
  lua_pushliteral(L, "");
}

/* Message handler: the error's text with a traceback. */
static inline int clua_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  if (!message) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  luaL_traceback(L, L, message, 1);
  return 1;
}

/* ---- functions that can raise, under pcall: LUA_OK, or another status with the error on the stack ---- */

static inline int clua_body_openlibs(lua_State *L) { return luaL_openlibs(L), 0; }
static inline int clua_body_get(lua_State *L) { return lua_gettable(L, 1), 1; }
static inline int clua_body_set(lua_State *L) { return lua_settable(L, 1), 0; }
static inline int clua_body_length(lua_State *L) { return lua_len(L, 1), 1; }
static inline int clua_body_text(lua_State *L) { return luaL_tolstring(L, 1, NULL), 1; }
static inline int clua_body_next(lua_State *L) {
  lua_settop(L, 2);
  if (!lua_next(L, 1)) lua_pushnil(L), lua_pushnil(L);
  return 2;
}
static inline int clua_body_rawset(lua_State *L) { return lua_rawset(L, 1), 0; }

static inline int clua_openlibs(lua_State *L) {
  lua_pushcfunction(L, clua_body_openlibs);
  return clua_pcall(L, 0, 0, 0);
}

/* key -> value */
static inline int clua_get(lua_State *L, int table) {
  table = lua_absindex(L, table);
  lua_pushcfunction(L, clua_body_get);
  lua_pushvalue(L, table);
  lua_rotate(L, -3, 2);
  return clua_pcall(L, 2, 1, 0);
}

static inline int clua_set_with(lua_State *L, int table, lua_CFunction body) {
  table = lua_absindex(L, table);
  lua_pushcfunction(L, body);
  lua_pushvalue(L, table);
  lua_rotate(L, -4, 2);
  return clua_pcall(L, 3, 0, 0);
}

/* key, value -> nothing */
static inline int clua_set(lua_State *L, int table) { return clua_set_with(L, table, clua_body_set); }
static inline int clua_rawset(lua_State *L, int table) { return clua_set_with(L, table, clua_body_rawset); }

/* -> the length */
static inline int clua_length(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_pushcfunction(L, clua_body_length);
  lua_pushvalue(L, index);
  return clua_pcall(L, 1, 1, 0);
}

/* -> the value as print shows it */
static inline int clua_text(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_pushcfunction(L, clua_body_text);
  lua_pushvalue(L, index);
  return clua_pcall(L, 1, 1, 0);
}

/* key -> next key, value; both nil at the end */
static inline int clua_next(lua_State *L, int table) {
  table = lua_absindex(L, table);
  lua_pushcfunction(L, clua_body_next);
  lua_pushvalue(L, table);
  lua_rotate(L, -3, 2);
  return clua_pcall(L, 2, 2, 0);
}

/* ---- macros and variadic functions, which Swift cannot see ---- */

static inline void clua_pop(lua_State *L, int n) { lua_settop(L, -n - 1); }
static inline void clua_insert(lua_State *L, int index) { lua_rotate(L, index, 1); }
static inline void clua_remove(lua_State *L, int index) { lua_rotate(L, index, -1), lua_settop(L, -2); }
static inline void clua_pushglobals(lua_State *L) { lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS); }
static inline int clua_registry(void) { return LUA_REGISTRYINDEX; }
static inline int clua_upvalue(int n) { return lua_upvalueindex(n); }
static inline int clua_noref(void) { return LUA_NOREF; }
static inline void clua_newtable(lua_State *L) { lua_createtable(L, 0, 0); }
/* lua5.4 starts in generational mode, where a tensor that two young collections have seen waits for a major one; and that one comes
   when Lua's own heap has doubled, which boxes of tensors hardly make it do. */
static inline void clua_collect_incrementally(lua_State *L) { lua_gc(L, LUA_GCINC, 0, 0, 0); }
static inline void clua_step(lua_State *L, int kilobytes) { lua_gc(L, LUA_GCSTEP, kilobytes); }
static inline void clua_collect(lua_State *L) { lua_gc(L, LUA_GCCOLLECT); }
static inline void clua_pushcfunction(lua_State *L, lua_CFunction function) { lua_pushcclosure(L, function, 0); }
static inline const char *clua_short_source(const lua_Debug *frame) { return frame->short_src; } /* an array */
static inline const char *clua_release(void) { return LUA_RELEASE; }

/* C's streams, which Lua's print and io share with us; Swift may not touch these globals. */
static inline FILE *clua_stdin(void) { return stdin; }
static inline FILE *clua_stdout(void) { return stdout; }
static inline FILE *clua_stderr(void) { return stderr; }

/* Columns of a terminal; 0 when it does not say. Here, as the next, because which module a system's structure comes from depends on who
   else is imported. */
static inline int clua_columns(FILE *stream) {
  struct winsize size;
  return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Waits until files (-1: none) can be written (the first) or read (the others): bit i for file i; 0 when it was disturbed. */
static inline int clua_wait_for(int writable, int readable, int other) {
  struct pollfd files[3] = {{writable, POLLOUT, 0}, {readable, POLLIN, 0}, {other, POLLIN, 0}};
  int ready = 0, i;
  if (poll(files, 3, -1) <= 0) return 0;
  for (i = 0; i < 3; i++) ready |= (files[i].revents != 0) << i;
  return ready;
}

/* The environment that a program started from here inherits. */
extern char **environ;
static inline char **clua_environ(void) { return environ; }

static inline void clua_format_number(char *buffer, size_t size, double number) {
  snprintf(buffer, size, number != 0 && number > -1e-3 && number < 1e-3 ? "%.4e" : "%.4f", number);
}
