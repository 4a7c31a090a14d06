#include "projections/store/options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>

#include "projections/store/head_overwrite.hpp"
#include "rocks/options.hpp"

namespace boxoffice::projections {
namespace {

class HeadOverwrite : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& head,
             std::string* merged, rocksdb::Logger*) const override {
    merged->clear();
    if (existing) merged->assign(existing->data(), existing->size());
    overwrite_head_of(*merged, {head.data(), head.size()});
    return true;
  }
  const char* Name() const override { return "boxoffice.HeadOverwrite"; }
};

}  // namespace

rocks::Database::Settings tuned(const std::filesystem::path& directory,
                                const StoreSettings& settings,
                                std::function<bool(const std::string& family)> looked_up) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = rocksdb::NewLRUCache(settings.cache_bytes);
  blocks.cache_index_and_filter_blocks = true;  // so that they are bounded, too
  blocks.format_version = 5;
  blocks.block_size = 8u << 10;
  const std::shared_ptr<rocksdb::TableFactory> browsed(rocksdb::NewBlockBasedTableFactory(blocks));
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  const std::shared_ptr<rocksdb::TableFactory> searched(rocksdb::NewBlockBasedTableFactory(blocks));

  rocksdb::ColumnFamilyOptions family = rocks::family_options();
  family.merge_operator = std::make_shared<HeadOverwrite>();
  family.compression = rocksdb::kLZ4Compression;
  // Rows are small, random and mostly written once: rewrite them as seldom as can be.
  family.compaction_style = rocksdb::kCompactionStyleUniversal;
  family.level0_file_num_compaction_trigger = 12;

  rocks::Database::Settings tuned{.directory = directory.string(),
                                  .options = rocks::database_options(),
                                  .flush_bytes = settings.flush_bytes};
  tuned.family = [=](const std::string& name) {
    rocksdb::ColumnFamilyOptions options = family;
    options.table_factory = looked_up(name) ? searched : browsed;
    return options;
  };
  tuned.options.max_background_jobs = 2;
  tuned.options.max_open_files = 512;
  return tuned;
}

}  // namespace boxoffice::projections
