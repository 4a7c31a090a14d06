#pragma once

#include <rocksdb/options.h>

namespace boxoffice::rocks {

/// What all databases of the process begin with. They share RocksDB's background threads, which
/// run where a core has nothing else to do, see BackgroundEnv: nobody waits for a flush or a
/// compaction as long as there is memory left for more rows, and deciding waits for the CPU.
rocksdb::DBOptions database_options();

/// What all families begin with: rows are written in sorted chunks.
rocksdb::ColumnFamilyOptions family_options();

}  // namespace boxoffice::rocks
