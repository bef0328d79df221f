#include <sqlite3.h>

// sqlite3_config takes a variable list of arguments, which Swift cannot pass.

/// Leaves out the count of allocated bytes, which takes a process-wide lock for every allocation. To be called before
/// anything else.
static inline int millrace_sqlite3_forgo_memory_statistics(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
