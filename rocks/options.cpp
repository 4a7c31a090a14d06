#include "rocks/options.hpp"

#include "rocks/background_env.hpp"
#include "rocks/sorted_runs.hpp"

namespace boxoffice::rocks {
namespace {

/// RocksDB's own log is not kept: it would be another file that grows, and a disk that fills up
/// while it is written ends the process (an assertion in Debian's build of 7.8).
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.env = background_env();
  options.create_if_missing = true;
  options.info_log = std::make_shared<NoLog>();
  options.allow_concurrent_memtable_write = false;
  // A file is with the disk before more of it is written: all at once, it would keep the message
  // log's next sync waiting. What is deleted is deleted by the background for the same reason.
  options.bytes_per_sync = 1u << 20;
  options.strict_bytes_per_sync = true;
  // And the kernel copies what is written at a time in one go, while nobody else has that core.
  options.writable_file_max_buffer_size = 64u << 10;
  options.avoid_unnecessary_blocking_io = true;
  // A flush is asked for where it is wanted; everything else is like a crash, after which the
  // message log has what is missing.
  options.avoid_flush_during_shutdown = true;
  return options;
}

rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.memtable_factory = sorted_runs();
  // Writers are stopped or not, nothing between: see Database::write.
  options.level0_stop_writes_trigger = 64;
  options.level0_slowdown_writes_trigger = options.level0_stop_writes_trigger;
  return options;
}

}  // namespace boxoffice::rocks
