#include "projections/store/options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

namespace boxoffice::projections {
namespace {

/// An operand replaces as many bytes at the row's start; what follows them stays. Of several
/// operands the later wins where they overlap.
class HeadOverwrite : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& head,
             std::string* merged, rocksdb::Logger*) const override {
    merged->assign(head.data(), head.size());
    if (existing && existing->size() > head.size())
      merged->append(existing->data() + head.size(), existing->size() - head.size());
    return true;
  }
  const char* Name() const override { return "boxoffice.HeadOverwrite"; }
};

/// RocksDB's own log is not kept: it would be another file that grows, and a disk that fills up
/// while it is written ends the process (an assertion in Debian's build of 7.8).
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

/// Flushes and compactions run on the process's shared background threads, which yield to whoever
/// decides, answers or projects: nobody waits for them as long as memtables have room, but all wait
/// for the CPU. At half the top rate on two cores this took the 99th percentile of a claim from
/// some 90 ms to some 11 ms.
void yield_to_the_foreground() {
  using rocksdb::Env;
  for (const Env::Priority pool : {Env::Priority::HIGH, Env::Priority::LOW})
    Env::Default()->LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kLow);
}

}  // namespace

Tuning::Tuning(const StoreSettings& settings) {
  yield_to_the_foreground();
  database_.create_if_missing = true;
  // Without a log of its own, all tables are flushed as of the same moment: positions never run
  // ahead of rows.
  database_.atomic_flush = true;
  database_.avoid_flush_during_shutdown = true;  // `flush` is asked for; everything else is a crash
  database_.allow_concurrent_memtable_write = false;  // one writer, but for a rebuild
  database_.max_background_jobs = 2;
  database_.max_open_files = 512;
  database_.info_log = std::make_shared<NoLog>();
  database_.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(4 * settings.memtable_bytes);

  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = rocksdb::NewLRUCache(settings.cache_bytes);
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.format_version = 5;
  blocks.block_size = 8u << 10;

  family_.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family_.merge_operator = std::make_shared<HeadOverwrite>();
  family_.compression = rocksdb::kLZ4Compression;
  family_.write_buffer_size = settings.memtable_bytes;
  family_.max_write_buffer_number = 4;
  // Rows are small, random and mostly written once: rewrite them as seldom as can be.
  family_.compaction_style = rocksdb::kCompactionStyleUniversal;
  family_.level0_file_num_compaction_trigger = 12;
  family_.level0_slowdown_writes_trigger = 40;
  family_.level0_stop_writes_trigger = 64;
}

}  // namespace boxoffice::projections
