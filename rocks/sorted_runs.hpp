#pragma once

#include <rocksdb/memtablerep.h>

#include <memory>

namespace boxoffice::rocks {

/// Memtables for rows that are written in sorted chunks, by one writer.
///
/// A skip list finds the place of each row anew, at a cache miss a step: a microsecond a row. Here
/// rows that come in order are appended to a run; where the order ends, the next run begins. Runs
/// are merged as they grow, so that there are few of them: each has more than half of the entries
/// of the one before it, like the digits of a binary number. Readers search all of them.
///
///     row   row   row   │  row   row  │  row          ← appended here, seen at once
///     ───── sealed ─────┴── sealed ───┴─ the last run
///
/// Rows in any order are taken as well, only slower. REQUIRES: keys are ordered by their bytes, and
/// `allow_concurrent_memtable_write` is off.
std::shared_ptr<rocksdb::MemTableRepFactory> sorted_runs();

}  // namespace boxoffice::rocks
