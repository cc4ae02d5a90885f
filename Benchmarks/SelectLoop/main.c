// What libpq costs by itself: the peer of answers that ask PostgreSQL.
//
//   selectloop rounds CONNINFO SECONDS SQL   one prepared statement, again and again; median and rate
//   selectloop drain CONNINFO SQL            one statement's rows, read one by one and dropped
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void expect(PGconn *connection, PGresult *result, ExecStatusType status) {
    if (PQresultStatus(result) != status) {
        fprintf(stderr, "selectloop: %s", PQerrorMessage(connection));
        exit(1);
    }
}

static int rounds(PGconn *connection, double seconds, const char *sql) {
    PGresult *prepared = PQprepare(connection, "s", sql, 0, NULL);
    expect(connection, prepared, PGRES_COMMAND_OK);
    PQclear(prepared);
    size_t capacity = 1 << 22, count = 0;
    double *times = malloc(capacity * sizeof *times);
    if (times == NULL) return 1;
    double start = now(), last = start;
    while (last - start < seconds * 1e6 && count < capacity) {
        PGresult *result = PQexecPrepared(connection, "s", 0, NULL, NULL, NULL, 1);
        expect(connection, result, PGRES_TUPLES_OK);
        PQclear(result);
        double end = now();
        times[count++] = end - last;
        last = end;
    }
    qsort(times, count, sizeof *times, compare);
    printf("{\"p50\": %.2f, \"perSecond\": %.0f}\n", times[count / 2], count / (last - start) * 1e6);
    free(times);
    return 0;
}

static int drain(PGconn *connection, const char *sql) {
    double start = now();
    if (PQsendQueryParams(connection, sql, 0, NULL, NULL, NULL, NULL, 1) != 1) return 1;
    PQsetSingleRowMode(connection);
    long rows = 0;
    PGresult *result;
    while ((result = PQgetResult(connection)) != NULL) {
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) rows += 1;
        else expect(connection, result, PGRES_TUPLES_OK);
        PQclear(result);
    }
    printf("{\"rows\": %ld, \"milliseconds\": %.2f}\n", rows, (now() - start) / 1e3);
    return 0;
}

int main(int count, char **words) {
    if (count < 4) {
        fprintf(stderr, "usage: selectloop rounds CONNINFO SECONDS SQL | drain CONNINFO SQL\n");
        return 2;
    }
    PGconn *connection = PQconnectdb(words[2]);
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "selectloop: %s", PQerrorMessage(connection));
        return 1;
    }
    PQclear(PQexec(connection, "SET search_path = public; SET plan_cache_mode = force_generic_plan; SET jit = off"));
    int status = 2;
    if (strcmp(words[1], "rounds") == 0 && count == 5) status = rounds(connection, atof(words[3]), words[4]);
    else if (strcmp(words[1], "drain") == 0 && count == 4) status = drain(connection, words[3]);
    PQfinish(connection);
    return status;
}
