#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace boxoffice::event_log::testing {

/// Another program on the same cluster, which does what it should not. Each call returns when the
/// cluster has acknowledged; the test's program ends where it does not.
class Meddler {
 public:
  explicit Meddler(const std::string& bootstrap_servers);
  ~Meddler();

  void write(const std::string& topic, int partition, std::string_view value);
  /// Deletes all records before `offset`.
  void delete_before(const std::string& topic, int partition, std::int64_t offset);
  void make_topic(const std::string& topic, int partitions,
                  const std::map<std::string, std::string>& properties);
  void delete_topic(const std::string& topic);
  /// The offset that a group has told.
  std::int64_t committed(const std::string& group, const std::string& topic, int partition);

 private:
  struct Connection;
  const std::string bootstrap_servers_;
  const std::unique_ptr<Connection> connection_;
};

/// A process that owns a transactional id and is in the midst of a transaction.
class OpenTransaction {
 public:
  OpenTransaction(const std::string& bootstrap_servers, const std::string& transactional_id);
  ~OpenTransaction();

  /// Returns when the record is on the topic, though undecided.
  void write(const std::string& topic, int partition, std::string_view value);
  /// The name of librdkafka's error; empty: it was committed.
  std::string commit();

 private:
  struct Connection;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace boxoffice::event_log::testing
