#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace boxoffice::rocks {

/// Files whose blocks are freed a little at a time. Where the device is told of freed blocks (mount
/// option discard), it answers no sync meanwhile, and the log's is among those that wait: 12 ms for
/// 60 MB at once.
///
/// What is deleted is cut off from its end, piece by piece, each in a transaction of the file
/// system's own. A crash in between leaves a shorter file, which RocksDB deletes when it is opened:
/// nothing refers to it any more.
std::shared_ptr<rocksdb::FileSystem> steady_files();

}  // namespace boxoffice::rocks
