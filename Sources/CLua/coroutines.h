/*
 * Ctrl-C inside coroutines. A debug hook belongs to one coroutine, and Lua's API does not tell which one runs: coroutine.resume and
 * coroutine.wrap note it here, so that an endless loop in a coroutine can be interrupted as one outside can.
 */
#pragma once
#include "shim.h"

/* Debug hook for Ctrl-C: raises at the next instruction. */
static inline void clua_interrupt_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  lua_pushliteral(L, "interrupted!"); /* no place: it is not the fault of the code */
  lua_error(L);
}

static inline void clua_hook_interrupt(lua_State *L) {
  lua_sethook(L, clua_interrupt_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

/* Makes the main thread and the coroutine that runs raise. Async-signal-safe, as lua_sethook is. */
static inline void clua_interrupt(lua_State *L) {
  clua_memory *memory = clua_memory_of(L);
  memory->interrupted = 1;
  clua_hook_interrupt(L);
  lua_State *running = memory->running;
  if (running) clua_hook_interrupt(running);
}

static inline void clua_uninterrupt(lua_State *L) {
  clua_memory_of(L)->interrupted = 0;
  lua_sethook(L, NULL, 0, 0);
}

/* Back in L: what a coroutine did with its interruption does not keep L from its own. */
static inline void clua_left_coroutine(lua_State *L, lua_State *coroutine, lua_State *outer) {
  clua_memory *memory = clua_memory_of(L);
  memory->running = outer;
  if (lua_gethook(coroutine) == clua_interrupt_hook) lua_sethook(coroutine, NULL, 0, 0);
  if (memory->interrupted) clua_hook_interrupt(L);
}

/* coroutine.resume; its first upvalue is Lua's own, which raises nothing once it was given a coroutine. */
static inline int clua_resume(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  clua_memory *memory = clua_memory_of(L);
  lua_State *coroutine = lua_tothread(L, 1), *outer = memory->running;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  memory->running = coroutine;
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  clua_left_coroutine(L, coroutine, outer);
  return lua_gettop(L);
}

/* What coroutine.wrap gives; upvalues: the function that Lua's own gave, its coroutine. */
static inline int clua_wrapped(lua_State *L) {
  clua_memory *memory = clua_memory_of(L);
  lua_State *coroutine = lua_tothread(L, lua_upvalueindex(2)), *outer = memory->running;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  memory->running = coroutine;
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  clua_left_coroutine(L, coroutine, outer);
  if (status == LUA_OK) return lua_gettop(L);
  if (lua_type(L, -1) == LUA_TSTRING && status != LUA_ERRMEM) { /* as Lua's own does for whoever calls it */
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/* coroutine.wrap; its first upvalue is Lua's own. */
static inline int clua_wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  if (!lua_getupvalue(L, -1, 1) || !lua_isthread(L, -1)) {
    lua_settop(L, -2);
    return 1; /* another Lua, which keeps its coroutine elsewhere: wrapped as ever */
  }
  lua_pushcclosure(L, clua_wrapped, 2);
  return 1;
}

static inline int clua_body_watch_coroutines(lua_State *L) {
  lua_getglobal(L, "coroutine");
  lua_getfield(L, 1, "resume");
  lua_pushcclosure(L, clua_resume, 1);
  lua_setfield(L, 1, "resume");
  lua_getfield(L, 1, "wrap");
  lua_pushcclosure(L, clua_wrap, 1);
  lua_setfield(L, 1, "wrap");
  return 0;
}

/* Called once, when the libraries are open. */
static inline int clua_watch_coroutines(lua_State *L) {
  lua_pushcfunction(L, clua_body_watch_coroutines);
  return clua_pcall(L, 0, 0, 0);
}
