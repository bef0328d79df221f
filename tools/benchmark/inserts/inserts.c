// The limit of a durable write: raw SQLite inserts, no server, no rules.
//
//   inserts FILE REQUESTS BATCH
//
// A request is a savepoint with three inserts, about what a created application leaves behind (its row, its event and
// its idempotency record); BATCH requests share a commit, in WAL mode with synchronous=FULL. Prints requests a second.

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sqlite3 *database;

static void check(int result) {
  if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW) return;
  fprintf(stderr, "inserts: %s\n", sqlite3_errmsg(database));
  exit(EXIT_FAILURE);
}

static void execute(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL)); }

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement = NULL;
  check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
  return statement;
}

static void run(sqlite3_stmt *statement) {
  check(sqlite3_step(statement));
  check(sqlite3_reset(statement));
}

static double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
  long requests = count == 4 ? atol(arguments[2]) : 0, batch = count == 4 ? atol(arguments[3]) : 0;
  if (requests < 1 || batch < 1) {
    fprintf(stderr, "usage: inserts FILE REQUESTS BATCH (FILE must not exist)\n");
    return EXIT_FAILURE;
  }
  check(sqlite3_open(arguments[1], &database));
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = FULL");
  execute(
      "CREATE TABLE applications (id INTEGER PRIMARY KEY, enterprise INTEGER, amount INTEGER, installments INTEGER,"
      " purpose TEXT, method TEXT, state INTEGER, payload BLOB);"
      "CREATE INDEX applications_by_enterprise ON applications (enterprise);"
      "CREATE TABLE events (sequence INTEGER PRIMARY KEY, application INTEGER, kind TEXT, at INTEGER, payload BLOB);"
      "CREATE TABLE replies (request_id TEXT PRIMARY KEY, reply BLOB) WITHOUT ROWID;");
  sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
  sqlite3_stmt *savepoint = prepare("SAVEPOINT request"), *release = prepare("RELEASE request");
  sqlite3_stmt *application = prepare(
      "INSERT INTO applications VALUES (?1, ?2, 500000, 12, 'working capital', 'equal', 1, zeroblob(200))");
  sqlite3_stmt *event = prepare("INSERT INTO events VALUES (NULL, ?1, 'created', 123456, zeroblob(60))");
  sqlite3_stmt *reply = prepare("INSERT INTO replies VALUES (?1, zeroblob(40))");

  double start = now_seconds();
  for (long done = 0; done < requests;) {
    run(begin);
    for (long i = 0; i < batch && done < requests; i++, done++) {
      // Random in front, so that the keys come in no order, as those of independent callers do.
      char request_id[64];
      int bytes = snprintf(request_id, sizeof request_id, "%08x-%04lx-4000-8000-%012lx", (unsigned)rand(),
                           done & 0xffff, done);
      run(savepoint);
      check(sqlite3_bind_int64(application, 1, done + 1));
      check(sqlite3_bind_int64(application, 2, done % 1000));
      run(application);
      check(sqlite3_bind_int64(event, 1, done + 1));
      run(event);
      check(sqlite3_bind_text(reply, 1, request_id, bytes, SQLITE_TRANSIENT));
      run(reply);
      run(release);
    }
    run(commit);
  }
  printf("%.0f\n", (double)requests / (now_seconds() - start));
}
